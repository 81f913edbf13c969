import type { Page } from 'playwright-core'
import { afterAll } from 'vitest'
import type { Bridge } from '../../electron/bridge.ts'
import { type BrowserShell, startBrowserShell } from '../../electron/browser-shell.ts'
import type { Conversations } from '../../electron/conversations.ts'
import { builtPage } from './built-page.ts'
import { testBridge } from './test-bridge.ts'

const shells: BrowserShell[] = []
afterAll(() => {
  for (const shell of shells) shell.close()
})

/** The browser shell with a page, Pocket and a disk of its own behind it, until the file's tests have ended. */
export async function openShell(
  page: 'window' | 'scripted',
): Promise<{ shell: BrowserShell; bridge: Bridge; conversations: Conversations }> {
  const renderer = await builtPage(page)
  const { bridge, conversations } = await testBridge({ version: '0.0.0', shell: 'browser', webgpu: '' })
  const shell = await startBrowserShell({ renderer, pocket: 'assets/pocket' }, bridge, 0)
  shells.push(shell)
  return { shell, bridge, conversations }
}

/** Open the scripted page with the shell's disk behind it, where the shell's cookie is; `query` says what happens. */
export async function openKept(page: Page, { origin }: BrowserShell, query = ''): Promise<void> {
  await page.goto(`${origin}/?kept${query}`)
  await page.locator('.meter').waitFor()
}
