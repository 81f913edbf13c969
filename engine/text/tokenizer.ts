import { Tokenizer as Library } from '@huggingface/tokenizers'
import { EngineError } from '../errors.ts'
import { isRecord } from '../formats/json.ts'
import { boundPatterns } from './bounded-pattern.ts'
import type { PromptPiece } from './chat-template.ts'
import { exactPreTokenizer } from './exact-pre-tokenizer.ts'
import { type AddedToken, readVocabulary, type Vocabulary } from './vocabulary.ts'

export interface Tokenizer {
  /** largest token id + 1; the model's V may be larger, for padding */
  readonly vocabSize: number
  /** the end-of-turn token a reply is closed with */
  readonly endOfTurn: number
  /** every token that ends a reply */
  readonly endsOfTurn: readonly number[]
  isEndOfTurn(token: number): boolean
  /** Plain text: `<|im_end|>` typed by a user stays text. */
  encode(text: string): number[]
  /** As one text, so tokens may span pieces; special tokens are looked for in template pieces only. */
  encodePieces(pieces: readonly PromptPiece[]): number[]
  /** The raw bytes of a token, which may be part of a character; empty for special tokens. */
  bytes(token: number): Uint8Array
}

export interface TokenizerFiles {
  /** tokenizer.json */
  readonly tokenizer: unknown
  /** tokenizer_config.json */
  readonly tokenizerConfig: unknown
  /** generation_config.json, if there is one */
  readonly generationConfig: unknown
}

// BPE of a run without a break takes the library 26 s for 1 MB and 2 s in runs of 1024. The cuts cost at most
// a token or two each: 587,291 instead of 587,110 for 1 MB of random letters.
const MAX_RUN = 1024
// Words repeat: a book of 1 MB has some 20,000 different ones.
const MAX_REMEMBERED = 50_000
const SYNTAX = /[\\^$.*+?()[\]{}|/]/g

/**
 * The tokenizer of a model folder: text to tokens by the rules of tokenizer.json, tokens to bytes.
 *
 * A lone surrogate becomes U+FFFD. Runs without a break are exact up to 1024 characters. Cost: 2 s for 1 MB of
 * English, 7 s for 1 MB of digits, the worst text known.
 *
 * @throws {EngineError} `bad-file`: tokenizer.json is not BPE or cannot be read, or no end-of-turn token is named
 */
export function createTokenizer({ tokenizer, tokenizerConfig, generationConfig }: TokenizerFiles): Tokenizer {
  const vocabulary = readVocabulary(tokenizer)
  const encodeSection = createEncoder(tokenizer, vocabulary)
  const splitTemplate = createSplitter(vocabulary.added)
  const endsOfTurn = readEndsOfTurn(vocabulary, tokenizerConfig, generationConfig)

  return {
    vocabSize: vocabulary.size,
    endOfTurn: endsOfTurn[0],
    endsOfTurn,
    isEndOfTurn: (token) => endsOfTurn.includes(token),
    bytes: (token) => vocabulary.bytes(token),
    encode: (text) => encodeSection(text, 0),
    encodePieces(pieces) {
      const tokens: number[] = []
      let section = 0
      let text = ''
      let stripsNext = false
      const flush = (): void => {
        const trimmed = stripsNext ? text.trimStart() : text
        for (const token of encodeSection(trimmed, section)) tokens.push(token)
        if (text !== '') section++
        text = ''
      }
      for (const piece of pieces) {
        for (const part of piece.kind === 'template' ? splitTemplate(piece.text) : [piece.text]) {
          if (typeof part === 'string') {
            text += part
            continue
          }
          if (part.stripsBefore) text = text.trimEnd()
          flush()
          tokens.push(part.id)
          section++
          stripsNext = part.stripsAfter
        }
      }
      flush()
      return tokens
    },
  }
}

