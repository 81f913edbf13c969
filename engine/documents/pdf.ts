import type { PDFDocumentProxy } from 'pdfjs-dist'
import type { TextItem } from 'pdfjs-dist/types/src/display/api.js'
import { chaptersInText } from './chapters.ts'
import { type Extracted, MOST_PDF_PAGES } from './document.ts'
import { damaged, DocumentError } from './failure.ts'
import { hiddenNote } from './notes.ts'
import { Pages } from './paging.ts'
import { blankUnseen, type Unseen } from './pdf-unseen.ts'

/** More than this many line heights between two lines is a new paragraph. */
const PARAGRAPH_GAP = 1.6
/** A line that comes this near to the longest one goes on in the next. */
const FULL_LINE = 0.85
/** Of a point: letters of that height are dust. */
const SEEN_HEIGHT = 0.5

/**
 * The text of a PDF, page by page. Nothing in it is run, drawn or fetched, and `bytes` are used up.
 *
 * pdf.js brings a worker of its own; here it runs in the one that all documents are read in, so that ending that ends it.
 *
 * @throws {DocumentError} `damaged`, `protected`, `no-text`, `too-many-pages`
 */
export async function readPdf(
  bytes: Uint8Array<ArrayBuffer>,
  onPage: (done: number, total: number) => void,
): Promise<Extracted> {
  const { getDocument } = await loadPdfjs()
  const unseen = blankUnseen(bytes)
  const task = getDocument({
    data: bytes,
    verbosity: 0,
    disableFontFace: true,
    useSystemFonts: false,
    useWorkerFetch: false,
    useWasm: false,
    enableXfa: false,
    isOffscreenCanvasSupported: false,
    isImageDecoderSupported: false,
    stopAtErrors: false,
  })
  try {
    return await readPages(await task.promise, unseen, onPage)
  } catch (error) {
    if (error instanceof Error && error.name === 'PasswordException')
      throw new DocumentError({ code: 'protected' })
    throw damaged(error)
  } finally {
    await task.destroy()
  }
}

async function loadPdfjs() {
  const worker = await import('pdfjs-dist/legacy/build/pdf.worker.mjs')
  Object.assign(globalThis, { pdfjsWorker: worker })
  return import('pdfjs-dist/legacy/build/pdf.mjs')
}

async function readPages(
  pdf: PDFDocumentProxy,
  { hidden, behindPictures }: Unseen,
  onPage: (done: number, total: number) => void,
): Promise<Extracted> {
  const total = pdf.numPages
  if (total > MOST_PDF_PAGES)
    throw new DocumentError({ code: 'too-many-pages', pages: total, limit: MOST_PDF_PAGES })
  const pages = new Pages()
  const blank: number[] = []
  const broken: number[] = []
  let small = 0
  for (let number = 1; number <= total; number++) {
    let text = ''
    try {
      const page = await pdf.getPage(number)
      const { items } = await page.getTextContent()
      const texts = items.filter((item) => 'str' in item)
      const seen = texts.filter(isSeen)
      small += piecesUnseen(texts)
      text = joinLines(seen)
      page.cleanup()
    } catch (error) {
      if (total === 1) throw error
      broken.push(number)
    }
    if (text === '' && broken.at(-1) !== number) blank.push(number)
    pages.add(text)
    onPage(number, total)
  }
  if (blank.length + broken.length === total)
    throw broken.length > 0
      ? new DocumentError({ code: 'damaged', reason: 'none of its pages can be read' })
      : new DocumentError({ code: 'no-text', pages: total })
  const { text, ...extracted } = pages.extracted([
    ...(blank.length > 0 ? [{ code: 'no-text', pages: blank } as const] : []),
    ...(broken.length > 0 ? [{ code: 'damaged', pages: broken } as const] : []),
    ...hiddenNote(hidden + small),
    ...(behindPictures > 0 ? [{ code: 'behind-pictures', count: behindPictures } as const] : []),
  ])
  return { ...extracted, text, chapters: chaptersInText(text, false) }
}

/** What stands for a blank or the end of a line has no height either. */
function isSeen({ str, transform }: TextItem): boolean {
  const [a, b, c, d] = transform.map(Number)
  const height = Math.max(Math.hypot(a ?? 0, b ?? 0), Math.hypot(c ?? 0, d ?? 0))
  return height >= SEEN_HEIGHT || str.trim() === ''
}

/** Letters of no size are an item each; those in a row are one piece. */
function piecesUnseen(items: readonly TextItem[]): number {
  const seen = items.filter(({ str }) => str.trim() !== '').map(isSeen)
  return seen.filter((each, i) => !each && seen[i - 1] !== false).length
}

interface Line {
  text: string
  /** baseline, and the right end */
  y: number
  right: number
  height: number
}

/** Lines as they stand on the page become paragraphs: a full line goes on, a short one or a gap ends it. */
function joinLines(items: readonly TextItem[]): string {
  const lines: Line[] = []
  let line: Line | null = null
  for (const { str, transform, width, height, hasEOL } of items) {
    const [x, y] = [Number(transform[4]), Number(transform[5])]
    line ??= { text: '', y, right: 0, height: 0 }
    line.text += str
    line.right = Math.max(line.right, x + width)
    line.height = Math.max(line.height, height)
    if (!hasEOL) continue
    lines.push(line)
    line = null
  }
  if (line) lines.push(line)
  const widest = lines.reduce((most, { right }) => Math.max(most, right), 0)
  let text = ''
  let before: Line | null = null
  for (const next of lines) {
    const words = next.text.replace(/\s+/g, ' ').trim()
    if (words === '') continue
    if (before) {
      const gap = Math.abs(before.y - next.y)
      if (gap > PARAGRAPH_GAP * Math.max(before.height, next.height)) text += '\n\n'
      else if (/\p{L}-$/u.test(text) && /^\p{Ll}/u.test(words)) text = text.slice(0, -1)
      else text += before.right > FULL_LINE * widest ? ' ' : '\n'
    }
    text += words
    before = next
  }
  return text
}
