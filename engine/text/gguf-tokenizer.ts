import type { GgufMetadata } from '../formats/gguf-metadata.ts'
import { preTokenizerOf, PRE_TOKENIZERS } from './gguf-pre-tokenizers.ts'
import { mergesOf } from './sentencepiece-merges.ts'

/** `tokenizer.ggml.token_type` */
const UNKNOWN = 2
const CONTROL = 3
const USER_DEFINED = 4
/** Names of tokens that end a turn, in case the file names only one of several. */
const ENDS_OF_TURN = [
  '<|im_end|>',
  '<|eot_id|>',
  '<|eom_id|>',
  '<|end|>',
  '<|endoftext|>',
  '<|end_of_text|>',
  '</s>',
]

export interface GgufTokenizer {
  /** tokenizer.json */
  readonly tokenizer: Record<string, unknown>
  /** tokenizer_config.json */
  readonly tokenizerConfig: Record<string, unknown>
  /** generation_config.json */
  readonly generationConfig: Record<string, unknown>
}

/**
 * The Hugging Face tokenizer that a GGUF file's metadata describes: byte-level BPE (`gpt2`) as it is, SentencePiece
 * (`llama`) as BPE whose merges are ranked by the scores of what they make.
 *
 * @throws {EngineError} `unsupported-file`: another kind of tokenizer; `bad-file`: a part is missing or does not fit
 */
export function ggufTokenizer(metadata: GgufMetadata): GgufTokenizer {
  const tokens = metadata.texts('tokenizer.ggml.tokens')
  if (!tokens || tokens.length === 0) throw metadata.bad('it has no tokens')
  const types = metadata.numbers('tokenizer.ggml.token_type')
  if (types && types.length !== tokens.length) {
    throw metadata.bad(`it has ${tokens.length} tokens and the types of ${types.length}`)
  }
  const typeOf = (id: number): number => types?.[id] ?? 1

  const kind = metadata.text('tokenizer.ggml.model')
  const added = tokens.flatMap((content, id) => {
    const type = typeOf(id)
    if (content === '' || (type !== CONTROL && type !== USER_DEFINED)) return []
    return [
      {
        id,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: type === CONTROL,
      },
    ]
  })
  let parts: Record<string, unknown>
  if (kind === 'gpt2') parts = byteLevel(metadata, tokens)
  else if (kind === 'llama') parts = sentencePiece(metadata, tokens, typeOf)
  else
    throw metadata.unsupported(
      `its tokenizer is "${kind ?? 'none'}", and gpt2 (BPE) and llama (SentencePiece) are known`,
    )

  const ids = new Map(tokens.map((content, id) => [content, id]))
  const ends = [
    metadata.number('tokenizer.ggml.eos_token_id'),
    metadata.number('tokenizer.ggml.eot_token_id'),
  ]
  for (const name of ENDS_OF_TURN) {
    const id = ids.get(name)
    if (id !== undefined && typeOf(id) === CONTROL) ends.push(id)
  }
  return {
    tokenizer: { version: '1.0', added_tokens: added, post_processor: null, ...parts },
    tokenizerConfig: {
      ...specialTokens(metadata, tokens),
      chat_template: metadata.text('tokenizer.chat_template'),
    },
    generationConfig: {
      eos_token_id: [...new Set(ends.filter((id) => id !== null))],
      ...sampling(metadata),
    },
  }
}

function byteLevel(metadata: GgufMetadata, tokens: readonly string[]): Record<string, unknown> {
  const merges = metadata.texts('tokenizer.ggml.merges')
  if (!merges) throw metadata.bad('it has no merges')
  const name = metadata.text('tokenizer.ggml.pre') ?? 'default'
  const kind = preTokenizerOf(name)
  if (!kind) {
    throw metadata.unsupported(
      `its text is split by the rules "${name}", and these are known: ${PRE_TOKENIZERS.join(', ')}`,
    )
  }
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false }
  const splits = kind.patterns.map((pattern) => ({
    type: 'Split',
    pattern: { Regex: pattern },
    behavior: 'Isolated',
    invert: false,
  }))
  return {
    normalizer: kind.composes ? { type: 'NFC' } : null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: [...splits, byteLevel] },
    decoder: byteLevel,
    model: {
      type: 'BPE',
      unk_token: null,
      byte_fallback: false,
      ignore_merges: kind.wholeWords,
      vocab: vocabOf(tokens),
      merges: merges.map((merge) => {
        const [left = '', right, rest] = merge.split(' ')
        if (left === '' || right === undefined || rest !== undefined)
          throw metadata.bad('a merge is not two tokens')
        return [left, right]
      }),
    },
  }
}

function sentencePiece(
  metadata: GgufMetadata,
  tokens: readonly string[],
  typeOf: (id: number) => number,
): Record<string, unknown> {
  const scores = metadata.numbers('tokenizer.ggml.scores')
  if (scores?.length !== tokens.length) {
    throw metadata.bad(`it has ${tokens.length} tokens and the scores of ${scores?.length ?? 0}`)
  }
  const unknown = tokens.findIndex((_, id) => typeOf(id) === UNKNOWN)
  const blank = { type: 'Replace', pattern: { String: ' ' }, content: '\u2581' }
  const hasPrefix = metadata.boolean('tokenizer.ggml.add_space_prefix') ?? true
  const normalizers = hasPrefix ? [{ type: 'Prepend', prepend: '\u2581' }, blank] : [blank]
  return {
    normalizer: { type: 'Sequence', normalizers },
    pre_tokenizer: null,
    decoder: null,
    model: {
      type: 'BPE',
      unk_token: tokens[unknown] ?? null,
      fuse_unk: true,
      byte_fallback: true,
      vocab: vocabOf(tokens),
      merges: mergesOf(tokens, scores, typeOf),
    },
  }
}

/** Of tokens with the same content the first one counts. */
function vocabOf(tokens: readonly string[]): Record<string, number> {
  return Object.fromEntries(tokens.map((content, id): [string, number] => [content, id]).reverse())
}

function specialTokens(metadata: GgufMetadata, tokens: readonly string[]): Record<string, string> {
  const named: Record<string, string> = {}
  for (const [name, key] of [
    ['bos_token', 'bos'],
    ['eos_token', 'eos'],
    ['unk_token', 'unknown'],
    ['pad_token', 'padding'],
  ] as const) {
    const id = metadata.number(`tokenizer.ggml.${key}_token_id`)
    if (id === null) continue
    const content = tokens[id]
    if (content === undefined) throw metadata.bad(`its ${name} is ${id}, of ${tokens.length} tokens`)
    named[name] = content
  }
  return named
}

/** What newer files say about sampling, under the names of generation_config.json. */
function sampling(metadata: GgufMetadata): Record<string, number> {
  const fields: Record<string, number> = {}
  for (const [name, key] of [
    ['temperature', 'temp'],
    ['top_k', 'top_k'],
    ['top_p', 'top_p'],
    ['min_p', 'min_p'],
    ['repetition_penalty', 'penalty_repeat'],
  ] as const) {
    const value = metadata.number(`general.sampling.${key}`)
    if (value !== null) fields[name] = value
  }
  return fields
}
