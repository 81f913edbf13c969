import { expect, test } from 'vitest'
import { WordWrap, writeAside } from '../../bin/terminal-text.ts'
import { Written } from '../support/scripted-world.ts'

function wrapped(pieces: readonly string[], columns: number, isTTY = true): string {
  const terminal = Object.assign(new Written(), { isTTY, columns })
  const lines = new WordWrap(terminal)
  for (const piece of pieces) lines.write(piece)
  lines.end()
  return terminal.text
}

test.each([
  [['He walked a long way and ca', 'me to a city.'], 24, 'He walked a long way and\ncame to a city.'],
  [['one two three four five six seven'], 20, 'one two three four\nfive six seven'],
  [['12345678901234567890 x'], 20, '12345678901234567890\nx'],
  [['a', ' ', 'b', '\n', '  - c'], 20, 'a b\n  - c'],
  [['no end of word'], 40, 'no end of word'],
  [
    ['x '.repeat(10), 'averylongwordthatisnotbroken y'],
    20,
    `${'x '.repeat(9)}x averylongwordthatisnotbroken y`,
  ],
  [['東京は日本の首都です。 東京', 'は大きい。'], 20, '東京は日本の首都で\nす。 東京は大きい。'],
  [['日本の首都 東京', 'は大きい街'], 20, '日本の首都 東京は大\nきい街'],
  [['彼は「東京は日本の「', '首都」だ」と言った'], 20, '彼は「東京は日本の\n「首都」だ」と言った'],
  [['コンピューターとデータベース'], 20, 'コンピューターとデー\nタベース'],
  [['これはとても大きなちゃわん'], 20, 'これはとても大きな\nちゃわん'],
  [['你好，world！我是一个GPU。'], 20, '你好，world！我是一\n个GPU。'],
  [['한국어는 낱말 사이를 띄어 쓴다'], 20, '한국어는 낱말 사이를\n띄어 쓴다'],
  [['ﾊﾝｶｸ ﾊﾝｶｸ ﾊﾝｶｸ ﾊﾝｶｸ ok'], 20, 'ﾊﾝｶｸ ﾊﾝｶｸ ﾊﾝｶｸ ﾊﾝｶｸ\nok'],
  [['か\u3099'.repeat(12)], 20, `${'か\u3099'.repeat(10)}\n${'か\u3099'.repeat(2)}`],
  [['one\n\ntwo'], 20, 'one\n\ntwo'],
  [['one two three four five six seven'], 12, 'one two three four five six seven'],
])('%j in %d columns', (pieces, columns, text) => {
  expect(wrapped(pieces, columns)).toBe(text)
})

test('what is piped is not broken, and comes at once', () => {
  const text = 'one two three four five six seven'
  expect(wrapped([text], 20, false)).toBe(text)
})

test('text without blanks comes as it is written', () => {
  const terminal = Object.assign(new Written(), { isTTY: true, columns: 20 })
  const lines = new WordWrap(terminal)
  lines.write('東京は')
  expect(terminal.text).toBe('東京')
  lines.write('大きい')
  expect(terminal.text).toBe('東京は大き')
  // It may not begin a line, so the last character waits for it.
  lines.write('。')
  expect(terminal.text).toBe('東京は大き')
  lines.write('人')
  expect(terminal.text).toBe('東京は大きい。')
})

test('a word wider than the terminal is written from there on as it comes', () => {
  const terminal = Object.assign(new Written(), { isTTY: true, columns: 20 })
  const lines = new WordWrap(terminal)
  lines.write('see กรุงเทพมหานครเป็น')
  expect(terminal.text).toBe('see')
  const width = 'กรุงเทพมหานครเป็น'.replace(/\p{M}/gu, '').length
  lines.write('เ'.repeat(20 - width))
  expect(terminal.text).toBe('see')
  lines.write('ม')
  expect(terminal.text).toMatch(/^see กรุงเทพมหานครเป็นเ+ม$/)
  lines.write('ื')
  lines.write('อง')
  expect(terminal.text).toMatch(/^see กรุงเทพมหานครเป็นเ+มือง$/)
  lines.write(' and then\n')
  expect(terminal.text).toMatch(/เมือง and then\n$/)
})

test('what is held back comes before what is written once the terminal is narrow', () => {
  const terminal = Object.assign(new Written(), { isTTY: true, columns: 40 })
  const lines = new WordWrap(terminal)
  lines.write('one two')
  terminal.columns = 10
  lines.write(' three')
  expect(terminal.text).toBe('one two three')
})

test.each([
  ['one\rtwo\f2\vthree\x85four\u2028five\u2029six', 'one\ntwo\n2\nthree\nfour\nfive\nsix'],
  ['one\r\ntwo\r\rthree\n\rfour\r\n\r\nfive\n', 'one\ntwo\n\nthree\n\nfour\n\nfive\n'],
])('%j ends lines, in one piece or many', (text, plain) => {
  for (const columns of [10, 80]) {
    expect(wrapped([text], columns)).toBe(plain)
    expect(wrapped(Array.from(text), columns)).toBe(plain)
  }
})

test('each way of cutting text without blanks gives the same lines', () => {
  const words = `https://example.org/${'a'.repeat(40)}東京は日本の${'b'.repeat(30)}（首都）です。「a」か${'。'.repeat(30)}\nend`
  const whole = wrapped([words], 30)
  for (const size of [1, 2, 3, 7])
    expect(wrapped(words.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [], 30)).toBe(whole)
  expect(whole.replace(/\n/g, '')).toBe(words.replace(/\n/g, ''))
})

test('each way of cutting a text gives the same lines', () => {
  const text =
    'And now he had to use his own legs, and when he had walked a long way, he came to a large city.\nSo.'
  const whole = wrapped([text], 30)
  for (const size of [1, 2, 3, 7]) {
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []
    expect(wrapped(pieces, 30)).toBe(whole)
  }
  expect(whole.replace(/\n/g, ' ')).toBe(text.replace(/\n/g, ' '))
  expect(Math.max(...whole.split('\n').map((line) => line.length))).toBeLessThanOrEqual(30)
})

test('what a document says moves no cursor and writes to no clipboard', () => {
  const hostile = 'one\x1b[2J two\x1b]52;c;aGk=\x07\u009b three\r\tfour\n'
  expect(wrapped([hostile], 80)).toBe('one[2J two]52;c;aGk= three\n\tfour\n')
  expect(wrapped([hostile], 10)).toBe('one[2J two]52;c;aGk= three\n\tfour\n')
  expect(wrapped([hostile], 80, false)).toBe(hostile)
})

test('a line aside is faint where the terminal has colours', () => {
  const terminal = Object.assign(new Written(), { isTTY: true, hasColors: () => true })
  writeAside('From a.txt\x1b[2J', terminal)
  expect(terminal.text).toBe('\x1b[2mFrom a.txt[2J\n\x1b[22m')
  const plain = Object.assign(new Written(), { isTTY: true, hasColors: () => false })
  writeAside('From a.txt', plain)
  expect(plain.text).toBe('From a.txt\n')
})
