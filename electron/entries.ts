import { type Citing, citing, type LookedUp, some } from './citing.ts'
import { type JournalRecord } from './records.ts'
import { type WasRead, wasRead } from './was-read.ts'

/** How a reply ended: the engine's words, and one more. */
export type EntryEnd = 'stop' | 'length' | 'abort' | 'loop' | 'failed'

const PRESETS = ['lean', 'balanced', 'faithful'] as const

/** What the conversation is opened with in the engine; the engine's own words. */
export interface EntryOptions {
  readonly attention: 'nha' | 'full'
  readonly window: number | readonly number[] | (typeof PRESETS)[number] | null
  readonly system: string
}

/** So many tokens in so long. */
interface EntryPace {
  readonly tokens: number
  readonly milliseconds: number
}

/** How quickly a question was read and its answer written; each left out where it was not measured. */
export interface Paced {
  readonly read?: EntryPace
  readonly written?: EntryPace
}

/** A model on a server elsewhere: what it is to write leaves this computer. */
export interface Writer {
  /** as the server calls it */
  readonly model: string
  /** whose machine it is, as in `gpu.example:8000` */
  readonly host: string
}

/** Where the memory stood after an entry: the state that belongs to it is known by these. */
export interface EntryMemory {
  readonly position: number
  /** hash of all token ids up to there */
  readonly tokens: string
  readonly stateBytes: number
}

/**
 * One thing that happened in a conversation. Messages, documents and replies are nodes of a tree: `node` is a number
 * from 1 up, and `parent` the node before it, `null` at the beginning.
 */
export type Entry =
  | {
      readonly type: 'opened'
      readonly created: number
      readonly model: string
      readonly options: EntryOptions
    }
  | {
      readonly type: 'user'
      readonly node: number
      readonly parent: number | null
      readonly text: string
      readonly time: number
      /** answered beside the conversation: neither it nor its answer is in memory afterwards */
      readonly aside: boolean
      /** read just before it, in that order */
      readonly lookedUp?: readonly LookedUp[]
    }
  | ({
      readonly type: 'document'
      readonly node: number
      readonly parent: number | null
      readonly name: string
      readonly text: string
      readonly time: number
      /** left out where no memory has read it, or nobody wrote it down */
      readonly memory?: EntryMemory
    } & WasRead)
  | {
      readonly type: 'reply'
      readonly node: number
      readonly parent: number
      readonly time: number
      /** left out where this computer wrote it */
      readonly by?: Writer
    }
  | { readonly type: 'text'; readonly node: number; readonly text: string }
  | ({
      readonly type: 'end'
      readonly node: number
      readonly reason: EntryEnd
      readonly memory: EntryMemory | null
    } & Citing &
      Paced)
  /** the node that the conversation goes on from */
  | { readonly type: 'head'; readonly node: number | null }
  | { readonly type: 'title'; readonly title: string }
  /** whether what left the window is looked up here; the user's setting holds where nothing is said */
  | { readonly type: 'look-up'; readonly on: boolean }
  /** who writes the answers from here on; `null` is this computer, as it is where nothing is said */
  | { readonly type: 'writer'; readonly by: Writer | null }
  /** this node and all below it are gone */
  | { readonly type: 'forget'; readonly node: number }

/** Never change a number: old journals have it. */
const TYPES = {
  opened: 1,
  user: 2,
  document: 3,
  reply: 4,
  text: 5,
  end: 6,
  head: 7,
  title: 8,
  forget: 9,
  'look-up': 10,
  writer: 11,
} as const satisfies Record<Entry['type'], number>

/** A long conversation has thousands of entries: what each needs is made once. */
const NAMES = new Map<number, string>(Object.entries(TYPES).map(([name, number]) => [number, name]))
const UTF8 = new TextDecoder()

const LONGEST_TEXT = 32 << 20
const LONGEST_TITLE = 200
const MOST_LOOKED_UP = 100
const LONGEST_QUOTE = 10_000
/** What a line of the settings may be. */
const LONGEST_NAME = 500

export function encodeEntry({ type, ...fields }: Entry): JournalRecord {
  return { type: TYPES[type], payload: new TextEncoder().encode(JSON.stringify(fields)) }
}

/** `null` for a record that is not known here: it is passed over. */
export function decodeEntry({ type, payload }: JournalRecord): Entry | null {
  const name = NAMES.get(type)
  if (name === undefined) return null
  try {
    const fields: unknown = JSON.parse(UTF8.decode(payload))
    return parseEntry({ ...asRecord(fields), type: name })
  } catch {
    return null
  }
}

