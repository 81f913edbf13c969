import { mergesOf } from '../../engine/text/sentencepiece-merges.ts'
import type { TokenizerFile } from './grown-tokenizer.ts'
import type { LearnedVocabulary } from './learned-vocabulary.ts'
import { f32s, i32s, type ValueToWrite } from './write-gguf.ts'

/** A tokenizer as a Hugging Face folder has it, and as llama.cpp's converter writes the same one into a GGUF file. */
export interface FamilyTokenizer {
  readonly json: Record<string, unknown>
  readonly gguf: Record<string, ValueToWrite>
}

const split = (Regex: string) => ({
  type: 'Split',
  pattern: { Regex },
  behavior: 'Isolated',
  invert: false,
})
const bytes = (use_regex: boolean) => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: false,
  use_regex,
})
const inTurn = (...pretokenizers: unknown[]) => ({
  type: 'Sequence',
  pretokenizers,
})
/** The rules of Llama 3 and of Qwen 2 and 3, which differ in how many digits go together. */
const words = (digits: string) =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`
const TEKKEN =
  '[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|' +
  '[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|' +
  '\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'

const DEFAULT = [
  '[\\p{P}\\$\\+<=>\\^~\\|]+',
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)",
  '\\p{N}+',
  '[0-9][0-9][0-9]',
]

/** Byte-level families: what their published tokenizer.json says about words, and llama.cpp's name for it. */
const BYTE_LEVEL = {
  'Llama 3': {
    pre: 'llama-bpe',
    preTokenizer: inTurn(split(words('\\p{N}{1,3}')), bytes(false)),
  },
  'Qwen 2 and 3': {
    pre: 'qwen2',
    preTokenizer: inTurn(split(words('\\p{N}')), bytes(false)),
  },
  SmolLM2: {
    pre: 'smollm',
    preTokenizer: inTurn({ type: 'Digits', individual_digits: true }, bytes(true)),
  },
  'Mistral Nemo': {
    pre: 'tekken',
    preTokenizer: inTurn(split(TEKKEN), bytes(false)),
  },
  'GPT-2': { pre: 'gpt-2', preTokenizer: bytes(true) },
  // What llama.cpp takes where a file names no rules.
  'no name': { pre: 'default', preTokenizer: inTurn(...DEFAULT.map(split), bytes(false)) },
} as const
const TAKES_WHOLE_WORDS: readonly string[] = ['Llama 3', 'Mistral Nemo']
const COMPOSES: readonly string[] = ['Qwen 2 and 3']

type ByteLevelFamily = keyof typeof BYTE_LEVEL
export const BYTE_LEVEL_FAMILIES = Object.keys(BYTE_LEVEL) as ByteLevelFamily[]

const END_OF_TURN = '<|im_end|>'
const SPECIALS = ['<|endoftext|>', '<|im_start|>', END_OF_TURN]

export function byteLevelTokenizer(
  family: ByteLevelFamily,
  { tokens: plain, merges }: LearnedVocabulary,
): FamilyTokenizer {
  const { pre, preTokenizer } = BYTE_LEVEL[family]
  const tokens = [...plain, ...SPECIALS]
  return {
    json: {
      added_tokens: SPECIALS.map((content, i) => special(content, plain.length + i)),
      normalizer: COMPOSES.includes(family) ? { type: 'NFC' } : null,
      pre_tokenizer: preTokenizer,
      post_processor: null,
      decoder: bytes(true),
      model: {
        type: 'BPE',
        unk_token: null,
        byte_fallback: false,
        ignore_merges: TAKES_WHOLE_WORDS.includes(family),
        vocab: vocabOf(tokens),
        merges,
      },
    },
    gguf: byteLevelValues(pre, tokens, new Set(SPECIALS), merges),
  }
}

/** A byte-level vocabulary as GGUF has it. */
function byteLevelValues(
  pre: string,
  tokens: readonly string[],
  specials: ReadonlySet<string>,
  merges: LearnedVocabulary['merges'],
): Record<string, ValueToWrite> {
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': pre,
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': i32s(tokens.map((content) => (specials.has(content) ? 3 : 1))),
    'tokenizer.ggml.merges': merges.map((pair) => pair.join(' ')),
    'tokenizer.ggml.eos_token_id': tokens.indexOf(END_OF_TURN),
    'tokenizer.ggml.add_bos_token': false,
  }
}

/** A tokenizer.json of Pocket's kind. */
export function pocketTokenizer(json: TokenizerFile): FamilyTokenizer {
  const { model, added_tokens: added } = json
  const tokens: string[] = []
  for (const [content, id] of Object.entries(model.vocab)) tokens[id] = content
  for (const { content, id } of added) tokens[id] = content
  const specials = new Set(added.map(({ content }) => content))
  return {
    json: { ...json },
    gguf: byteLevelValues('qwen2', tokens, specials, model.merges),
  }
}

const BYTE_NAMES = Array.from(
  { length: 256 },
  (_, i) => `<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`,
)

/** As Llama 2 and Mistral have it; `hasPrefix`: a blank is put before a text. */
export function sentencePieceTokenizer(
  { tokens: plain }: LearnedVocabulary,
  hasPrefix: boolean,
): FamilyTokenizer {
  const tokens = ['<unk>', '<s>', '</s>', ...BYTE_NAMES, ...plain]
  const first = tokens.length - plain.length
  // The earlier it was learned, the better its score.
  const scores = tokens.map((_, id) => Math.min(0, first - 1 - id))
  const types = tokens.map((_, id) => (id === 0 ? 2 : id < 3 ? 3 : id < first ? 6 : 1))
  const blank = {
    type: 'Replace',
    pattern: { String: ' ' },
    content: '\u2581',
  }
  return {
    json: {
      added_tokens: tokens.slice(0, 3).map(special),
      normalizer: {
        type: 'Sequence',
        normalizers: hasPrefix ? [{ type: 'Prepend', prepend: '\u2581' }, blank] : [blank],
      },
      pre_tokenizer: null,
      post_processor: null,
      decoder: {
        type: 'Sequence',
        decoders: [{ type: 'ByteFallback' }, { type: 'Fuse' }],
      },
      model: {
        type: 'BPE',
        unk_token: '<unk>',
        fuse_unk: true,
        byte_fallback: true,
        vocab: vocabOf(tokens),
        merges: mergesOf(tokens, scores, (id) => types[id]!),
      },
    },
    gguf: {
      'tokenizer.ggml.model': 'llama',
      'tokenizer.ggml.tokens': tokens,
      'tokenizer.ggml.token_type': i32s(types),
      'tokenizer.ggml.scores': f32s(scores),
      'tokenizer.ggml.bos_token_id': 1,
      'tokenizer.ggml.eos_token_id': 2,
      'tokenizer.ggml.unknown_token_id': 0,
      'tokenizer.ggml.add_space_prefix': hasPrefix,
      'tokenizer.ggml.add_bos_token': false,
    },
  }
}

function special(content: string, id: number) {
  return {
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }
}

function vocabOf(tokens: readonly string[]): Record<string, number> {
  return Object.fromEntries(tokens.map((content, id) => [content, id]))
}
