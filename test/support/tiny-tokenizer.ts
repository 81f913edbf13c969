import { CHARACTER_OF_BYTE } from '../../engine/text/byte-map.ts'

export const SPECIALS = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'] as const
/** 256 bytes and the special tokens: the smallest vocabulary a byte-level tokenizer can have. */
export const MIN_VOCAB = 256 + SPECIALS.length

/** Any role as it is, no default system prompt. */
export const CHATML =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"

/** Qwen2's split of text into words. */
export const WORDS =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

const CORPUS =
  'the user asked the assistant about the weather and the assistant said that the sun would shine in the morning ' +
  'and that there would be rain in the afternoon. my name is Anna and I like the sea, what do you like and why is that? ' +
  'hello, how are you today? I am fine, thank you for asking; this is the document that you have to read and remember.'

/** A byte-level BPE tokenizer.json with ChatML's special tokens at the end, ids 0 … size-1. */
export function tinyTokenizer(size: number) {
  if (size < MIN_VOCAB) throw new Error(`a byte-level vocabulary needs ${MIN_VOCAB} tokens, got ${size}`)
  const vocab: Record<string, number> = {}
  for (const [byte, character] of CHARACTER_OF_BYTE.entries()) vocab[character] = byte
  const merges = learnMerges(size - MIN_VOCAB)
  for (const [i, [left, right]] of merges.entries()) vocab[left + right] = 256 + i
  const first = 256 + merges.length
  return {
    version: '1.0',
    added_tokens: SPECIALS.map((content, i) => ({
      id: first + i,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: { type: 'NFC' },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: WORDS }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
      ],
    },
    post_processor: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    model: { type: 'BPE', unk_token: null, byte_fallback: false, vocab, merges },
  }
}

/** BPE training as it is told: count neighbours, merge the most frequent pair, the first seen among equals. */
function learnMerges(limit: number): [string, string][] {
  const words = CORPUS.split(/(?= )/).map((word) => Array.from(word, (c) => (c === ' ' ? '\u0120' : c)))
  const merges: [string, string][] = []
  while (merges.length < limit) {
    const counts = new Map<string, number>()
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        const pair = `${word[i]} ${word[i + 1]}`
        counts.set(pair, (counts.get(pair) ?? 0) + 1)
      }
    }
    const [best] = [...counts].sort(([, a], [, b]) => b - a)
    // The corpus is used up: the rest of V is padding, as in many published models.
    if (!best) return merges
    const [left, right] = best[0].split(' ') as [string, string]
    merges.push([left, right])
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) {
        if (word[i] === left && word[i + 1] === right) word.splice(i, 2, left + right)
      }
    }
  }
  return merges
}
