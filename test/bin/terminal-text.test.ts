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
  [['東京は日本の首都です。 東京', 'は大きい。'], 20, '東京は日本の首都です。 東京は大きい。'],
  [['日本の首都 東京', 'は大きい街'], 20, '日本の首都\n東京は大きい街'],
  [['one\n\ntwo'], 20, 'one\n\ntwo'],
  [['one two three four five six seven'], 12, 'one two three four five six seven'],
])('%j in %d columns', (pieces, columns, text) => {
  expect(wrapped(pieces, columns)).toBe(text)
})

test('what is piped is not broken, and comes at once', () => {
  const text = 'one two three four five six seven'
  expect(wrapped([text], 20, false)).toBe(text)
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
  expect(wrapped([hostile], 80)).toBe('one[2J two]52;c;aGk= three\tfour\n')
  expect(wrapped([hostile], 10)).toBe('one[2J two]52;c;aGk= three\tfour\n')
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
