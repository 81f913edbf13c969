import { LARGEST_UNPACKED } from '../../engine/documents/document.ts'
import { pack, withClaimedSize, withRepeatedPart, writeDocx, writeEpub, writePdf } from './write-documents.ts'

/** A file that is not what a reader wishes for, and the one sentence that it gets. */
export interface HostileDocument {
  readonly what: string
  readonly name: string
  readonly bytes: () => Uint8Array<ArrayBuffer>
  readonly says: RegExp
}

const PAGES = ['The harbour was quiet.', 'The code of the gate is 4821.']
const ENTITIES = `<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "${'&a;'.repeat(10)}">]>`
const text = (words: string) => new TextEncoder().encode(words)

export const HOSTILE_DOCUMENTS: readonly HostileDocument[] = [
  { what: 'no bytes', name: 'a.pdf', bytes: () => new Uint8Array(), says: /a\.pdf is empty/ },
  { what: 'only blanks', name: 'a.txt', bytes: () => text(' \n\t '), says: /a\.txt is empty/ },
  {
    what: 'not text',
    name: 'a.txt',
    bytes: () => new Uint8Array([0x89, 0x50, 0xff, 0, 1]),
    says: /not plain text, so/,
  },
  {
    what: 'an archive',
    name: 'a.docx',
    bytes: () => pack({ 'a.txt': 'hello' }),
    says: /an archive that is no docx and no epub/,
  },
  {
    what: 'an old Word file',
    name: 'a.doc',
    bytes: () => new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 0]),
    says: /before 2007/,
  },
  {
    what: 'a password',
    name: 'a.pdf',
    bytes: () => writePdf(PAGES, { encrypted: true }),
    says: /protected by a password/,
  },
  {
    what: 'a scan',
    name: 'scan.pdf',
    bytes: () => writePdf(['', '', '']),
    says: /scan\.pdf has 3 pages and no text/,
  },
  {
    what: 'a cut PDF',
    name: 'a.pdf',
    bytes: () => writePdf(PAGES).slice(0, 40),
    says: /a\.pdf is damaged: \w/,
  },
  {
    what: 'a cut archive',
    name: 'a.epub',
    bytes: () => writeEpub([]).slice(0, -30),
    says: /a\.epub is damaged: \w/,
  },
  { what: 'a book of nothing', name: 'a.epub', bytes: () => writeEpub([]), says: /has 0 pages and no text/ },
  {
    what: 'a zip bomb',
    name: 'bomb.docx',
    bytes: () => withClaimedSize(writeDocx(PAGES), LARGEST_UNPACKED / 2),
    says: /unpacks to more than/,
  },
  {
    what: 'a zip bomb under many names',
    name: 'bomb.docx',
    bytes: () => withRepeatedPart(new Uint8Array(1 << 20).fill(32), 400),
    says: /unpacks to more than/,
  },
  {
    what: 'an archive that lies about its size',
    name: 'a.docx',
    bytes: () => withClaimedSize(writeDocx(PAGES), 16),
    says: /a\.docx is damaged/,
  },
  {
    what: 'entities that grow',
    name: 'a.docx',
    bytes: () => writeDocx(PAGES, { 'word/styles.xml': `<?xml version="1.0"?>${ENTITIES}<w:styles/>` }),
    says: /declares entities/,
  },
  {
    what: 'markup nested without end',
    name: 'a.html',
    bytes: () => text(`<html><body>${'<div>'.repeat(100_000)}<p>Down here.</p>`),
    says: /deep in each other/,
  },
  {
    what: '100 MB on one line',
    name: 'line.txt',
    bytes: () => new Uint8Array(100 << 20).fill(97),
    says: /is the most that is read/,
  },
]
