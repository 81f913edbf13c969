import { spawnSync } from 'node:child_process'
import { findBrowser } from '../../bin/browser.ts'

const APT = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const

/**
 * The browser that the tests drive; where there is none and this process may install one, root with apt-get, it does.
 *
 * @throws one sentence that says what to install
 */
export function ensureChromium(): string {
  const found = findBrowser()
  if (found !== null) return found
  if (process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0) {
    process.stderr.write('There is no Chromium here: installing the package chromium ...\n')
    spawnSync('apt-get', ['update', '-qq'], APT)
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], APT)
  }
  const installed = findBrowser()
  if (installed === null)
    throw new Error(
      'The tests need Chromium: install it (on Debian: sudo apt-get install chromium) and run them again.',
    )
  return installed
}
