import type { BrowserWindow, Rectangle } from 'electron'
import { join } from 'node:path'
import { type Disk, replaceFile } from './disk.ts'
import { asRecord } from './entries.ts'

const FILE = 'window.json'
/** Numbers beyond these are of no screen. */
const FARTHEST = 65_536
const LARGEST = 16_384
/** As much of the top of a window has to be on a screen, or nobody could take hold of it. */
const GRIP = { width: 120, height: 40 }

/** Where the window was, as the person left it, and whether it filled its screen. */
export interface WindowPlace extends Rectangle {
  readonly maximized: boolean
}

/** What was kept; `null` where that is nothing, or nothing that a window could be. */
export async function readPlace(disk: Disk, folder: string): Promise<WindowPlace | null> {
  const kept = await disk.read(join(folder, FILE)).catch(() => null)
  return kept && parsePlace(kept)
}

/**
 * Options for a window that is as large as it was and where it was. On a screen that is not there any more nobody could
 * see it: then it is put where the system puts a new one, and it is never larger than its screen.
 *
 * @param areas of the screens, without bars; the first is the main one
 */
export function placeOn(place: WindowPlace, areas: readonly Rectangle[]): Partial<Rectangle> {
  const { x, y, width, height } = place
  const top = { x, y, width, height: GRIP.height }
  const seen = areas.find((area) => overlaps(top, area))
  const { width: widest, height: highest } = seen ?? areas[0] ?? place
  const size = { width: Math.min(width, widest), height: Math.min(height, highest) }
  return seen ? { x, y, ...size } : size
}

/** Keep where the window is when it is closed. The answer waits until that is written. */
export function keepPlace(
  window: Pick<BrowserWindow, 'on' | 'getNormalBounds' | 'isMaximized'>,
  disk: Disk,
  folder: string,
): () => Promise<void> {
  let written = Promise.resolve()
  window.on('close', () => {
    const place: WindowPlace = { ...window.getNormalBounds(), maximized: window.isMaximized() }
    const bytes = new TextEncoder().encode(JSON.stringify(place))
    // A place is worth no sentence: the next window opens as the first one did.
    written = replaceFile(disk, join(folder, FILE), bytes).catch(() => undefined)
  })
  return () => written
}

function parsePlace(bytes: Uint8Array): WindowPlace | null {
  let value: unknown = null
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
  const { x, y, width, height, maximized } = asRecord(value)
  if (!isBetween(x, -FARTHEST, FARTHEST) || !isBetween(y, -FARTHEST, FARTHEST)) return null
  if (!isBetween(width, 1, LARGEST) || !isBetween(height, 1, LARGEST)) return null
  return { x, y, width, height, maximized: maximized === true }
}

function isBetween(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
}

/** Whether enough of the top of a window lies on a screen. */
function overlaps(top: Rectangle, area: Rectangle): boolean {
  const width = Math.min(top.x + top.width, area.x + area.width) - Math.max(top.x, area.x)
  const height = Math.min(top.y + top.height, area.y + area.height) - Math.max(top.y, area.y)
  return width >= Math.min(GRIP.width, top.width) && height >= GRIP.height
}
