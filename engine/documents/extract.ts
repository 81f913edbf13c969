import {
  type DocumentFile,
  type DocumentKind,
  type DocumentText,
  type Extracted,
  LARGEST_FILE,
} from './document.ts'
import { readDocx } from './docx.ts'
import { readEpub } from './epub.ts'
import { chaptersInText, chaptersOf } from './chapters.ts'
import { decodeText, startsWith } from './decode.ts'
import { DocumentError } from './failure.ts'
import { readMarkup } from './html.ts'
import { type DocumentNote, hiddenNote } from './notes.ts'
import { Pages, pagesOfText } from './paging.ts'
import { readPdf } from './pdf.ts'
import { listZip } from './zip.ts'

/** Where a PDF's mark may stand at the latest, as readers agree. */
const PDF_HEADER = 1024
const OLE = [0xd0, 0xcf, 0x11, 0xe0]
const ZIP = [0x50, 0x4b, 0x03, 0x04]
const EXTENSIONS: Readonly<Record<string, DocumentKind>> = {
  txt: 'txt',
  text: 'txt',
  log: 'txt',
  md: 'md',
  markdown: 'md',
  html: 'html',
  htm: 'html',
  xhtml: 'html',
  pdf: 'pdf',
  docx: 'docx',
  epub: 'epub',
}

/**
 * The text of a file, by what is in it and not by its name. Nothing outside of the file is ever read.
 *
 * Run it where it can be ended: a library may take its time over a hostile file.
 *
 * @throws {DocumentError}
 */
export async function extract(
  { name, bytes }: DocumentFile,
  onPage: (done: number, total: number) => void = () => undefined,
): Promise<DocumentText> {
  try {
    if (bytes.length === 0) throw new DocumentError({ code: 'empty' })
    if (bytes.length > LARGEST_FILE)
      throw new DocumentError({ code: 'too-large', bytes: bytes.length, limit: LARGEST_FILE })
    const kind = kindOf(name, bytes)
    const extracted = await read(kind, bytes, onPage)
    if (extracted.text.trim() === '') throw new DocumentError({ code: 'empty' })
    const named = EXTENSIONS[extensionOf(name)]
    const isText = (each: DocumentKind) => each === 'txt' || each === 'md'
    const misnamed = named !== undefined && named !== kind && !(isText(named) && isText(kind))
    const notes: DocumentNote[] = misnamed ? [{ code: 'misnamed', extension: named, kind }] : []
    return { name, kind, ...extracted, notes: [...notes, ...extracted.notes] }
  } catch (error) {
    if (error instanceof DocumentError) throw new DocumentError(error.failure, name)
    throw error
  }
}

function read(
  kind: DocumentKind,
  bytes: Uint8Array<ArrayBuffer>,
  onPage: (done: number, total: number) => void,
): Extracted | Promise<Extracted> {
  switch (kind) {
    case 'pdf':
      return readPdf(bytes, onPage)
    case 'docx':
      return readDocx(bytes)
    case 'epub':
      return readEpub(bytes, onPage)
    case 'html': {
      const decoded = decodeText(bytes)
      const { text, headings, hidden } = readMarkup(decoded.text)
      const pages = new Pages()
      pages.flow(text, chaptersOf(headings))
      return pages.extracted([...decoded.notes, ...hiddenNote(hidden)])
    }
    case 'txt':
    case 'md': {
      const { text, notes } = decodeText(bytes)
      return { text, pages: pagesOfText(text), chapters: chaptersInText(text, kind === 'md'), notes }
    }
    default:
      return kind satisfies never
  }
}

function kindOf(name: string, bytes: Uint8Array): DocumentKind {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, PDF_HEADER))
  if (head.includes('%PDF-')) return 'pdf'
  if (startsWith(bytes, ZIP)) {
    const names = new Set(listZip(bytes))
    if (names.has('word/document.xml')) return 'docx'
    if (names.has('META-INF/container.xml')) return 'epub'
    throw new DocumentError({ code: 'unknown-type', found: 'an archive that is no docx and no epub' })
  }
  if (startsWith(bytes, OLE)) {
    const found = 'a Word file of before 2007 or one with a password'
    throw new DocumentError({ code: 'unknown-type', found })
  }
  const named = EXTENSIONS[extensionOf(name)]
  if (/^\s*(<\?xml[^>]*>\s*)?<(!doctype\s+html|html[\s>])/i.test(head.replace(/^ï»¿/, ''))) return 'html'
  return named === 'html' || named === 'md' ? named : 'txt'
}

function extensionOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1).toLowerCase()
}
