import { extractFile, listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildStale } from '../../bin/build.js'
import { ROOT } from '../../bin/root.ts'

/** Where Electron's binary keeps its fuses: this sentence, the version, how many, and one character each. */
const FUSE_SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const [OFF, ON] = ['0'.charCodeAt(0), '1'.charCodeAt(0)]

let work: string
let app: string

// Electron's own binary may not be had here, and is not what is tested: a file with fuses in it stands for it.
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'plateau-package-'))
  const electron = join(work, 'electron')
  await mkdir(join(electron, 'resources'), { recursive: true })
  const fuses = Uint8Array.of(1, 9, ON, OFF, ON, ON, OFF, OFF, ON, ON, OFF)
  await writeFile(join(electron, 'electron'), Buffer.concat([Buffer.from(FUSE_SENTINEL), fuses]))
  await chmod(join(electron, 'electron'), 0o755)

  await buildStale('electron', 'renderer')
  await promisify(execFile)(process.execPath, [join(ROOT, 'bin/sbom.js')])
  const builder = join(ROOT, 'node_modules/electron-builder/cli.js')
  const options = [`-c.electronDist=${electron}`, `-c.directories.output=${join(work, 'release')}`]
  await promisify(execFile)(process.execPath, [builder, '--dir', '--linux', ...options], { cwd: ROOT })
  app = join(work, 'release/linux-unpacked')
})
afterAll(() => rm(work, { recursive: true, force: true }))

test('the archive holds the bundles and nothing else', () => {
  const files = listPackage(join(app, 'resources/app.asar'), { isPack: false })
  expect(files).toEqual(
    expect.arrayContaining([
      '/package.json',
      '/LICENSE',
      '/dist/electron/main.cjs',
      '/dist/electron/preload.cjs',
      '/dist/renderer/index.html',
    ]),
  )
  const strange = files.filter(
    (file) => !/^\/(package\.json|LICENSE|dist(\/electron.*|\/renderer.*)?)$/.test(file),
  )
  expect(strange).toEqual([])
  expect(files.filter((file) => /\.(ts|svelte|wgsl|map)$|built-from/.test(file))).toEqual([])
})

test('the built-in model lies beside it, without how it was trained', async () => {
  const files = await readdir(join(app, 'resources/pocket'))
  expect(files).toEqual(expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json']))
  expect(files).not.toContain('train')
})

test('the fuses of the packaged program are those of the golden file', async () => {
  const { version, ...wire } = await getCurrentFuseWire(join(app, 'plateau'))
  const lines = Object.entries(wire).map(([fuse, state]) => {
    const name = FuseV1Options[Number(fuse)] ?? `fuse ${fuse}`
    return `${name} ${String.fromCharCode(Number(state))}`
  })
  await expect(`version ${version}\n${lines.join('\n')}\n`).toMatchFileSnapshot('../golden/fuses.txt')
})

test('what it is made of is said beside it, and in the window', async () => {
  interface Bom {
    readonly bomFormat: string
    readonly components: readonly { readonly name: string; readonly licenses?: readonly unknown[] }[]
  }
  const sbom = JSON.parse(await readFile(join(app, 'resources/sbom.cdx.json'), 'utf8')) as Bom
  const names = sbom.components.map(({ name }) => name)
  expect(sbom.bomFormat).toBe('CycloneDX')
  expect(names).toEqual(expect.arrayContaining(['svelte', 'marked', 'pdfjs-dist']))
  expect(names).not.toContain('vitest')
  expect(names.length).toBeGreaterThan(50)
  expect(sbom.components.filter(({ licenses }) => !licenses?.length)).toEqual([])
  const archive = join(app, 'resources/app.asar')
  const licences = JSON.parse(extractFile(archive, 'dist/renderer/licences.json').toString()) as {
    readonly packages: readonly { readonly name: string; readonly licence: string; readonly text: string }[]
  }
  expect(licences.packages.map(({ name }) => name)).toEqual(expect.arrayContaining(['svelte', 'marked']))
  expect(licences.packages.filter(({ licence }) => licence === '')).toEqual([])
  expect(licences.packages.filter(({ text }) => text !== '').length).toBeGreaterThan(50)
})

test('each system gets its kind of package, which opens chat files and asks nobody for updates', async () => {
  const config = await readFile(join(ROOT, 'electron-builder.yml'), 'utf8')
  for (const line of [
    'target: [AppImage, deb]',
    'target: nsis',
    'target: dmg',
    '- ext: chat',
    'publish: null',
  ])
    expect(config).toContain(line)
  await expect(readFile(join(app, 'resources/app-update.yml'))).rejects.toThrow('ENOENT')
})