/** An entry from outside, with exactly the fields it should have; `null` for anything else. */
export function parseEntry(value: unknown): Entry | null {
  const fields = asRecord(value)
  const { type, node, parent, text, time } = fields
  switch (type) {
    case 'opened': {
      const { created, model } = fields
      const options = parseOptions(fields['options'])
      return isTime(created) && isText(model, LONGEST_TITLE) && options
        ? { type, created, model, options }
        : null
    }
    case 'user': {
      const lookedUp = parseLookedUp(fields['lookedUp'])
      return isNode(node) && isParent(parent) && isText(text) && isTime(time) && lookedUp
        ? { type, node, parent, text, time, aside: fields['aside'] === true, ...some(lookedUp) }
        : null
    }
    case 'document': {
      const { name } = fields
      const memory = parseMemory(fields['memory'] ?? null)
      return isNode(node) && isParent(parent) && isText(text) && isTime(time) && isText(name, 1000)
        ? {
            type,
            node,
            parent,
            name,
            text,
            time,
            ...(memory ? { memory } : {}),
            ...wasRead(fields),
          }
        : null
    }
    case 'reply': {
      const by = parseWriter(fields['by'] ?? null)
      return isNode(node) && isNode(parent) && isTime(time) && by !== undefined
        ? { type, node, parent, time, ...writtenBy(by) }
        : null
    }
    case 'text':
      return isNode(node) && isText(text) ? { type, node, text } : null
    case 'end': {
      const { reason } = fields
      const memory = parseMemory(fields['memory'])
      const cited = parseLookedUp(fields['cited'])
      const nearest = parseLookedUp(fields['nearest'])
      const { inDocument } = fields
      return isNode(node) && isEnd(reason) && memory !== undefined && cited && nearest
        ? { type, node, reason, memory, ...citing({ cited, inDocument, nearest }), ...paced(fields) }
        : null
    }
    case 'head':
      return isParent(node) ? { type, node } : null
    case 'title': {
      const { title } = fields
      return isText(title, LONGEST_TITLE) ? { type, title } : null
    }
    case 'look-up': {
      const { on } = fields
      return typeof on === 'boolean' ? { type, on } : null
    }
    case 'writer': {
      const by = parseWriter(fields['by'])
      return by === undefined ? null : { type, by }
    }
    case 'forget':
      return isNode(node) ? { type, node } : null
    default:
      return null
  }
}

export function parseOptions(value: unknown): EntryOptions | null {
  const { attention, window, system } = asRecord(value)
  if (attention !== 'nha' && attention !== 'full') return null
  if (!isWindow(window)) return null
  return isText(system, 1_000_000) ? { attention, window, system } : null
}

/** A number for every layer, one for each, a preset, or what the model was trained with. */
function isWindow(value: unknown): value is EntryOptions['window'] {
  const isLength = (length: unknown) => isWhole(length) && length >= 0
  return (
    value === null ||
    isLength(value) ||
    PRESETS.some((preset) => preset === value) ||
    (Array.isArray(value) && value.length < 1000 && value.every(isLength))
  )
}

/** Only what was measured. */
export function paced(fields: { readonly read?: unknown; readonly written?: unknown }): Paced {
  const [read, written] = [parsePace(fields.read), parsePace(fields.written)]
  return { ...(read ? { read } : {}), ...(written ? { written } : {}) }
}

/** Nothing, where this computer wrote it. */
export function writtenBy(by: Writer | null): { by?: Writer } {
  return by ? { by } : {}
}

function parseWriter(value: unknown): Writer | null | undefined {
  if (value === null) return null
  const { model, host } = asRecord(value)
  return isText(model, LONGEST_NAME) && isText(host, LONGEST_NAME) ? { model, host } : undefined
}

function parseLookedUp(value: unknown): readonly LookedUp[] | null {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length > MOST_LOOKED_UP) return null
  const parsed = value.flatMap((each: unknown) => {
    const { node, name, page, quote } = asRecord(each)
    const good = isNode(node) && isText(name, 1000) && isNode(page) && isText(quote, LONGEST_QUOTE)
    return good ? [{ node, name, page, quote }] : []
  })
  return parsed.length === value.length ? parsed : null
}

function parseMemory(value: unknown): EntryMemory | null | undefined {
  if (value === null) return null
  const { position, tokens, stateBytes } = asRecord(value)
  if (!isWhole(position) || position < 0 || !isWhole(stateBytes) || stateBytes < 0) return undefined
  return isText(tokens, 64) ? { position, tokens, stateBytes } : undefined
}

export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}

function parsePace(value: unknown): EntryPace | null {
  const { tokens, milliseconds } = asRecord(value)
  return isWhole(tokens) && tokens >= 0 && isTime(milliseconds) ? { tokens, milliseconds } : null
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function isNode(value: unknown): value is number {
  return isWhole(value) && value > 0
}

function isParent(value: unknown): value is number | null {
  return value === null || isNode(value)
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

export function isText(value: unknown, longest = LONGEST_TEXT): value is string {
  return typeof value === 'string' && value.length <= longest
}

function isEnd(value: unknown): value is EntryEnd {
  return ['stop', 'length', 'abort', 'loop', 'failed'].includes(value as string)
}
