import { describe, expect, test } from 'vitest'
import { GPT2_WORDS } from '../../../engine/text/gguf-pre-tokenizers.ts'
import { compilePattern } from '../../../engine/text/pattern-matcher.ts'
import { createTokenizer } from '../../../engine/text/tokenizer.ts'
import { mixedText } from '../../support/mixed-text.ts'
import { tinyTokenizer, WORDS } from '../../support/tiny-tokenizer.ts'

const JSON_FILE = tinyTokenizer(500)
const OTHER = { tokenizerConfig: { eos_token: '<|im_end|>' }, generationConfig: undefined }

describe('patterns that nobody has published', () => {
  const withPattern = (Regex: string) =>
    createTokenizer({
      tokenizer: {
        ...JSON_FILE,
        pre_tokenizer: {
          type: 'Sequence',
          pretokenizers: [
            { type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false },
            { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
          ],
        },
      },
      ...OTHER,
    })

  test.each([
    ['Qwen', WORDS],
    ['GPT-2', GPT2_WORDS],
    ['groups, lazy', '(?:[a-z]+?(?=n)|(?:an)*|\\p{Lu}{1,2}|.{2,}?\\s|[^])'],
    ['looking back', '(?<=a)n+|(?<![a ])\\w+|\\s*'],
  ])('are matched as JavaScript matches them: %s', (_, pattern) => {
    const text = mixedText(4000)
    const run = { text, left: Infinity }
    const match = compilePattern(pattern.replace('(?i:', '(?:'), run)
    const native = new RegExp(pattern.replace('(?i:', '(?:'), 'uy')
    for (let at = 0; at < text.length; at += text.codePointAt(at)! > 0xffff ? 2 : 1) {
      native.lastIndex = at
      const found = native.exec(text)
      expect(match(at), text.slice(at, at + 20)).toBe(found ? at + found[0].length : -1)
    }
  })

  test('split text as the same rules do that are known', () => {
    const text = mixedText(20_000)
    // The same words, in another order than was published.
    expect(withPattern(`(?:${WORDS})`).encode(text)).toEqual(withPattern(WORDS).encode(text))
  })

  test.each([
    ['groups in groups', '(a+)+b'],
    ['the same twice', '(?:a|a)*b'],
    ['classes in groups', '(?:[a-z]+)*[0-9]'],
    ['three in a row', 'a*a*a*b|c'],
    ['from each place to the end', 'a+b|.'],
    ['deep', `${'(?:'.repeat(500)}a${')*'.repeat(500)}b`],
    ['looking ahead', '(?=(?:a*)*b)a'],
  ])('are ended after so many steps: %s', (_, pattern) => {
    // A hang would run into the test's own limit; JavaScript's matcher takes hours for most of these.
    expect(() => withPattern(pattern).encode(`${'a'.repeat(50_000)}!`)).toThrow(/takes too many steps/)
  })

  test.each([
    ['a back reference', '(a)\\1'],
    ['a name', '(?<n>a)'],
    ['endless', 'a'.repeat(5000)],
    ['open', '(?:a'],
  ])('are refused where they are no rule for words: %s', (_, pattern) => {
    expect(() => withPattern(pattern)).toThrow(/tokenizer\.json/)
  })

  test('in a normalizer too', () => {
    const tokenizer = createTokenizer({
      tokenizer: {
        ...JSON_FILE,
        normalizer: { type: 'Replace', pattern: { Regex: '(a+)+b' }, content: 'c' },
      },
      ...OTHER,
    })
    expect(tokenizer.encode('aab')).toEqual(createTokenizer({ ...OTHER, tokenizer: JSON_FILE }).encode('c'))
    expect(() => tokenizer.encode('a'.repeat(50_000))).toThrow(/takes too many steps/)
  })
})
