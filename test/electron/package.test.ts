import { listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
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

test('the fuses are set: no Node in disguise, no debugger, only our archive', async () => {
  const wire = await getCurrentFuseWire(join(app, 'plateau'))
  expect({
    runAsNode: wire[FuseV1Options.RunAsNode],
    cookieEncryption: wire[FuseV1Options.EnableCookieEncryption],
    nodeOptions: wire[FuseV1Options.EnableNodeOptionsEnvironmentVariable],
    nodeInspect: wire[FuseV1Options.EnableNodeCliInspectArguments],
    asarIntegrity: wire[FuseV1Options.EnableEmbeddedAsarIntegrityValidation],
    onlyAsar: wire[FuseV1Options.OnlyLoadAppFromAsar],
    filePrivileges: wire[FuseV1Options.GrantFileProtocolExtraPrivileges],
  }).toEqual({
    runAsNode: OFF,
    cookieEncryption: ON,
    nodeOptions: OFF,
    nodeInspect: OFF,
    asarIntegrity: ON,
    onlyAsar: ON,
    filePrivileges: OFF,
  })
})
