import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { seeded } from '../support/numerics.ts'
import { LOAD_MILLISECONDS, RealWindow } from '../support/real-window.ts'

vi.setConfig({ testTimeout: LOAD_MILLISECONDS, hookTimeout: LOAD_MILLISECONDS })

const window = new RealWindow()
beforeAll(() => window.open())
afterAll(() => window.close())

test('kill -9 of the browser in an answer: the message is there, and all words older than a second', async () => {
  expect(await window.dieInAnswer('Tell me a long story about a lake.', seeded(1))).toBeNull()
  await window.page.getByText('Tell me a long story about a lake.').first().waitFor()
})
