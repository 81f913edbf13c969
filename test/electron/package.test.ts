import { extractFile, listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { build as buildPackages, Platform } from 'electron-builder'
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

/** A package before its last step. */
interface Made {
  /** the entry in the menu of a desktop, line by line */
  readonly entry: readonly string[]
  /** what goes where; of an AppImage that is not said */
  readonly files: readonly string[]
}

let work: string
let app: string
const made: Made[] = []

/** An AppImage hands out its entry, a deb the arguments of its tool and where its entry lies. */
async function describePackage(options: unknown): Promise<Made> {
  if (!Array.isArray(options))
    return { entry: (options as { desktop: string }).desktop.split('\n'), files: [] }
  const [files, path] = options as [string[], string]
  return { entry: (await readFile(path, 'utf8')).split('\n'), files }
}

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
  // What makes the last step of an AppImage and of a deb is fetched; up to there they are made, and looked at.
  await buildPackages({
    projectDir: ROOT,
    targets: Platform.LINUX.createTarget(['AppImage', 'deb']),
    publish: 'never',
    config: { electronDist: electron, directories: { output: join(work, 'release') } },
    effectiveOptionComputed: async (options: unknown) => {
      made.push(await describePackage(options))
      return true
    },
  })
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

test('it has no address to look for newer versions at', async () => {
  expect(await readdir(join(app, 'resources'))).not.toContain('app-update.yml')
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
  expect(names).toEqual(
    expect.arrayContaining(['svelte', 'marked', 'pdfjs-dist', 'electron', 'Chromium', 'Node.js', 'pocket']),
  )
  expect(names).not.toContain('vitest')
  expect(names.length).toBeGreaterThan(50)
  expect(sbom.components.filter(({ licenses }) => !licenses?.length)).toEqual([])
  const archive = join(app, 'resources/app.asar')
  const licences = JSON.parse(extractFile(archive, 'dist/renderer/licences.json').toString()) as {
    readonly packages: readonly { readonly name: string; readonly licence: string; readonly text: string }[]
  }
  expect(licences.packages.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['svelte', 'marked', 'electron', 'Chromium', 'Node.js']),
  )
  expect(licences.packages.filter(({ licence }) => licence === '')).toEqual([])
  expect(licences.packages.filter(({ text }) => text.length < 100)).toEqual([])
  const textOf = (wanted: string) => licences.packages.find(({ name }) => name === wanted)?.text
  expect(textOf('electron')).toContain('Electron contributors')
  expect(textOf('Chromium')).toContain('LICENSES.chromium.html')
  // Two that bring no licence file: the words are those of the licence that they name, the author is theirs.
  expect(textOf('is-reference')).toMatch(/^Copyright \(c\) Rich Harris\n\nPermission is hereby granted/)
  expect(textOf('@tensorflow/tfjs-core')).toMatch(/^Copyright \(c\) the authors of .*\n\n\s*Apache License/)
})

test('on Linux a menu starts it in its sandbox, it opens chat files, and it has a picture of every size', () => {
  expect(made).toHaveLength(2)
  const [appImage, deb] = made as [Made, Made]
  expect(appImage.entry).toContain('Exec=AppRun %U')
  expect(deb.entry).toContain('Exec=/opt/Plateau/plateau %U')
  for (const { entry } of made) {
    expect(entry).toContain('MimeType=application/vnd.plateau.chat;')
    expect(entry).toContain('StartupWMClass=plateau')
    expect(entry.join()).not.toContain('sandbox')
  }
  expect(deb.files).toContain(`${app}/=/opt/Plateau`)
  expect(deb.files.some((file) => file.endsWith('=/usr/share/mime/packages/plateau.xml'))).toBe(true)
  for (const size of PNG_SIZES)
    expect(deb.files).toContain(
      `${ROOT}/assets/icons/linux/${size}x${size}.png=/usr/share/icons/hicolor/${size}x${size}/apps/plateau.png`,
    )
})

const PNG_SIZES = [16, 32, 48, 64, 128, 256, 512]
/** Apple's names for the sizes of an .icns: the four letters, and pixels. */
const ICNS_SIZES = { ic11: 32, ic12: 64, ic07: 128, ic13: 256, ic08: 256, ic14: 512, ic09: 512, ic10: 1024 }

/** Width and height of a PNG. */
function sizeOf(png: Buffer): readonly [number, number] {
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  return [png.readUInt32BE(16), png.readUInt32BE(20)]
}

test('the icons of all systems are what they are named', async () => {
  const icon = (name: string) => readFile(join(ROOT, 'assets/icons', name))
  for (const size of PNG_SIZES) expect(sizeOf(await icon(`linux/${size}x${size}.png`))).toEqual([size, size])

  const ico = await icon('icon.ico')
  const inIco = Array.from({ length: ico.readUInt16LE(4) }, (_, i) => {
    const at = 6 + 16 * i
    const start = ico.readUInt32LE(at + 12)
    return sizeOf(ico.subarray(start, start + ico.readUInt32LE(at + 8)))[0]
  })
  expect(inIco).toEqual([16, 32, 48, 64, 128, 256])

  const icns = await icon('icon.icns')
  expect([icns.subarray(0, 4).toString(), icns.readUInt32BE(4)]).toEqual(['icns', icns.length])
  const inIcns: [string, number][] = []
  for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4))
    inIcns.push([icns.subarray(at, at + 4).toString(), sizeOf(icns.subarray(at + 8))[0]])
  expect(Object.fromEntries(inIcns)).toEqual(ICNS_SIZES)
})

test('each system gets its kind of package, with its icon; chat files are opened, nobody is asked for updates', async () => {
  const config = await readFile(join(ROOT, 'electron-builder.yml'), 'utf8')
  for (const line of [
    'target: [AppImage, deb]',
    'target: nsis',
    'icon: assets/icons/icon.ico',
    'target: dmg',
    'icon: assets/icons/icon.icns',
    '- ext: chat',
    'publish: null',
  ])
    expect(config).toContain(line)
  await expect(readFile(join(app, 'resources/app-update.yml'))).rejects.toThrow('ENOENT')
})
