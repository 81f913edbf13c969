import { createHash } from 'node:crypto'
import type { ChapterEnd, DocumentMemory } from './document-bridge.ts'
import { asRecord, isText, parseOptions } from './entries.ts'
import { wasRead } from './was-read.ts'

/** What is known of a document before any of it is read. */
export type NewDocument = Omit<DocumentMemory, 'saved' | 'hashes' | 'tokens' | 'stateBytes'>

/** in characters, of which one may be two of JavaScript's */
export const LONGEST_NAME = 80
/** of 255 that a disk takes; the rest is for endings */
const LONGEST_STEM = 200
/** so many characters of a name are never longer than that, encoded */
const STEM_CHARACTERS = 15
/** So many states of one document stay, apart from the last: "as of page N" lands on the nearest. */
const MOST_SAVED = 24
/** More are left out from the end on. */
const MOST_CHAPTERS = 2000
const LONGEST_TITLE = 200

/** A name from that of a file, without what names may not have. */
export function nameFrom(file: string): string {
  const safe = file
    .replace(/[^\p{L}\p{N} _.-]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[^\p{L}\p{N}]+/u, '')
  return cut(safe, LONGEST_NAME).trim() || 'document'
}

/** The first characters, each of them whole. */
export function cut(text: string, characters: number): string {
  return Array.from(text).slice(0, characters).join('')
}

export function isName(value: unknown): value is string {
  return isText(value, 2 * LONGEST_NAME) && cut(value, LONGEST_NAME) === value
}

/** What a memory's files are called: the name, or where that is too long for a disk its beginning and a hash of it. */
export function stemOf(name: string): string {
  const whole = encodeURIComponent(name)
  if (whole.length <= LONGEST_STEM) return whole
  const hash = sha256(new TextEncoder().encode(name)).slice(0, 16)
  return `${encodeURIComponent(cut(name, STEM_CHARACTERS))}~${hash}`
}

/** Every second goes when there are too many, of those at ends of chapters only where no other is left; the last stays. */
export function thinned(saved: readonly number[], chapters: readonly ChapterEnd[] = []): readonly number[] {
  if (saved.length <= MOST_SAVED) return saved
  const ends = new Set(chapters.map(({ page }) => page))
  const all = saved.slice(0, -1)
  const others = all.filter((page) => !ends.has(page))
  const gone = new Set((others.length > 0 ? others : all).filter((_, i) => i % 2 === 0))
  return saved.filter((page) => !gone.has(page))
}

/** What a list file says; `null` for one that is damaged. */
export function parseMemory(bytes: Uint8Array): DocumentMemory | null {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
  const { saved, tokens, stateBytes } = asRecord(value)
  const fresh = parseNewDocument(value)
  if (!fresh || !isWhole(tokens) || !isWhole(stateBytes)) return null
  if (!Array.isArray(saved) || !saved.every(isWhole)) return null
  return { ...fresh, saved, hashes: hashesOf(saved, asRecord(asRecord(value)['hashes'])), tokens, stateBytes }
}

/** Of a state, in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Those of the pages that are saved. */
export function hashesOf(
  saved: readonly number[],
  hashes: Readonly<Record<string, unknown>> = {},
): Record<string, string> {
  const kept = saved.map((page) => [page, hashes[page]] as const)
  return Object.fromEntries(kept.filter((each): each is [number, string] => isText(each[1], 64)))
}

export function isRead({ saved, pages }: DocumentMemory): boolean {
  return saved.at(-1) === pages
}

/** More is known of its file now, as where an earlier version of the program read it. */
export function isNews(fresh: NewDocument, { notes = [], chapters = [] }: DocumentMemory): boolean {
  const isNew = (now: readonly unknown[] = [], then: readonly unknown[]) =>
    now.length > 0 && then.length === 0
  return isNew(fresh.notes, notes) || isNew(fresh.chapters, chapters)
}

export function isAlike(memory: DocumentMemory, { model, options }: NewDocument): boolean {
  return memory.model === model && JSON.stringify(memory.options) === JSON.stringify(options)
}

/** `null` for what is none. */
export function parseNewDocument(value: unknown): NewDocument | null {
  const { name, file, pages, characters, model, ...rest } = asRecord(value)
  const options = parseOptions(rest['options'])
  if (!isName(name) || !isText(file, 1000) || !isText(model, 1000) || !options) return null
  if (!isWhole(pages) || !isWhole(characters)) return null
  const { notes } = wasRead(rest)
  const chapters = parseChapters(rest['chapters'])
  return {
    ...{ name, file, pages, characters, model, options },
    ...(notes ? { notes } : {}),
    ...(chapters.length > 0 ? { chapters } : {}),
  }
}

/** Those that are chapters. */
function parseChapters(value: unknown): ChapterEnd[] {
  if (!Array.isArray(value)) return []
  return value.slice(0, MOST_CHAPTERS).flatMap((each: unknown) => {
    const { title, page } = asRecord(each)
    return isText(title, LONGEST_TITLE) && isWhole(page) ? [{ title, page }] : []
  })
}

function isWhole(each: unknown): each is number {
  return Number.isSafeInteger(each) && Number(each) >= 0
}
