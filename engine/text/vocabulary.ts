import { EngineError } from '../errors.ts'
import { isRecord } from '../formats/json.ts'
import { fromByteLevel } from './byte-map.ts'

export interface AddedToken {
  readonly id: number
  readonly content: string
  /** a control token: never part of a reply's text */
  readonly isSpecial: boolean
  /** takes the whitespace before it, or after it, with it */
  readonly stripsBefore: boolean
  readonly stripsAfter: boolean
}

/** What tokenizer.json says about tokens, checked. */
export interface Vocabulary {
  /** largest id + 1 */
  readonly size: number
  readonly added: readonly AddedToken[]
  idOf(content: string): number | undefined
  /** the bytes a token stands for; none for special tokens and for ids without a token */
  bytes(token: number): Uint8Array
}

// Far above every published vocabulary (262,144), and small enough for an array of that length.
const MAX_TOKENS = 2 ** 22
const EMPTY = new Uint8Array(0)
const BYTE_TOKEN = /^<0x([0-9A-F]{2})>$/
const SPACE_MARK = /\u2581/g

/** @throws {EngineError} `bad-file`: a part is missing, an id is out of range, or the model is not BPE */
export function readVocabulary(tokenizer: unknown): Vocabulary {
  if (!isRecord(tokenizer)) return fail('it is not an object')
  const { model } = tokenizer
  if (!isRecord(model) || !isRecord(model['vocab'])) return fail('it has no vocabulary')
  // Files before tokenizers 0.9 leave the type out.
  const type = model['type'] ?? 'BPE'
  if (type !== 'BPE') return fail(`its model is ${JSON.stringify(type)}, and only BPE is supported`)

  if (!Array.isArray(model['merges'])) return fail('it has no merges')

  const ids = new Map<string, number>()
  const contents: string[] = []
  const put = (content: string, id: unknown): void => {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= MAX_TOKENS) {
      fail(`the token ${JSON.stringify(content.slice(0, 40))} has the id ${String(id)}`)
    }
    ids.set(content, id)
    contents[id] = content
  }
  for (const [content, id] of Object.entries(model['vocab'])) put(content, id)
  const added = readAdded(tokenizer['added_tokens'] ?? [])
  for (const { content, id } of added) put(content, id)
  if (contents.length === 0) fail('its vocabulary is empty')

  const addedById = new Map(added.map((token) => [token.id, token]))
  const toBytes = hasByteLevel(tokenizer) ? bytesOfByteLevel : bytesOfSentencePiece
  return {
    size: contents.length,
    added,
    idOf: (content) => ids.get(content),
    bytes(token) {
      const named = addedById.get(token)
      if (named) return named.isSpecial ? EMPTY : new TextEncoder().encode(named.content)
      const content = contents[token]
      return content === undefined ? EMPTY : toBytes(content)
    },
  }
}

function readAdded(tokens: unknown): AddedToken[] {
  if (!Array.isArray(tokens)) return fail('its added tokens are not a list')
  return tokens.map((token: unknown) => {
    if (!isRecord(token)) return fail('an added token is not an object')
    const { id, content, special, lstrip, rstrip } = token
    if (typeof content !== 'string' || content === '' || typeof id !== 'number') {
      return fail('an added token has no content or no id')
    }
    return {
      id,
      content,
      isSpecial: special === true,
      stripsBefore: lstrip === true,
      stripsAfter: rstrip === true,
    }
  })
}

function hasByteLevel(part: unknown): boolean {
  if (Array.isArray(part)) return part.some(hasByteLevel)
  if (!isRecord(part)) return false
  if (part['type'] === 'ByteLevel') return true
  return ['pre_tokenizer', 'decoder', 'pretokenizers', 'decoders'].some((key) => hasByteLevel(part[key]))
}

function bytesOfByteLevel(content: string): Uint8Array {
  return fromByteLevel(content) ?? new TextEncoder().encode(content)
}

function bytesOfSentencePiece(content: string): Uint8Array {
  const byte = BYTE_TOKEN.exec(content)?.[1]
  if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16))
  return new TextEncoder().encode(content.replace(SPACE_MARK, ' '))
}

function fail(reason: string): never {
  throw new EngineError({ code: 'bad-file', file: 'tokenizer.json', reason })
}
