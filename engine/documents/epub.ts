import { Parser } from 'htmlparser2'
import type { Extracted } from './document.ts'
import { DocumentError } from './failure.ts'
import { Hiding } from './hiding.ts'
import { readMarkup } from './html.ts'
import { hiddenNote } from './notes.ts'
import { Pages } from './paging.ts'
import { unpack } from './zip.ts'

const CONTAINER = 'META-INF/container.xml'
const ENCRYPTION = 'META-INF/encryption.xml'

/**
 * The chapters of an EPUB in reading order, each from a new page on.
 *
 * @throws {DocumentError} `damaged`, `protected`, `no-text`, `unpacks-too-large`
 */
export function readEpub(bytes: Uint8Array, onPage: (done: number, total: number) => void): Extracted {
  const parts = unpack(bytes, (name) => /\.(xml|opf|x?html?|css)$/i.test(name))
  const container = textOf(parts.get(CONTAINER))
  const packagePath = elements(container).find(({ name }) => name === 'rootfile')?.attributes['full-path']
  const book = packagePath === undefined ? '' : textOf(parts.get(packagePath))
  if (packagePath === undefined || book === '')
    throw new DocumentError({ code: 'damaged', reason: 'it does not say where its chapters are' })
  const folder = packagePath.slice(0, packagePath.lastIndexOf('/') + 1)
  const items = new Map<string, string>()
  const spine: string[] = []
  for (const { name, attributes } of elements(book)) {
    const { id, href, idref } = attributes
    if (name === 'item' && id !== undefined && href !== undefined) items.set(id, resolve(folder, href))
    if (name === 'itemref' && idref !== undefined) spine.push(idref)
  }
  const chapters = spine.flatMap((id) => items.get(id) ?? [])
  const locked = new Set(
    elements(textOf(parts.get(ENCRYPTION))).flatMap(({ attributes }) => attributes['URI'] ?? []),
  )
  if (chapters.some((path) => locked.has(path))) throw new DocumentError({ code: 'protected' })
  const pages = new Pages()
  const missing: string[] = []
  const sheets = [...parts].filter(([name]) => /\.css$/i.test(name)).map(([, part]) => textOf(part))
  const hiding = new Hiding(sheets)
  let hidden = 0
  let words = false
  for (const [i, path] of chapters.entries()) {
    const part = parts.get(path)
    onPage(i + 1, chapters.length)
    if (!part) {
      missing.push(path)
      continue
    }
    const markup = readMarkup(textOf(part), hiding)
    hidden += markup.hidden
    if (markup.text === '') continue
    words = true
    pages.flow(markup.text, markup.heading === '' ? [] : [{ title: markup.heading, start: 0 }])
  }
  if (!words) throw new DocumentError({ code: 'no-text', pages: chapters.length })
  return pages.extracted([
    ...(missing.length > 0 ? [{ code: 'missing', chapters: missing } as const] : []),
    ...hiddenNote(hidden),
  ])
}

interface Element {
  /** without its prefix */
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
}

/** Every element of a small XML file, in order. Declarations are passed over, so no entity is ever expanded. */
function elements(xml: string): Element[] {
  const found: Element[] = []
  const onopentag = (name: string, attributes: Element['attributes']) =>
    found.push({ name: name.slice(name.indexOf(':') + 1), attributes })
  const parser = new Parser({ onopentag }, { xmlMode: true })
  parser.write(xml)
  parser.end()
  return found
}

/** A path in the archive from one beside another; a web address is never one. */
function resolve(folder: string, href: string): string {
  let path: string
  try {
    path = decodeURIComponent(href.split('#')[0] ?? '')
  } catch {
    path = href
  }
  const names: string[] = []
  for (const name of `${folder}${path}`.split('/')) {
    if (name === '..') names.pop()
    else if (name !== '.' && name !== '') names.push(name)
  }
  return names.join('/')
}

function textOf(bytes: Uint8Array | undefined): string {
  return bytes ? new TextDecoder().decode(bytes) : ''
}
