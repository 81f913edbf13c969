import { isRecord } from '../formats/json.ts'
import { GPT2_WORDS } from './gguf-pre-tokenizers.ts'

/**
 * The same rules in words that the library reads as Hugging Face's own tokenizers do. Its `Digits` knows only 0 to 9, where
 * theirs takes every number (², ½, ٣), and the pattern inside its `ByteLevel` has JavaScript's idea of a blank, which has
 * U+FEFF and not U+0085. Patterns that are written out it gets right.
 *
 * @param rule of tokenizer.json's `pre_tokenizer`; what is not one of the two stays as it is
 */
export function exactPreTokenizer(rule: unknown): unknown {
  if (!isRecord(rule)) return rule
  const { type, pretokenizers } = rule
  if (type === 'Sequence' && Array.isArray(pretokenizers))
    return { ...rule, pretokenizers: pretokenizers.map(exactPreTokenizer) }
  if (type === 'Digits') return split(rule['individual_digits'] === true ? '\\p{N}' : '\\p{N}+')
  // With a blank before the text, the pattern has to come after it.
  if (type === 'ByteLevel' && rule['use_regex'] !== false && rule['add_prefix_space'] === false)
    return { type: 'Sequence', pretokenizers: [split(GPT2_WORDS), { ...rule, use_regex: false }] }
  return rule
}

function split(Regex: string) {
  return { type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false }
}
