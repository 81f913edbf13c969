import { Unzlib, unzlibSync, zlibSync } from 'fflate'
import { joined } from '../formats/joined.ts'
import { PdfText } from './pdf-text.ts'

/** What pdf.js does not say: whether text is drawn. */
export interface Unseen {
  /** pieces that are not drawn, or white on nothing; blanked */
  hidden: number
  /** streams whose invisible text stands behind a picture, as recognized text does; left as they are */
  behindPictures: number
}

interface Stream {
  readonly start: number
  readonly end: number
  readonly isPacked: boolean
  readonly text: PdfText
}

const [STREAM, END] = ['stream', 'endstream'].map((word) => new TextEncoder().encode(word)) as [
  Uint8Array,
  Uint8Array,
]
const LETTER_S = 0x73
const LONGEST_DICTIONARY = 2048
const LARGEST_STREAM = 8 << 20
/** Looked through in all: a book of 5,000 pages has a tenth of it. */
const LARGEST_TOTAL = 128 << 20
const PIECE = 1 << 15
/** What is packed cannot become larger than this many times. */
const MOST_GROWTH = 1032
/** A letter for each byte, in most platforms that of Windows-1252: good for a look, not for writing back. */
const quick = new TextDecoder('latin1')
/** Streams that draw nothing: pictures, fonts, functions, colours. */
const OTHER =
  /\/(?:Image|XRef|Metadata|FontFile\d?|Length[123]|Type1C|CIDFontType0C|OpenType|FunctionType|ShadingType|EmbeddedFile|N\s+\d)(?![A-Za-z])/
const ALIKE = /\/Filter\s*\[?\s*\/FlateDecode\s*\]?\s*(?=\/|>>)(?!\s*\/[A-Z]\w*Decode)/
/** A page whose content is in several streams: what one draws may lie under the text of the next. */
const SPLIT = /\/Contents\s*\[\s*\d+\s+\d+\s+R\s+\d/

/**
 * Blank text that nobody sees, in place: pdf.js reads it like any other and does not say so. Only what costs little is
 * looked at, so streams that are encrypted or packed in older ways stay as they are.
 */
export function blankUnseen(file: Uint8Array): Unseen {
  const found: Stream[] = []
  let total = 0
  let isSplit = false
  let before = 0
  for (let at = find(file, STREAM, 0); at >= 0; at = find(file, STREAM, before)) {
    const between = quick.decode(file.subarray(before, at))
    isSplit ||= SPLIT.test(between)
    const object = between.slice(-LONGEST_DICTIONARY)
    const dictionary = object.slice(object.lastIndexOf(' obj') + 1)
    const start = at + STREAM.length + (file[at + STREAM.length] === 0x0d ? 2 : 1)
    const end = endOf(file, start, dictionary)
    before = end + END.length
    if (OTHER.test(dictionary) || end - start > LARGEST_STREAM || total > LARGEST_TOTAL) continue
    const isPacked = /\/Filter/.test(dictionary)
    if (isPacked && (!ALIKE.test(dictionary) || /\/Predictor/.test(dictionary))) continue
    const bytes = isPacked ? unpacked(file.subarray(start, end)) : file.subarray(start, end)
    if (!bytes) continue
    total += bytes.length
    const content = quick.decode(bytes)
    if (/\/ObjStm/.test(dictionary)) isSplit ||= SPLIT.test(content)
    else if (PdfText.mayHide(content)) {
      const text = new PdfText(latin(bytes), /\/Subtype\s*\/Form/.test(dictionary))
      found.push({ start, end, isPacked, text })
    }
  }
  const unseen: Unseen = { hidden: 0, behindPictures: 0 }
  for (const stream of found) blank(file, stream, !isSplit, unseen)
  return unseen
}

function blank(file: Uint8Array, { start, end, isPacked, text }: Stream, whiteToo: boolean, unseen: Unseen) {
  if (text.isRecognized) unseen.behindPictures++
  const pieces = text.hidden(whiteToo)
  if (pieces.length === 0) return
  const bytes = Uint8Array.from(text.without(pieces), (letter) => letter.charCodeAt(0))
  const packed = isPacked ? zlibSync(bytes, { level: 9 }) : bytes
  // Its place in the file is as large as it was. What packs worse than the program that wrote it stays.
  if (packed.length > end - start) return
  file.fill(isPacked ? 0 : 0x20, start, end)
  file.set(packed, start)
  unseen.hidden += pieces.length
}

/** Where the data of a stream ends: where it says, if that is so. */
function endOf(file: Uint8Array, start: number, dictionary: string): number {
  const said = start + Number(/\/Length\s+(\d+)(?!\s+\d+\s+R)/.exec(dictionary)?.[1] ?? Infinity)
  if (said < file.length) {
    const at = find(file.subarray(said, said + END.length + 4), END, 0)
    if (at >= 0) return said
  }
  const at = find(file, END, start)
  return at < 0 ? file.length : at
}

function find(bytes: Uint8Array, word: Uint8Array, from: number): number {
  const [first = LETTER_S] = word
  for (let at = bytes.indexOf(first, from); at >= 0; at = bytes.indexOf(first, at + 1))
    if (isAt(bytes, at, word)) return at
  return -1
}

/** For each letter s of a file: a closure would take as long as all the rest. */
function isAt(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 1; i < word.length; i++) if (bytes[at + i] !== word[i]) return false
  return true
}

/** `null` for what cannot be unpacked, or becomes too large. */
function unpacked(bytes: Uint8Array): Uint8Array | null {
  if (bytes.length * MOST_GROWTH < LARGEST_STREAM) return unpackedAtOnce(bytes)
  const parts: Uint8Array[] = []
  let length = 0
  const stream = new Unzlib((part) => {
    parts.push(part)
    length += part.length
  })
  try {
    for (let at = 0; at < bytes.length && length <= LARGEST_STREAM; at += PIECE)
      stream.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.length)
  } catch {
    // An end that is cut off is no reason not to look at what came before.
    return null
  }
  return length > LARGEST_STREAM ? null : joined(parts)
}

/** Quicker for the many small ones. */
function unpackedAtOnce(bytes: Uint8Array): Uint8Array | null {
  try {
    return unzlibSync(bytes)
  } catch {
    return null
  }
}

/** A letter for each byte, which is that byte. */
function latin(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += PIECE)
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE))
  return text
}
