import { seeded } from './numerics.ts'

const PIECES = [
  "The quick brown fox doesn’t jump; it's 12,345.67 metres away, isn't it? I'LL SAY SO, he'd say. ",
  'Grüße aus Köln — ça va très bien, señor! ',
  'Привет, мир. Ελληνικά και עברית, العربية. ',
  '你好，世界。こんにちは世界！ 안녕하세요 ',
  'नमस्ते दुनिया ประเทศไทย ',
  '👩‍👩‍👧‍👦 🏳️‍🌈 ✨ 🙂🙂 ½ ² ',
  'const f = (x: number): string => `${x ** 2}`; // 0xff\n',
  '    if (a[i] !== b[i]) {\n\t\treturn -1\n    }\n\n\n',
  'a  b   c    d\t\te \n f\r\ng \ufeffh\u0085!!\u00a0\u3000i ',
  '<|im_start|>user\n<|im_end|> </s> [INST] ',
  'https://example.org/a?b=c&d=%20#e  user@example.com ',
  '1234567890 3.14159 1e-9 007 2026-11-21 ',
]

/** First and last character of letters, marks, digits, symbols and blanks of many scripts. */
const RANGES: readonly (readonly [number, number])[] = [
  [0x21, 0x7e],
  [0xa1, 0xff],
  [0x100, 0x17f],
  [0x300, 0x33f],
  [0x391, 0x3a1],
  [0x410, 0x44f],
  [0x5d0, 0x5ea],
  [0x627, 0x64a],
  [0x660, 0x669],
  [0x905, 0x939],
  [0x93e, 0x94c],
  [0xe01, 0xe30],
  [0x1e00, 0x1eff],
  [0x2000, 0x200a],
  [0x2010, 0x2027],
  [0x2070, 0x2071],
  [0x2160, 0x216f],
  [0x2200, 0x22ff],
  [0x3041, 0x3096],
  [0x30a1, 0x30fa],
  [0x4e00, 0x4fff],
  [0xac00, 0xadff],
  [0xff10, 0xff19],
  [0x1d400, 0x1d454],
  [0x1f300, 0x1f5ff],
  [0x1f600, 0x1f64f],
]
const LONGEST_WORD = 8

/** Mixed text: sentences, scripts, emoji, code and blanks, and words of random characters, in a seeded order; NFC. */
export function mixedText(length: number): string {
  const random = seeded(5)
  const below = (limit: number) => Math.floor(random() * limit)
  const word = (): string => {
    const [first, last] = RANGES[below(RANGES.length)]!
    const letters = Array.from({ length: 1 + below(LONGEST_WORD) }, () =>
      String.fromCodePoint(first + below(last - first + 1)),
    )
    return `${letters.join('')}${[' ', ' ', '', '\n', '1'][below(5)]!}`
  }
  let text = ''
  while (text.length < length) text += random() < 0.5 ? PIECES[below(PIECES.length)]! : word()
  return text.normalize('NFC')
}
