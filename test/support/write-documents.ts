import { deflateSync } from 'node:zlib'
import { strToU8, zipSync } from 'fflate'

type Bytes = Uint8Array<ArrayBuffer>

export interface PdfOptions {
  /** as with a password that nobody gives */
  readonly encrypted?: boolean
  /** objects that are there beside the pages, such as actions */
  readonly catalog?: string
  /** the pages are content as it stands in the file, and packed as most programs do */
  readonly content?: boolean
}

/** A PDF with one line of text for each line, Helvetica, one page for each string. */
export function writePdf(
  pages: readonly string[],
  { encrypted, catalog, content: isContent = false }: PdfOptions = {},
): Bytes {
  const objects: string[] = []
  const add = (body: string) => objects.push(body)
  add(`<< /Type /Catalog /Pages 2 0 R ${catalog ?? ''} >>`)
  add('')
  add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>')
  const kids = pages.map((text) => {
    const lines = text.split('\n').map((line) => `(${line.replace(/[\\()]/g, '\\$&')}) Tj T*`)
    const written = text === '' ? '0 0 10 10 re f' : `BT /F1 12 Tf 72 720 Td 14 TL\n${lines.join('\n')}\nET`
    const content = isContent ? deflateSync(text, { level: 9 }).toString('latin1') : written
    const filter = isContent ? '/Filter /FlateDecode ' : ''
    const contents = add(`<< ${filter}/Length ${content.length} >>\nstream\n${content}\nendstream`)
    const resources = '<< /Font << /F1 3 0 R >> >>'
    return add(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents ${contents} 0 R /Resources ${resources} >>`,
    )
  })
  objects[1] = `<< /Type /Pages /Kids [${kids.map((kid) => `${kid} 0 R`).join(' ')}] /Count ${kids.length} >>`
  const key = 'ab'.repeat(32)
  const lock = encrypted
    ? `/Encrypt ${add(`<< /Filter /Standard /V 1 /R 2 /O <${key}> /U <${key}> /P -4 >>`)} 0 R /ID [<${key}> <${key}>]`
    : ''
  let file = '%PDF-1.4\n'
  const offsets = objects.map((body, i) => {
    const offset = file.length
    file += `${i + 1} 0 obj\n${body}\nendobj\n`
    return `${String(offset).padStart(10, '0')} 00000 n \n`
  })
  const start = file.length
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join('')}`
  file += `trailer << /Size ${objects.length + 1} /Root 1 0 R ${lock} >>\nstartxref\n${start}\n%%EOF\n`
  return new Uint8Array(Buffer.from(file, 'latin1'))
}

const escape = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')

/** A Word file; each string is a page of paragraphs, as Word notes where it broke pages. */
export function writeDocx(pages: readonly string[], more: Readonly<Record<string, string>> = {}): Bytes {
  const body = pages.flatMap((page, i) =>
    page.split('\n').map((line, j) => {
      const mark = i > 0 && j === 0 ? '<w:lastRenderedPageBreak/>' : ''
      return `<w:p><w:r>${mark}<w:t xml:space="preserve">${escape(line)}</w:t></w:r></w:p>`
    }),
  )
  return pack({
    '[Content_Types].xml':
      '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    '_rels/.rels':
      '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
    'word/document.xml': `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body.join('')}</w:body></w:document>`,
    ...more,
  })
}

export interface Chapter {
  readonly title: string
  readonly paragraphs: readonly string[]
}

/** An EPUB with one file for each chapter. */
export function writeEpub(chapters: readonly Chapter[], more: Readonly<Record<string, string>> = {}): Bytes {
  const names = chapters.map((_, i) => `chapter-${i + 1}.xhtml`)
  const files = chapters.map(({ title, paragraphs }, i) => [
    `book/${names[i]}`,
    `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title></head><body><h1>${escape(title)}</h1>${paragraphs.map((text) => `<p>${escape(text)}</p>`).join('\n')}</body></html>`,
  ])
  return pack({
    mimetype: 'application/epub+zip',
    'META-INF/container.xml':
      '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="book/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
    'book/book.opf': `<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><manifest>${names.map((name, i) => `<item id="c${i}" href="${name}" media-type="application/xhtml+xml"/>`).join('')}</manifest><spine>${names.map((_, i) => `<itemref idref="c${i}"/>`).join('')}</spine></package>`,
    ...(Object.fromEntries(files) as Record<string, string>),
    ...more,
  })
}

export function pack(parts: Readonly<Record<string, string | Uint8Array>>): Bytes {
  const files = Object.entries(parts).map(([name, part]) => [
    name,
    typeof part === 'string' ? strToU8(part) : part,
  ])
  return new Uint8Array(zipSync(Object.fromEntries(files) as Record<string, Uint8Array>))
}

/** An archive that says one of its parts has another size than it has. */
export function withClaimedSize(archive: Bytes, size: number): Bytes {
  const lying = archive.slice()
  const view = new DataView(lying.buffer)
  for (let i = 0; i + 46 <= lying.length; i++)
    if (view.getUint32(i, true) === 0x02014b50) view.setUint32(i + 24, size, true)
  return lying
}

/** A Word file whose one part, which is not packed, is listed so many times, each time said to be empty. */
export function withRepeatedPart(part: Bytes, times: number): Bytes {
  const archive = zipSync({ 'word/document.xml': part }, { level: 0 })
  const end = archive.length - 22
  const view = new DataView(archive.buffer)
  const start = view.getUint32(end + 16, true)
  view.setUint32(start + 24, 0, true)
  view.setUint16(end + 10, times, true)
  view.setUint16(end + 8, times, true)
  const entries = Array.from({ length: times }, (_, i) => {
    const entry = archive.slice(start, end)
    if (i > 0) entry.set(strToU8(`word/${String(i).padStart(8, '0')}.xml`), 46)
    return entry
  })
  return new Uint8Array(Buffer.concat([archive.subarray(0, start), ...entries, archive.subarray(end)]))
}
