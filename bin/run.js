// node bin/run.js PROGRAM ARGUMENTS: build what is stale, then become that program.
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { buildStale } from './build.js'

const [program = 'plateau', ...programArguments] = process.argv.slice(2)
try {
  await buildStale('bin')
  if (program === 'start') await buildStale('electron', 'renderer')
} catch (error) {
  const reason = stripVTControlCharacters(error instanceof Error ? error.message : String(error))
  process.stderr.write(`Plateau could not be built: ${reason}\n`)
  process.exit(1)
}
const entry = new URL(`../dist/bin/${program}.js`, import.meta.url)
process.argv.splice(1, Infinity, fileURLToPath(entry), ...programArguments)
await import(entry.href)
