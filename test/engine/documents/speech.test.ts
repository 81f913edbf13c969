import { expect, test } from 'vitest'
import { isSpoken } from '../../../engine/documents/speech.ts'

test.each([
  ['“I was born in the jungle. My brother is a wolf.”', 'My brother is a wolf', true],
  ['"I was born there. My brother is a wolf," he said.', 'My brother is a wolf', true],
  ["'I was born there. My brother is a wolf,' he said.", 'My brother is a wolf', true],
  ['He said: „Mein Bruder ist da.“ Dann ging er.', 'Mein Bruder ist da', true],
  ['„Mein Bruder ist da.“ Dann ging er.', 'Dann ging er', false],
  ['« Mon frère est là. » Il partit.', 'Mon frère', true],
  ['“Come,” he said. My brother came.', 'My brother came', false],
  ['»Mein Bruder ist da.« Dann ging er.', 'Mein Bruder ist da', true],
  ['»Mein Bruder ist da.« Dann ging er.', 'Dann ging er', false],
  ['The plank is 12" wide. My brother came.', 'My brother came', false],
  ['"I am 12" he said. My brother came.', 'My brother came', false],
  ["It's Ann's. The dogs' bowl is full. My brother came.", 'My brother came', false],
  ["'Come,' he said. My brother's dog came.", "My brother's dog", false],
  ['“Never closed.\n\nMy brother came.', 'My brother came', false],
  ['He said “come” twice.', 'He said “come” twice', true],
  ['My brother came.', 'My brother came', false],
])('%s: %s is spoken: %s', (text, words, spoken) => {
  const start = text.indexOf(words)
  expect(isSpoken(text, { start, end: start + words.length })).toBe(spoken)
})
