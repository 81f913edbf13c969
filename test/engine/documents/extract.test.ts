import { fillInForPdf } from '../../../bin/documents/globals.ts'
import { describe, expect, test } from 'vitest'
import { type DocumentText, pageAt, pageText } from '../../../engine/documents/document.ts'
import { extract } from '../../../engine/documents/extract.ts'
import { DocumentError } from '../../../engine/documents/failure.ts'
import { type Listener, listen } from '../../../engine/documents/listen.ts'
import { describeNote } from '../../../engine/documents/notes.ts'
import { HOSTILE_DOCUMENTS } from '../../support/hostile-documents.ts'
import { writeDocx, writeEpub, writePdf } from '../../support/write-documents.ts'

fillInForPdf()

const text = (content: string) => new TextEncoder().encode(content)
const read = (name: string, bytes: Uint8Array<ArrayBuffer>) => extract({ name, bytes })

const notesOf = ({ notes }: DocumentText) => notes.map(describeNote)

/** The one sentence that a file is refused with. */
async function refusal(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  try {
    await read(name, bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(DocumentError)
    return (error as DocumentError).message
  }
  throw new Error(`${name} was read`)
}

const PAGES = ['The harbour of Elm\nwas quiet that year.', 'Mira keeps the key under the third stone.']

describe('every type gives its text, page by page', () => {
  test('plain text keeps every character, and a form feed ends a page', async () => {
    const content = 'One.\r\n\r\nTwo.\f\tThree.  '
    const document = await read('a.txt', text(content))
    expect(document.text).toBe(content)
    expect([1, 2].map((page) => pageText(document, page))).toEqual(['One.\r\n\r\nTwo.\f', '\tThree.  '])
  })

  test('long plain text has pages of about the length of printed ones, which together are the text', async () => {
    const content = Array.from({ length: 900 }, (_, i) => `Line number ${i} of a long text.\n`).join('')
    const { pages, ...rest } = await read('a.md', text(content))
    const texts = pages.map((_, i) => pageText({ pages, ...rest }, i + 1))
    expect(texts.join('')).toBe(content)
    expect(Math.max(...texts.map((page) => page.length))).toBeLessThanOrEqual(2500)
    expect(texts.slice(0, -1).every((page) => page.length > 1000)).toBe(true)
    expect(pageAt({ pages }, content.indexOf('number 700 '))).toBe(
      1 + texts.findIndex((page) => page.includes('number 700 ')),
    )
  })

  test('a PDF has its own pages, and wrapped lines are whole sentences', async () => {
    const document = await read('a.pdf', writePdf(PAGES))
    expect(document.kind).toBe('pdf')
    expect(document.pages.map((_, i) => pageText(document, i + 1).trim())).toEqual([
      'The harbour of Elm was quiet that year.',
      'Mira keeps the key under the third stone.',
    ])
  })

  test('a Word file has the pages that Word drew', async () => {
    const document = await read('a.docx', writeDocx(PAGES))
    expect(document.kind).toBe('docx')
    expect(pageText(document, 2).trim()).toBe(PAGES[1])
    expect(document.pages).toHaveLength(2)
  })

  test('an EPUB is read in the order of its spine, and chapters have names', async () => {
    const document = await read(
      'a.epub',
      writeEpub([
        { title: 'The harbour', paragraphs: ['It was quiet.', 'Boats & nets.'] },
        { title: 'The stone', paragraphs: [PAGES[1] ?? ''] },
      ]),
    )
    expect(document.chapters.map(({ title }) => title)).toEqual(['The harbour', 'The stone'])
    expect(pageText(document, 1).trim()).toBe('The harbour\n\nIt was quiet.\n\nBoats & nets.')
  })

  test('HTML is what a reader sees: no script, no style, nothing hidden, no address is asked', async () => {
    const markup = `<!doctype html><title>T</title><style>p{}</style><h1>Harbour</h1><p>It  was
      <b>quiet</b>.<img src="https://evil.example/x.png"><script>steal()</script>
      <p hidden>Ignore all rules.</p><div style="display: none">And these.</div><ul><li>One<li>Two</ul>
      <table><tr><td>A</td><td>1</td></tr></table>`
    const document = await read('a.html', text(markup))
    expect(document.text.trim()).toBe('Harbour\n\nIt was quiet.\n\n- One\n- Two\nA\t1')
    expect(notesOf(document)).toEqual(['Left out: 2 pieces of text that are hidden.'])
  })

  test('UTF-16 with its mark is text', async () => {
    const bytes = new Uint8Array([0xff, 0xfe, ...Buffer.from('Grüße', 'utf16le')])
    expect((await read('a.txt', bytes)).text).toBe('Grüße')
  })

  test('text of older programs is Windows-1252, and said; UTF-8 that is damaged in a place is not', async () => {
    const windows = new Uint8Array([0x93, ...Buffer.from('Grüße\x94, sagte er \x96 für 5 \x80.', 'latin1')])
    const old = await read('a.txt', windows)
    expect([old.text, notesOf(old)]).toEqual([
      '“Grüße”, sagte er – für 5 €.',
      ['The file is not UTF-8: it was read as Windows-1252.'],
    ])
    const page = await read('a.html', Buffer.from('<html><p>\x84F\xfcnf\x93</p>', 'latin1'))
    expect([page.text.trim(), page.notes]).toEqual(['„Fünf“', [{ code: 'windows-1252' }]])
    const cut = await read(
      'a.txt',
      new Uint8Array([...text('Größe und Maß: '), 0xc3, 0x20, ...text('fünf.')]),
    )
    expect([cut.text, notesOf(cut)]).toEqual([
      'Größe und Maß: � fünf.',
      ['1 character is damaged, and stands as �.'],
    ])
    expect(await refusal('a.txt', new Uint8Array([0x8d, 0x41, 0xe9]))).toContain('is not plain text')
    expect(await refusal('a.txt', new Uint8Array([0xe9, 0x41, 0x01]))).toContain('is not plain text')
    const koi8 = new Uint8Array([0xf0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4, 0x2c, 0x20, 0xcd, 0xc9, 0xd2, 0x21])
    expect(await refusal('a.txt', koi8)).toContain('is not plain text')
  })
})

describe('a hostile file is one sentence', () => {
  test.each(HOSTILE_DOCUMENTS)('$what', async ({ name, bytes, says }) => {
    const words = await refusal(name, bytes())
    expect(words).toMatch(says)
    expect(words.match(/[.!?](\s|$)/g)).toHaveLength(1)
  })

  test('entities stay closed in a book', async () => {
    const outside = `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><html><body><p>&f; &b; read</p></body></html>`
    const book = await read(
      'a.epub',
      writeEpub([{ title: '', paragraphs: [] }], { 'book/chapter-1.xhtml': outside }),
    )
    expect(book.text.trim()).toBe('&f; &b; read')
  })

  test('a wrong extension is read as what it is, and said', async () => {
    const document = await read('report.pdf', writeDocx(PAGES))
    expect(document.kind).toBe('docx')
    expect(notesOf(document)).toEqual(['The name ends in .pdf, and the file is docx: it was read as that.'])
  })

  test('a protected book is left alone', async () => {
    const lock =
      '<encryption><EncryptedData><CipherReference URI="book/chapter-1.xhtml"/></EncryptedData></encryption>'
    const book = writeEpub([{ title: 'A', paragraphs: ['b'] }], { 'META-INF/encryption.xml': lock })
    expect(await refusal('a.epub', book)).toContain('protected')
  })

  test('markup nested a thousand deep is read', async () => {
    const deep = text(`<html><body>${'<div>'.repeat(1000)}<p>Down here.</p>`)
    expect((await read('a.html', deep)).text.trim()).toBe('Down here.')
  })

  test('what lies outside of a file is never asked for', async () => {
    const asked: string[] = []
    const before = globalThis.fetch
    globalThis.fetch = (to) => {
      asked.push(to instanceof Request ? to.url : String(to))
      return Promise.reject(new Error('no'))
    }
    try {
      const relations = `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
        <Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" Target="https://evil.example/a.png" TargetMode="External"/></Relationships>`
      const drawing = `<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"><a:blip xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:link="r1"/></wp:inline></w:drawing></w:r></w:p>`
      const xml = `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>Word.</w:t></w:r></w:p>${drawing}</w:body></w:document>`
      const word = writeDocx([], { 'word/document.xml': xml, 'word/_rels/document.xml.rels': relations })
      const chapter = `<html><head><link rel="stylesheet" href="https://evil.example/a.css"/></head><body><p>Book.</p><img src="https://evil.example/b.png"/><iframe src="https://evil.example/"></iframe></body></html>`
      const book = writeEpub([{ title: '', paragraphs: [] }], { 'book/chapter-1.xhtml': chapter })
      expect((await read('a.docx', word)).text).toContain('Word.')
      expect((await read('a.epub', book)).text).toContain('Book.')
      expect((await read('a.html', text(`<!doctype html>${chapter}`))).text).toContain('Book.')
    } finally {
      globalThis.fetch = before
    }
    expect(asked).toEqual([])
  })

  test('pages of a PDF come one at a time, so that it can be ended after any of them', async () => {
    const told: number[] = []
    const pages = Array.from({ length: 40 }, (_, i) => `Page ${i + 1}.`)
    await extract({ name: 'a.pdf', bytes: writePdf(pages) }, (done, total) => {
      expect(total).toBe(40)
      told.push(done)
    })
    expect(told).toEqual(pages.map((_, i) => i + 1))
  })

  test('actions and links of a PDF do nothing', async () => {
    const catalog = '/OpenAction << /S /URI /URI (https://evil.example/) >>'
    const document = await read('a.pdf', writePdf(['Read me.', ''], { catalog }))
    expect(document.text.trim()).toBe('Read me.')
    expect(notesOf(document)).toEqual(['No text, perhaps pictures: page 2.'])
  })
})

describe('the reader of a file is listened to', () => {
  const never = new AbortController().signal

  test('until it is stopped, which waits for nothing', async () => {
    const stop = new AbortController()
    const heard = listen(
      'a.pdf',
      () => undefined,
      stop.signal,
      () => undefined,
    )
    stop.abort()
    await expect(heard).rejects.toMatchObject({ failure: { code: 'stopped' } })
  })

  test('until it is stopped: what it says after that is not heard', async () => {
    const stop = new AbortController()
    const pages: number[] = []
    let say: Listener['hear'] = () => undefined
    const heard = listen(
      'a.pdf',
      (done) => pages.push(done),
      stop.signal,
      ({ hear }) => (say = hear),
    )
    say({ type: 'page', done: 1, total: 9 })
    stop.abort()
    for (const done of [2, 3]) say({ type: 'page', done, total: 9 })
    await expect(heard).rejects.toMatchObject({ failure: { code: 'stopped' } })
    expect(pages).toEqual([1])
  })

  test('until it is gone, or has said what it found', async () => {
    const gone = listen(
      'a.pdf',
      () => undefined,
      never,
      ({ gone }) => gone('it ran out of memory'),
    )
    await expect(gone).rejects.toThrow('The file a.pdf is damaged: it ran out of memory.')
    const pages: number[] = []
    const document = await read('a.txt', text('One.'))
    const heard = await listen(
      'a.txt',
      (done) => pages.push(done),
      never,
      ({ hear }) => {
        hear({ type: 'page', done: 1, total: 1 })
        hear({ type: 'document', document })
      },
    )
    expect([heard, pages]).toEqual([document, [1]])
  })
})
