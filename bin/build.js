// Plain JavaScript, because Node 20 cannot run TypeScript and this file is what turns ours into JavaScript.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileMessages } from './messages.js'
import { shippedPackages } from './shipped.js'

/** @typedef {import('vite').InlineConfig} InlineConfig */
/** @typedef {'bin' | 'electron' | 'renderer'} Target */

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * For Node and Electron everything is bundled but the modules named here; `electron` is one of its own.
 *
 * @param {Record<string, string>} input
 * @param {'es' | 'cjs'} format
 * @returns {InlineConfig}
 */
const nodeBundle = (input, format) => ({
  root: ROOT,
  configFile: false,
  ssr: {
    noExternal: true,
    external: ['electron', 'webgpu', 'vite', 'playwright-core', 'node-llama-cpp'],
    target: 'node',
  },
  build: {
    ssr: true,
    target: 'node20',
    rolldownOptions: {
      input,
      output: {
        format,
        entryFileNames: format === 'es' ? '[name].js' : '[name].cjs',
        chunkFileNames: format === 'es' ? '[name]-[hash].js' : '[name]-[hash].cjs',
      },
    },
  },
})

/**
 * Each target: what it is made from, and the vite builds that make it. The preload script is a build
 * of its own because a sandboxed one may not load a second file.
 *
 * @type {Record<Target, { sources: string[], builds: InlineConfig[] }>}
 */
export const TARGETS = {
  bin: {
    sources: ['bin', 'electron', 'engine', 'kernels'],
    builds: [
      nodeBundle(
        {
          plateau: 'bin/plateau.ts',
          start: 'bin/start.ts',
          'documents-worker': 'bin/documents/worker.ts',
          'model-process': 'bin/model-process.ts',
        },
        'es',
      ),
    ],
  },
  electron: {
    sources: ['electron', 'bin', 'engine', 'kernels'],
    builds: [
      nodeBundle({ main: 'electron/main.ts' }, 'cjs'),
      nodeBundle({ 'model-process': 'bin/model-process.ts' }, 'cjs'),
      nodeBundle({ preload: 'electron/preload.ts' }, 'cjs'),
    ],
  },
  renderer: {
    sources: [
      'renderer',
      'engine',
      'kernels',
      'electron/bridge.ts',
      'assets/models.json',
      'assets/samples',
      'LICENSE',
    ],
    builds: [{ configFile: join(ROOT, 'renderer/vite.config.ts') }],
  },
}

/** Build each target whose sources, or this file, or an installed package, changed since its last build. */
export async function buildStale(/** @type {Target[]} */ ...targets) {
  if (targets.includes('renderer')) await compileMessages()
  for (const target of targets) {
    const output = join(ROOT, 'dist', target)
    const stamp = join(output, '.built-from')
    const now = fingerprint([
      ...TARGETS[target].sources,
      'bin/build.js',
      'bin/messages.js',
      'bin/shipped.js',
      'package.json',
      'package-lock.json',
    ])
    const isFresh = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === now
    if (isFresh()) continue
    process.stderr.write(`Building ${target} ...\n`)
    // Made beside its place and moved there when whole: a running program never sees half a build.
    const fresh = `${output}.${process.pid}`
    try {
      const { build } = await import('vite')
      for (const config of TARGETS[target].builds) {
        const options = { ...config.build, outDir: fresh, emptyOutDir: false }
        await build({ logLevel: 'error', ...config, build: options })
      }
      if (target === 'renderer') writeFileSync(join(fresh, 'licences.json'), licences())
      writeFileSync(join(fresh, '.built-from'), now)
      rmSync(output, { recursive: true, force: true })
      try {
        renameSync(fresh, output)
      } catch (error) {
        // Another process that built the same at the same time was first.
        if (!isFresh()) throw error
      }
    } finally {
      rmSync(fresh, { recursive: true, force: true })
    }
  }
}

/** What the About section of the settings shows. */
function licences() {
  /** @type {unknown} */
  const packageJson = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const { version } = /** @type {{ version: string }} */ (packageJson)
  const own = readFileSync(join(ROOT, 'LICENSE'), 'utf8')
  return JSON.stringify({ version, own, packages: shippedPackages(ROOT) })
}

/** A hash over path, size and time of every file: 2 ms where reading them all would take 50. */
function fingerprint(/** @type {string[]} */ sources) {
  const hash = createHash('sha256')
  for (const source of sources) {
    const path = join(ROOT, source)
    const files = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
          .sort()
      : [path]
    for (const file of files) {
      const { size, mtimeMs } = statSync(file)
      hash.update(`${file} ${size} ${mtimeMs}\n`)
    }
  }
  return hash.digest('hex')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildStale('bin', 'electron', 'renderer')
