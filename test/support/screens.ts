import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { violations } from './axe.ts'
import { Pictures } from './pictures.ts'
import { unusable } from './zoomed.ts'

const FOLDERS = {
  stored: 'test/e2e/screens',
  seen: 'test/output/screens-seen',
  store: process.env['SCREENS'] === 'store',
}
export const SIZE = { width: 1120, height: 760 }
/** The view of a window as it opens, 960 × 800, at a zoom of 200 %. */
const ZOOMED = { width: 480, height: 400 }
/**
 * The share of a picture that may differ. Busy, idle and with other hinting the same machine gave 0; a hidden icon is
 * 0.0003 to 0.0008, a line more that moves the others 0.009 to 0.1.
 */
const TOLERANCE = 0.003

/** More of what a screen before them shows, which was looked at there. */
const PICTURES_ONLY = ['settings-servers', 'about']
/** Nothing in them was measured: times are the script's. */
const UNMEASURED = ['compare-done', 'needles-done']

/** The screens of one window, one after the other, as they are held against their pictures. */
export class Screens {
  readonly #page: Page
  readonly #pictures: Pictures

  static async open(browser: Browser, page: Page): Promise<Screens> {
    return new Screens(page, await Pictures.open(browser, FOLDERS))
  }

  private constructor(page: Page, pictures: Pictures) {
    this.#page = page
    this.#pictures = pictures
  }

  /** What is on screen is like its pictures, light and dark, axe finds nothing in it, and it can be used at a zoom of 200 %. */
  async look(name: string): Promise<void> {
    const page = this.#page
    await page.evaluate(settle, UNMEASURED.includes(name))
    // What lies under a sheet cannot be reached.
    const place = (await page.locator('dialog').count()) > 0 ? 'dialog' : 'body'
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      // Storing is quick, so that it is done: axe looks at the next run.
      if (!FOLDERS.store && !PICTURES_ONLY.includes(name))
        expect(await violations(page, place, [colorScheme])).toEqual([])
      const screenshot = await page.screenshot({ animations: 'disabled', caret: 'hide' })
      const picture = `${name}-${colorScheme}`
      const differs = await this.#pictures.differ(picture, screenshot)
      const found = `look at ${FOLDERS.seen}/${picture}.png`
      // All that differ are told at once.
      expect
        .soft(differs, `share of ${picture} that is not as it was; ${found}`)
        .toBeLessThanOrEqual(TOLERANCE)
    }
    if (FOLDERS.store || PICTURES_ONLY.includes(name)) return
    const size = page.viewportSize() ?? SIZE
    await page.setViewportSize(ZOOMED)
    try {
      expect(await unusable(page, await this.#onTop())).toEqual([])
      expect(await violations(page, place, ['light'])).toEqual([])
    } finally {
      await page.setViewportSize(size)
    }
  }

  /** One may lie over another; one that is closing is still in the document. */
  async closeSheets(): Promise<void> {
    const sheets = this.#page.locator('dialog')
    for (let open = await sheets.count(); open > 0; open = await sheets.count()) {
      await this.#page.keyboard.press('Escape')
      await sheets.nth(open - 1).waitFor({ state: 'detached' })
    }
  }

  /** What lies over all else at a zoom of 200 %. */
  async #onTop(): Promise<string> {
    for (const place of ['dialog', ':popover-open', '.frame > aside'])
      if ((await this.#page.locator(place).count()) > 0) return `${place} >> nth=-1`
    return 'body'
  }
}

/** Runs in the page: the letters are there, times that were measured are as long as each other, and the disk is any. */
async function settle(isUnmeasured: boolean): Promise<void> {
  await document.fonts.ready
  if (isUnmeasured) return
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const text = texts.currentNode as Text
    text.data = text.data.replace(/[\d.]+ ms\b/g, '10 ms')
    // The script's own speed is 50; any other was measured.
    const speed = /[\d,.]+(?= per second)|(?<=^writes )[\d,.]+/
    text.data = text.data.replace(speed, (shown) => (shown === '50' ? shown : '5,000'))
    if (!text.parentElement?.closest('td')) text.data = text.data.replace(/\d,\d{3}(?= tok)/, '5,000')
    if (/B free\b|plateau-test-/.test(text.data)) text.data = 'So much is free. Models lie in a folder.'
  }
}
