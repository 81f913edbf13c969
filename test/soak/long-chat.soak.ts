import type { CDPSession, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { answerEnds, launchBrowser, NO_GPU } from '../support/browser.ts'
import { longChat } from '../support/long-chat.ts'
import { openShell } from '../support/opened-shell.ts'
import { row, times } from './rows.ts'

const LONG_TASK = 50
const NOTCHES = 60

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  /** microseconds by the clock, and of the processor */
  readonly dur?: number
  readonly tdur?: number
  readonly args: { readonly name?: string }
}

/**
 * The tasks of the window's own thread while something is done: by the clock, which other programs stretch, and of the
 * processor, which they do not.
 */
async function tasksWhile(session: CDPSession, work: () => Promise<unknown>): Promise<string> {
  const events: TraceEvent[] = []
  const collect = ({ value }: { value: object[] }) => void events.push(...(value as TraceEvent[]))
  session.on('Tracing.dataCollected', collect)
  await session.send('Tracing.start', { traceConfig: { includedCategories: ['toplevel', '__metadata'] } })
  await work()
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
  await session.send('Tracing.end')
  await complete
  session.off('Tracing.dataCollected', collect)
  const threads = new Set(
    events
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  )
  const tasks = events.filter(
    ({ name, pid, tid }) => name.endsWith('RunTask') && threads.has(`${pid} ${tid}`),
  )
  const told = (lengths: readonly number[]) => {
    const long = lengths.filter((length) => length > LONG_TASK).length
    return `${long} over ${LONG_TASK} ms, the longest ${Math.round(Math.max(0, ...lengths))}`
  }
  expect(tasks.length).toBeGreaterThan(0)
  return `${told(tasks.map(({ tdur = 0 }) => tdur / 1000))} of the processor (${told(tasks.map(({ dur = 0 }) => dur / 1000))} by the clock)`
}

/** Milliseconds of the processor that the window's own thread has taken so far. */
async function processorTime(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? NaN)
}

/** Milliseconds from the click until the chat's last words are painted. */
function open(page: Page, last: string): Promise<number> {
  return page.evaluate(async (words) => {
    const start = performance.now()
    document.querySelector<HTMLElement>('nav button.open')?.click()
    while (!document.querySelector('main')?.textContent.includes(words))
      await new Promise(requestAnimationFrame)
    await new Promise(requestAnimationFrame)
    return Math.round(performance.now() - start)
  }, last)
}

async function scroll(page: Page): Promise<void> {
  await page.locator('main').hover()
  for (let notch = 0; notch < NOTCHES; notch++) {
    await page.mouse.wheel(0, -500)
    await page.evaluate(() => new Promise(requestAnimationFrame))
  }
}

async function typeWhileAnswered(page: Page): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill('markdown')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'A small tour' }).waitFor()
  await page.keyboard.type('One can type while an answer is written, and every letter is there at once.')
  await answerEnds(page)
}

test('a chat of 2,000 messages of 300 words: opened, scrolled through, and answered while one types', async () => {
  const count = times(2000)
  const { shell, conversations } = await openShell('scripted')
  await longChat(conversations, count, 300)
  const browser = await launchBrowser(NO_GPU)
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 } })
  await page.goto(shell.entryUrl)
  await page.goto(`${shell.origin}/?kept&pace=20`)
  await page.locator('nav button.open').first().waitFor()
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const opened: string[] = []
  const openOnce = async () => {
    const before = await processorTime(session)
    const milliseconds = await open(page, `Number ${count}:`)
    opened.push(`${milliseconds} (${Math.round((await processorTime(session)) - before)} of the processor)`)
  }
  const opening = await tasksWhile(session, openOnce)
  // Again, when neither the shell nor the window does it for the first time.
  await page.keyboard.press('Control+Shift+O')
  await page.getByRole('heading', { name: 'A memory that stays flat' }).waitFor()
  await openOnce()
  const scrolling = await tasksWhile(session, () => scroll(page))
  const made = await page.locator('main li[aria-posinset]').count()
  await page.getByRole('button', { name: 'Latest' }).click()
  const typing = await tasksWhile(session, () => typeWhileAnswered(page))
  await browser.close()
  await conversations.close()
  row(
    'messages in one chat',
    count,
    `opened in ${opened.join(' and then ')} ms, tasks: ${opening}`,
    `${NOTCHES * 500} pixels scrolled, tasks: ${scrolling}, ${made} messages in the document`,
    `typed while an answer came, tasks: ${typing}`,
  )
  expect(made).toBeLessThan(30)
})
