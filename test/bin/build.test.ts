import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { TARGETS } from '../../bin/build.js'
import { ROOT } from '../../bin/root.ts'

/** What is named outside of these folders, but for electron/, of which the window has types alone, and for dist/. */
function takenIn(folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(ROOT, folder, file),
      ),
    )
    .filter((file) => /\.(ts|svelte)$/.test(file))
    .flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/'(\.\.\/[^'?]+)(\?[^']*)?'/g)].map(([, path = '']) =>
        resolve(dirname(file), path),
      ),
    )
    .filter((path) => existsSync(path))
    .map((path) => relative(ROOT, path))
    .filter((path) => ![...folders, 'electron', 'dist'].includes(path.split('/')[0] ?? ''))
}

test('the window is built anew when anything changes that is in it', () => {
  const { sources } = TARGETS.renderer
  const used = [...takenIn(['renderer', 'engine', 'kernels']), 'LICENSE']
  expect(used).toContain('assets/models.json')
  expect(used).toContain('assets/samples/letter.txt')
  const missing = used.filter(
    (path) => !sources.some((source) => path === source || path.startsWith(`${source}/`)),
  )
  expect(missing).toEqual([])
})
