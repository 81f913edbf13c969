import type { SavedState } from '../model/sequence.ts'
import type { ConversationOptions } from '../protocol.ts'
import { type ModelIdentity, sha256 } from './identity.ts'

/** All that a conversation needs to go on, besides its options. */
export interface SavedConversation {
  readonly state: SavedState
  /** tokens that belong to it and are not in the state yet */
  readonly unread: readonly number[]
  readonly first: boolean
  readonly afterReply: boolean
  /** hash of all token ids in the state */
  readonly tokens: string
}

/**
 * A conversation's memory as bytes:
 *
 *     "PLATEAU STATE 1\n" | length of the header u32 | header, JSON | state | SHA-256 of all of it, as 64 hex digits
 *
 * The header names the model, its tokenizer, the numerics, the options, the position and the hash of all tokens.
 */
export interface SnapshotOwner {
  readonly identity: ModelIdentity
  readonly options: ConversationOptions
}

const MAGIC = new TextEncoder().encode('PLATEAU STATE 1\n')
const DIGEST_CHARACTERS = 64
const LONGEST_HEADER = 1 << 24

interface Header {
  readonly identity: ModelIdentity
  readonly options: ConversationOptions
  readonly position: number
  readonly tokens: string
  readonly unread: readonly number[]
  readonly first: boolean
  readonly afterReply: boolean
  /** where the slots stand in the state: first byte, numbers, bytes of each */
  readonly slots: readonly (readonly [number, number, number])[]
}

/** A snapshot that is not what it should be, and which field is wrong. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError'
}

export async function encodeSnapshot(
  owner: SnapshotOwner,
  saved: SavedConversation,
): Promise<Uint8Array<ArrayBuffer>> {
  const { state, unread, first, afterReply, tokens } = saved
  const header: Header = {
    identity: owner.identity,
    options: canonical(owner.options),
    position: state.position,
    tokens,
    unread,
    first,
    afterReply,
    slots: state.slots.map((slots) => [slots.byteOffset, slots.length, slots.BYTES_PER_ELEMENT]),
  }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const bytes = new Uint8Array(MAGIC.length + 4 + text.length + state.bytes.length + DIGEST_CHARACTERS)
  bytes.set(MAGIC)
  new DataView(bytes.buffer).setUint32(MAGIC.length, text.length, true)
  bytes.set(text, MAGIC.length + 4)
  bytes.set(state.bytes, MAGIC.length + 4 + text.length)
  const digest = await sha256([bytes.subarray(0, -DIGEST_CHARACTERS)])
  bytes.set(new TextEncoder().encode(digest), bytes.length - DIGEST_CHARACTERS)
  return bytes
}

/**
 * The memory in a snapshot, if every field is what it should be.
 *
 * @throws {SnapshotError} naming the field that is not
 */
export async function decodeSnapshot(bytes: Uint8Array, owner: SnapshotOwner): Promise<SavedConversation> {
  const end = bytes.length - DIGEST_CHARACTERS
  const start = MAGIC.length + 4
  if (end < start || MAGIC.some((byte, i) => bytes[i] !== byte)) throw new SnapshotError('it is no snapshot')
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true)
  if (length > LONGEST_HEADER || start + length > end) throw new SnapshotError('its header is cut off')
  const digest = new TextDecoder('latin1').decode(bytes.subarray(end))
  if (digest !== (await sha256([bytes.subarray(0, end)]))) throw new SnapshotError('its checksum is wrong')
  const header = parseHeader(bytes.subarray(start, start + length))
  const { identity } = owner
  for (const field of ['model', 'tokenizer', 'numerics'] as const)
    if (header.identity[field] !== identity[field]) throw new SnapshotError(`its ${field} is another`)
  if (JSON.stringify(header.options) !== JSON.stringify(canonical(owner.options)))
    throw new SnapshotError('its options are others')
  // Not `slice`, which copies nothing in Node's kind of Uint8Array.
  const state = new Uint8Array(bytes.subarray(start + length, end))
  const slots = header.slots.map(([offset, count, size]) => {
    if (offset % size !== 0 || offset + count * size > state.length)
      throw new SnapshotError('its slots lie outside of it')
    return size === 4
      ? new Float32Array(state.buffer, offset, count)
      : new Float64Array(state.buffer, offset, count)
  })
  const { position, unread, first, afterReply, tokens } = header
  return { state: { position, bytes: state, slots }, unread, first, afterReply, tokens }
}

/** What decides the memory, in one order. */
function canonical({ attention, window, system, slotsOn = true }: ConversationOptions): ConversationOptions {
  return { attention, window, system, slotsOn }
}

/** The digest was right, so this is a header that was written here: it is checked for shape, not for malice. */
function parseHeader(bytes: Uint8Array): Header {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    value = null
  }
  if (!isHeader(value)) throw new SnapshotError('its header is not understood')
  return value
}

function isHeader(value: unknown): value is Header {
  if (typeof value !== 'object' || value === null) return false
  const { identity, options, position, tokens, unread, first, afterReply, slots } = value as Partial<Header>
  const isWhole = (number: unknown) => Number.isSafeInteger(number) && Number(number) >= 0
  const areWhole = (numbers: unknown): numbers is number[] => Array.isArray(numbers) && numbers.every(isWhole)
  return (
    typeof identity === 'object' &&
    typeof options === 'object' &&
    isWhole(position) &&
    typeof tokens === 'string' &&
    areWhole(unread) &&
    typeof first === 'boolean' &&
    typeof afterReply === 'boolean' &&
    Array.isArray(slots) &&
    slots.every((slot) => areWhole(slot) && slot.length === 3 && (slot[2] === 4 || slot[2] === 8))
  )
}