/** The library's normalizer, pre-tokenizer and model, without added tokens, over one stretch of plain text. */
function createEncoder(tokenizer: unknown, vocabulary: Vocabulary) {
  const { normalizer, pre_tokenizer: preTokenizer, model } = createLibrary(tokenizer, vocabulary)
  if (model === null) return fail('it has no model')
  const remembered = new Map<string, readonly number[]>()

  const encodeRun = (run: string): readonly number[] => {
    const known = remembered.get(run)
    if (known) return known
    const tokens: number[] = []
    for (const content of model._call([run])) {
      const token = model.tokens_to_ids.get(content) ?? model.unk_token_id
      if (token !== undefined) tokens.push(token)
    }
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(run, tokens)
    return tokens
  }

  /** @param section 0 at the start of a text: some vocabularies put a space there */
  return (text: string, section: number): number[] => {
    if (text === '') return []
    const whole = text.toWellFormed()
    const normalized = normalizer ? normalizer.normalize(whole) : whole
    const words = preTokenizer
      ? preTokenizer.pre_tokenize(normalized, { section_index: section })
      : [normalized]
    const tokens: number[] = []
    for (const word of words) {
      for (const run of splitRuns(word)) for (const token of encodeRun(run)) tokens.push(token)
    }
    return tokens
  }
}

/** Special tokens leave the model's own vocabulary too, so that no merge can make one out of text. */
function createLibrary(tokenizer: unknown, { added }: Vocabulary): Library {
  const file = isRecord(tokenizer) ? tokenizer : {}
  const model = isRecord(file['model']) ? file['model'] : {}
  const vocab = isRecord(model['vocab']) ? model['vocab'] : {}
  const special = new Set(added.filter(({ isSpecial }) => isSpecial).map(({ content }) => content))
  // What text without a token becomes has to stay.
  if (typeof model['unk_token'] === 'string') special.delete(model['unk_token'])
  const plainVocab = Object.fromEntries(Object.entries(vocab).filter(([content]) => !special.has(content)))
  try {
    const library = new Library(
      {
        normalizer: file['normalizer'] ?? null,
        pre_tokenizer: exactPreTokenizer(file['pre_tokenizer'] ?? null),
        post_processor: null,
        decoder: null,
        added_tokens: [],
        model: { ...model, type: 'BPE', vocab: plainVocab },
      },
      {},
    )
    boundPatterns([library.normalizer, library.pre_tokenizer])
    return library
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}

/** Pieces of at most MAX_RUN, cut before a space where there is one, never inside a character. */
function splitRuns(word: string): string[] {
  const runs: string[] = []
  let start = 0
  while (word.length - start > MAX_RUN) {
    let end = start + MAX_RUN
    while (end > start && !(word[end] === '\u2581' && word[end - 1] !== '\u2581')) end--
    if (end === start) end = start + MAX_RUN
    // A low surrogate belongs to what is before it.
    if ((word.charCodeAt(end) & 0xfc00) === 0xdc00) end--
    runs.push(word.slice(start, end))
    start = end
  }
  runs.push(word.slice(start))
  return runs
}

/** Cuts template text at added tokens, the longest one where several begin. */
function createSplitter(added: readonly AddedToken[]): (text: string) => (string | AddedToken)[] {
  const byContent = new Map(added.map((token) => [token.content, token]))
  const longestFirst = [...byContent.keys()].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(
    `(${longestFirst.map((content) => content.replace(SYNTAX, '\\$&')).join('|')})`,
    'u',
  )
  return (text) =>
    longestFirst.length === 0 ? [text] : text.split(pattern).map((part) => byContent.get(part) ?? part)
}

/** eos_token first, then what generation_config.json adds to it. */
function readEndsOfTurn(
  vocabulary: Vocabulary,
  tokenizerConfig: unknown,
  generationConfig: unknown,
): readonly [number, ...number[]] {
  const ends: number[] = []
  const named = isRecord(tokenizerConfig) ? tokenizerConfig['eos_token'] : undefined
  const content = isRecord(named) ? named['content'] : named
  const byName = typeof content === 'string' ? vocabulary.idOf(content) : undefined
  if (byName !== undefined) ends.push(byName)
  const listed: unknown = isRecord(generationConfig) ? generationConfig['eos_token_id'] : undefined
  for (const id of Array.isArray(listed) ? (listed as unknown[]) : [listed]) {
    if (typeof id === 'number' && id >= 0 && id < vocabulary.size) ends.push(id)
  }
  const [first, ...rest] = ends
  if (first === undefined) {
    const reason = 'neither it nor generation_config.json names a token that ends a turn'
    throw new EngineError({ code: 'bad-file', file: 'tokenizer_config.json', reason })
  }
  return [first, ...rest]
}

function fail(reason: string): never {
  throw new EngineError({ code: 'bad-file', file: 'tokenizer.json', reason })
}
