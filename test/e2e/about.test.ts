import type { Browser } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import type { Loopback } from '../../bin/loopback.ts'
import { violations } from '../support/axe.ts'
import { launchBrowser, NO_GPU, serveBundle } from '../support/browser.ts'
import { builtPage } from '../support/built-page.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let browser: Browser
let server: Loopback

beforeAll(async () => {
  server = await serveBundle(await builtPage('scripted'))
  browser = await launchBrowser(NO_GPU)
})

test('a long licence can be read without a mouse', async () => {
  const page = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage()
  const text = 'Permission is granted.\n'.repeat(200)
  const json = { version: '0.0.0', own: text, packages: [{ name: 'a', version: '1', licence: 'MIT', text }] }
  await page.route('**/licences.json', (route) => route.fulfill({ json }))
  await page.goto(server.url)
  await page.getByLabel('Message', { exact: true }).waitFor({ timeout: 120_000 })
  await page.keyboard.press('Control+,')
  await page.getByText('Version and licences of what is in it').click()
  await page.getByText('Pocket 0.0.0, MIT').waitFor()
  await page.getByText('a 1, MIT').click()
  const licence = page.getByRole('region', { name: 'a', exact: true })
  await licence.focus()
  await page.keyboard.press('End')
  expect(await violations(page)).toEqual([])
  // Axe would say so.
  await licence.evaluate((element) => element.removeAttribute('tabindex'))
  expect(JSON.stringify(await violations(page))).toContain('scrollable-region-focusable')
})
