/** How a byte-level vocabulary cuts text into words before its merges: what `tokenizer.ggml.pre` names. */
interface PreTokenizer {
  /** applied one after the other, each to the pieces of the one before */
  readonly patterns: readonly string[]
  /** text is brought into NFC first, as the model's own tokenizer.json does */
  readonly composes: boolean
  /** a word that is a token is that token, whatever the merges would make of it */
  readonly wholeWords: boolean
}

const ANY_CASE = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
const CONTRACTIONS = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])"
const words = (digits: string, contractions = CONTRACTIONS): string =>
  `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`
/** The words of GPT-2 and of whoever says no more than byte-level. */
export const GPT2_WORDS = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"
const UPPER = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]'
const LOWER = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]'
const TEKKEN =
  `[^\\r\\n\\p{L}\\p{N}]?${UPPER}*${LOWER}+|[^\\r\\n\\p{L}\\p{N}]?${UPPER}+${LOWER}*|` +
  '\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'

const plain = (...patterns: string[]): PreTokenizer => ({ patterns, composes: false, wholeWords: false })

/** Source: llama.cpp's llama-vocab.cpp, and the tokenizer.json files of the models it names. */
const KINDS: Readonly<Record<string, PreTokenizer>> = {
  default: plain(
    '[\\p{P}\\$\\+<=>\\^~\\|]+',
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)",
    '\\p{N}+',
    '[0-9][0-9][0-9]',
  ),
  'gpt-2': plain(GPT2_WORDS),
  smollm: plain('\\p{N}', GPT2_WORDS),
  'llama-bpe': { patterns: [words('\\p{N}{1,3}')], composes: false, wholeWords: true },
  qwen2: { patterns: [words('\\p{N}')], composes: true, wholeWords: false },
  tekken: { patterns: [TEKKEN], composes: false, wholeWords: true },
}
const ALIASES: Readonly<Record<string, string>> = {
  llama3: 'llama-bpe',
  'llama-v3': 'llama-bpe',
  'deepseek-r1-qwen': 'qwen2',
}

export const PRE_TOKENIZERS: readonly string[] = [...Object.keys(KINDS), ...Object.keys(ALIASES)]

export function preTokenizerOf(name: string): PreTokenizer | undefined {
  return PRE_TOKENIZERS.includes(name) ? KINDS[ALIASES[name] ?? name] : undefined
}

/** Patterns of the families that run here, as published: they are known to end. */
export const PUBLISHED_PATTERNS: ReadonlySet<string> = new Set([
  ...Object.values(KINDS).flatMap(({ patterns }) => patterns),
  words('\\p{N}{1,3}', ANY_CASE),
  words('\\p{N}', ANY_CASE),
])
