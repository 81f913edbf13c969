import { zipSync } from 'fflate'
import mammoth from 'mammoth'
import { chapterLevel } from './chapters.ts'
import type { Extracted } from './document.ts'
import { damaged, DocumentError } from './failure.ts'
import { readMarkup } from './html.ts'
import { hiddenNote } from './notes.ts'
import { Pages } from './paging.ts'
import { VanishingStyles, withoutVanished } from './vanished.ts'
import { unpack } from './zip.ts'

const PAGE_END = '<hr class="page-end" />'
/** Where Word broke the page when it last drew the file. */
const DRAWN_BREAK = /<w:lastRenderedPageBreak\s*\/>/g
const BREAK = '<w:br w:type="page"/>'
/** The parts whose text mammoth gives. */
const TEXTS = /^word\/(document|footnotes|endnotes)\.xml$/

/**
 * The text of a Word file, with the pages that Word counted when it saved it; without any, pages by length. Pictures
 * are left out before mammoth sees the file, so is what is not XML.
 *
 * @throws {DocumentError} `damaged`, `no-text`, `unpacks-too-large`
 */
export async function readDocx(bytes: Uint8Array): Promise<Extracted> {
  const parts = unpack(bytes, (name) => /\.(xml|rels)$/i.test(name))
  let vanished = 0
  const checked: Record<string, Uint8Array> = {}
  const styles = new VanishingStyles(new TextDecoder().decode(parts.get('word/styles.xml')))
  for (const [name, part] of parts) {
    const xml = new TextDecoder().decode(part)
    // OOXML forbids them; an entity that grows needs one.
    if (/<!(DOCTYPE|ENTITY)/i.test(xml))
      throw new DocumentError({ code: 'damaged', reason: `its part ${name} declares entities` })
    if (!TEXTS.test(name)) {
      checked[name] = part
      continue
    }
    const [seen, hidden] = withoutVanished(xml, styles)
    vanished += hidden
    checked[name] = new TextEncoder().encode(seen.replace(DRAWN_BREAK, BREAK))
  }
  const html = await convert(zipSync(checked, { level: 0 }))
  const texts = html.split(PAGE_END).map((page) => readMarkup(page))
  const written = texts.filter(({ text }) => text !== '')
  if (written.length === 0) throw new DocumentError({ code: 'no-text', pages: Math.max(texts.length, 1) })
  const level = chapterLevel(written.flatMap(({ headings }) => headings))
  const pages = new Pages()
  // Two marks of one break leave an empty page between them.
  for (const { text, headings } of written) {
    const chapters = headings.filter((heading) => heading.level === level)
    if (written.length === 1) pages.flow(text, chapters)
    else pages.add(text, chapters)
  }
  return pages.extracted(hiddenNote(vanished))
}

async function convert(file: Uint8Array): Promise<string> {
  const arrayBuffer = new Uint8Array(file).buffer
  try {
    // Node's build looks at the one, the browser's at the other.
    const input: { arrayBuffer: ArrayBuffer } = Object.assign({ arrayBuffer }, { buffer: arrayBuffer })
    const { value } = await mammoth.convertToHtml(input, {
      styleMap: ["br[type='page'] => hr.page-end"],
      includeEmbeddedStyleMap: false,
      externalFileAccess: false,
      convertImage: mammoth.images.imgElement(() => Promise.resolve({ src: '' })),
    })
    return value
  } catch (error) {
    throw damaged(error)
  }
}
