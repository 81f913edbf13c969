import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds package.json and assets/, from a source file and from a bundle in dist/ alike. */
export const ROOT = findRoot(dirname(fileURLToPath(import.meta.url)))

/** The built-in model's folder. */
export const POCKET = join(ROOT, 'assets/pocket')

function findRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findRoot(dirname(folder))
}
