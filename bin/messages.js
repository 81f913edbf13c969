// Plain JavaScript for the same reason as build.js, which calls it.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const PROJECT = join(ROOT, 'renderer/project.inlang')
const MESSAGES = join(ROOT, 'renderer/messages')
const OUTPUT = join(ROOT, 'dist/messages')

/**
 * The window's sentences, a JSON file for each folder and language, as the functions that `#messages` names. Nothing is
 * fetched: the one plug-in is a file of node_modules. Does nothing where no message changed since the last time.
 */
export async function compileMessages() {
  const stamp = join(OUTPUT, '.compiled-from')
  const now = fingerprint()
  const isFresh = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === now
  if (isFresh()) return
  // Made beside its place and moved there when whole, as the bundles are.
  const fresh = `${OUTPUT}.${process.pid}`
  try {
    const { compile } = await import('@inlang/paraglide-js')
    await compile({
      project: PROJECT,
      outdir: relative(process.cwd(), fresh),
      outputStructure: 'locale-modules',
      // Neither cookie nor address: renderer/state/language.svelte.ts says which language it is.
      strategy: ['globalVariable', 'baseLocale'],
      disableAsyncLocalStorage: true,
      emitTsDeclarations: true,
      emitGitIgnore: false,
      emitPrettierIgnore: false,
      emitReadme: false,
    })
    writeFileSync(join(fresh, '.compiled-from'), now)
    rmSync(OUTPUT, { recursive: true, force: true })
    try {
      renameSync(fresh, OUTPUT)
    } catch (error) {
      // Another process that compiled the same at the same time was first.
      if (!isFresh()) throw error
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** A hash over everything that the output is made from. */
function fingerprint() {
  const hash = createHash('sha256')
  const files = [
    join(PROJECT, 'settings.json'),
    ...readdirSync(MESSAGES).map((file) => join(MESSAGES, file)),
    join(ROOT, 'node_modules/@inlang/paraglide-js/package.json'),
    fileURLToPath(import.meta.url),
  ]
  for (const file of files) hash.update(`${file}\n`).update(readFileSync(file))
  return hash.digest('hex')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await compileMessages()
