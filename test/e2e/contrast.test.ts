import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import { answerEnds, launchBrowser, NO_GPU, openPage, send, serveBundle, until } from '../support/browser.ts'
import { builtPage } from '../support/built-page.ts'

// On two cores without a GPU, beside other tests, the slowest of these took a third of this.
vi.setConfig({ testTimeout: 180_000 })

/** The window for eyes that need more: more contrast, and the few colours of a system that puts its own in place of ours. */

let page: Page

beforeAll(async () => {
  const { url } = await serveBundle(await builtPage('scripted'))
  const options = { viewport: { width: 900, height: 700 }, reducedMotion: 'reduce' } as const
  ;({ page } = await openPage(await launchBrowser(NO_GPU), `${url}?pace=0`, options))
  await page.locator('.meter').waitFor()
  await send(page, 'markdown')
  await answerEnds(page)
  await page.locator('pre code span').first().waitFor()
})

const worn = () => page.evaluate(() => document.documentElement.classList.contains('contrast'))

/** What has less than 7:1: `html: found`. */
async function faint(place: string): Promise<string[]> {
  const axe = new AxeBuilder({ page }).include(place).withRules('color-contrast-enhanced')
  const { violations } = await axe.analyze()
  return violations.flatMap(({ nodes }) =>
    nodes.map(({ html, any }) => `${html.slice(0, 120)}: ${any.map(({ message }) => message).join()}`),
  )
}

async function closeSheet(): Promise<void> {
  await page.keyboard.press('Escape')
  await page.locator('dialog').waitFor({ state: 'detached' })
}

test('a system that asks for more contrast gets it, where the colours are the system’s', async () => {
  expect(await worn()).toBe(false)
  await page.emulateMedia({ contrast: 'more' })
  await until('more contrast', worn)
  await page.keyboard.press('Control+,')
  const light = page.getByRole('dialog').getByLabel('Light', { exact: true })
  await light.check()
  await until('the colours that were chosen', async () => !(await worn()))
  await page.getByRole('button', { name: 'Restore default for Colours' }).click()
  await until('those of the system', worn)
  await closeSheet()
})

test('with more contrast every word has 7:1, light and dark', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await faint('body')).toEqual([])
    await page.keyboard.press('Control+,')
    await page.getByRole('dialog').waitFor()
    expect(await faint('dialog')).toEqual([])
    await closeSheet()
  }
})

/** Runs in the page: buttons and boxes that nothing sets apart from what is around them. */
function withoutEdge(): string[] {
  const ground = (element: Element | null): string => {
    const { backgroundColor } = element ? getComputedStyle(element) : { backgroundColor: 'none' }
    return backgroundColor === 'rgba(0, 0, 0, 0)' ? ground(element?.parentElement ?? null) : backgroundColor
  }
  const controls = document.querySelectorAll('button, textarea, input:not([type=file]), summary, [popover]')
  return [...controls]
    .filter((element) => element.checkVisibility() && element.getBoundingClientRect().width > 1)
    .filter((element) => {
      // The system draws these.
      if (element.matches('input:is([type=checkbox], [type=radio], [type=range])')) return false
      const framed = [element, element.parentElement].map((each) => each && getComputedStyle(each))
      return !framed.some(
        (style) => style && parseFloat(style.borderTopWidth) > 0 && style.borderTopColor !== ground(element),
      )
    })
    .map((element) => element.outerHTML.slice(0, 160))
}

/** Runs in the page: how what has the focus shows it. */
function focusRing(): string {
  const element = document.activeElement
  if (!element) return 'nothing'
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element)
  return outlineColor === getComputedStyle(document.body).backgroundColor
    ? 'unseen'
    : `${outlineStyle} ${outlineWidth}`
}

test('with the system’s few colours every control has an edge, and the focus is seen', async () => {
  await page.emulateMedia({ contrast: 'no-preference', forcedColors: 'active' })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await page.evaluate(withoutEdge)).toEqual([])
    await page.getByLabel('Message', { exact: true }).focus()
    for (let stop = 0; stop < 6; stop++) {
      await page.keyboard.press('Shift+Tab')
      expect(await page.evaluate(focusRing)).toBe('solid 3px')
    }
    await page.keyboard.press('Control+,')
    await page.getByRole('dialog').waitFor()
    expect(await page.evaluate(withoutEdge)).toEqual([])
    await closeSheet()
  }
  // What is filled with a colour is filled still.
  const send = page.getByRole('button', { name: 'Send the message' })
  await page.getByLabel('Message', { exact: true }).fill('Hello')
  const grounds = await send.evaluate((button) =>
    [button, document.body].map((element) => getComputedStyle(element).backgroundColor),
  )
  expect(grounds[0]).not.toBe(grounds[1])
})
