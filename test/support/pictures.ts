import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'

/** What the comparison looks at: pictures this many times smaller, so that the edges of letters melt into their lines. */
const CELL_PIXELS = 8
/** Two cells differ where a colour is off by more than this, of 255. */
const CELL_TOLERANCE = 10

export interface PictureFolders {
  /** the pictures that are known to be right */
  readonly stored: string
  /** those of this run that are not like them */
  readonly seen: string
  /** keep those of this run as the right ones */
  readonly store: boolean
}

/** Screenshots held against stored ones, at half their size. The browser itself decodes and shrinks them. */
export class Pictures {
  readonly #folders: PictureFolders
  readonly #table: Page

  static async open(browser: Browser, folders: PictureFolders): Promise<Pictures> {
    return new Pictures(folders, await browser.newPage())
  }

  private constructor(folders: PictureFolders, table: Page) {
    this.#folders = folders
    this.#table = table
  }

  /** The share of the picture that is not as stored, 0 to 1; 1 where nothing is stored or the size is another. */
  async differ(name: string, screenshot: Buffer): Promise<number> {
    const path = join(this.#folders.stored, `${name}.png`)
    const seen = await this.#table.evaluate(halve, screenshot.toString('base64'))
    const stored = existsSync(path) ? readFileSync(path, 'base64') : ''
    const share =
      stored === '' ? 1 : await this.#table.evaluate(compare, { seen, stored, CELL_PIXELS, CELL_TOLERANCE })
    if (share > 0 && this.#folders.store) write(path, seen)
    else if (share > 0) write(join(this.#folders.seen, `${name}.png`), seen)
    return this.#folders.store ? 0 : share
  }
}

function write(path: string, base64: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, base64, 'base64')
}

/** Runs in the page: base64 of a PNG of half the width and height, with 32 shades of each colour, which saves half the bytes. */
async function halve(base64: string): Promise<string> {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
  const whole = await createImageBitmap(new Blob([bytes]))
  const canvas = new OffscreenCanvas(whole.width / 2, whole.height / 2)
  const pen = canvas.getContext('2d')
  if (!pen) throw new Error('no canvas')
  pen.imageSmoothingQuality = 'high'
  pen.drawImage(whole, 0, 0, canvas.width, canvas.height)
  const step = 255 / 31
  const colours = pen.getImageData(0, 0, canvas.width, canvas.height)
  colours.data.forEach((value, i) => (colours.data[i] = Math.round(value / step) * step))
  pen.putImageData(colours, 0, 0)
  const half = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())
  return btoa(Array.from(half, (byte) => String.fromCharCode(byte)).join(''))
}

interface Compared {
  readonly seen: string
  readonly stored: string
  readonly CELL_PIXELS: number
  readonly CELL_TOLERANCE: number
}

/** Runs in the page: the share of cells that differ. */
async function compare({ seen, stored, CELL_PIXELS, CELL_TOLERANCE }: Compared): Promise<number> {
  const cellsOf = async (base64: string) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
    const picture = await createImageBitmap(new Blob([bytes]))
    const [width, height] = [picture.width, picture.height].map((side) => Math.ceil(side / CELL_PIXELS))
    const pen = new OffscreenCanvas(width ?? 0, height ?? 0).getContext('2d')
    if (!pen) throw new Error('no canvas')
    pen.imageSmoothingQuality = 'high'
    pen.drawImage(picture, 0, 0, width ?? 0, height ?? 0)
    return pen.getImageData(0, 0, width ?? 0, height ?? 0)
  }
  const [a, b] = await Promise.all([cellsOf(seen), cellsOf(stored)])
  if (a.width !== b.width || a.height !== b.height) return 1
  let different = 0
  for (let cell = 0; cell < a.data.length; cell += 4) {
    const isOther = [0, 1, 2].some(
      (colour) => Math.abs((a.data[cell + colour] ?? 0) - (b.data[cell + colour] ?? 0)) > CELL_TOLERANCE,
    )
    if (isOther) different++
  }
  return different / (a.data.length / 4)
}
