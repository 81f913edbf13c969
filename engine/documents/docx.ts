import { zipSync } from 'fflate'
import mammoth from 'mammoth'
import type { Extracted } from './document.ts'
import { damaged, DocumentError } from './failure.ts'
import { readMarkup } from './html.ts'
import { Pages } from './paging.ts'
import { unpack } from './zip.ts'

const PAGE_END = '<hr class="page-end" />'
/** Where Word broke the page when it last drew the file. */
const DRAWN_BREAK = /<w:lastRenderedPageBreak\s*\/>/g
const BREAK = '<w:br w:type="page"/>'
const RUN = '<w:r>'

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
  for (const [name, part] of parts) {
    const xml = new TextDecoder().decode(part)
    // OOXML forbids them; an entity that grows needs one.
    if (/<!(DOCTYPE|ENTITY)/i.test(xml))
      throw new DocumentError({ code: 'damaged', reason: `its part ${name} declares entities` })
    if (name !== 'word/document.xml') {
      checked[name] = part
      continue
    }
    const [seen, hidden] = withoutVanished(xml)
    vanished = hidden
    checked[name] = new TextEncoder().encode(seen.replace(DRAWN_BREAK, BREAK))
  }
  const html = await convert(zipSync(checked, { level: 0 }))
  const pages = new Pages()
  const texts = html.split(PAGE_END).map((page) => readMarkup(page).text)
  const written = texts.filter((text) => text !== '')
  if (written.length === 0) throw new DocumentError({ code: 'no-text', pages: Math.max(texts.length, 1) })
  // Two marks of one break leave an empty page between them.
  if (written.length === 1) pages.flow(written[0] ?? '')
  else for (const text of written) pages.add(text)
  return pages.extracted(vanished > 0 ? [`Left out: ${vanished} pieces of text that are hidden.`] : [])
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

/** The XML without runs that Word does not show, and how many there were. */
function withoutVanished(xml: string): [seen: string, hidden: number] {
  if (!xml.includes('<w:vanish')) return [xml, 0]
  const [before = '', ...runs] = xml.split(/<w:r(?=[ >])[^>]*>/)
  let hidden = 0
  const seen = runs.map((run) => {
    const end = run.indexOf('</w:r>')
    const isHidden = end >= 0 && /<w:vanish(?!\s+w:val="(0|false)")/.test(run.slice(0, end))
    if (isHidden) hidden++
    return isHidden ? run.slice(end + '</w:r>'.length) : `${RUN}${run}`
  })
  return [before + seen.join(''), hidden]
}
