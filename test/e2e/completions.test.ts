import type { Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import { launchBrowser, openPage, serveBundle, type Watch } from '../support/browser.ts'
import { builtPage } from '../support/built-page.ts'
import type { CompletionsPage } from './completions/main.ts'

vi.setConfig({ testTimeout: 180_000 })

declare global {
  interface Window {
    readonly completions: CompletionsPage
  }
}

/** Code that was written for WebLLM, on Plateau's worker, kernels and built-in model in a real Chromium. */
let page: Page
let seen: Watch

beforeAll(async () => {
  const { url } = await serveBundle(await builtPage('completions'))
  ;({ page, seen } = await openPage(await launchBrowser(), url))
})

test('chat.completions.create answers whole and in pieces, the same, and goes on where it was', async () => {
  const hello = [{ role: 'user' as const, content: 'My name is Mira.' }]
  const first = await page.evaluate((messages) => window.completions.whole(messages), hello)
  expect(first.text).not.toBe('')
  expect(first.tokens).toBeGreaterThan(1)
  expect(['stop', 'length']).toContain(first.finish)

  const streamed = await page.evaluate((messages) => window.completions.streamed(messages), hello)
  expect(streamed.pieces.length).toBeGreaterThan(1)
  expect({ ...streamed, pieces: streamed.pieces.join('') }).toEqual({
    pieces: first.text,
    finish: first.finish,
    tokens: first.tokens,
  })

  const more = [
    ...hello,
    { role: 'assistant' as const, content: first.text },
    { role: 'user' as const, content: 'What is my name?' },
  ]
  const answer = await page.evaluate((messages) => window.completions.whole(messages), more)
  expect(answer.text).toContain('Mira')
  expect(seen.problems).toEqual([])
})
