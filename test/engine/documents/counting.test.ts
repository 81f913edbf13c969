import { expect, test } from 'vitest'
import { answerByCode } from '../../../engine/documents/by-code.ts'
import { countWords, namesIn } from '../../../engine/documents/counting.ts'
import { describeLeaning, leaningOf } from '../../../engine/documents/leaning.ts'
import { pagesOfText } from '../../../engine/documents/paging.ts'

const TEXT =
  'It rained. The Rain\nfell, and Mira said Tom would come.\fThen Mira’s hat fell. The rain, and Tom, and Mira Holm.\f'

test('whole words are counted over lines, capitals or not, with their pages', () => {
  const pages = pagesOfText(TEXT)
  expect(countWords(TEXT, pages, 'rain')).toEqual({ words: 'rain', times: 2, onPages: 2, firstPage: 1 })
  expect(countWords(TEXT, pages, 'rain fell')).toMatchObject({ times: 1, firstPage: 1 })
  expect(countWords(TEXT, pages, 'a.b (c')).toMatchObject({ times: 0, firstPage: 0 })
})

test('names are found by how they are written', () => {
  expect(namesIn(TEXT, pagesOfText(TEXT), 5)).toEqual([
    { words: 'Mira', times: 2, firstPage: 1 },
    { words: 'Tom', times: 2, firstPage: 1 },
  ])
})

test('German nouns, which have a capital too, are no names', () => {
  const text =
    'Da lief der Hund. Dann rief Mira den Hund, und Tom sah Mira, Tom und den Hund und zum Haus, ins Haus.'
  expect(namesIn(text, pagesOfText(text), 5).map(({ words }) => words)).toEqual(['Mira', 'Tom'])
})

test('code answers for each document in the language of the question, and says that it did', () => {
  const documents = [
    { name: 'a.txt', text: TEXT },
    { name: 'b.txt', text: 'Snow.' },
  ]
  expect(answerByCode({ task: 'count', words: 'rain', language: 'en' }, documents)).toBe(
    '“rain” stands 2 times in a.txt, on 2 of 2 pages, first on page 1. Counted by code, not by the model.\n\n' +
      '“rain” does not stand in b.txt. Counted by code, not by the model.',
  )
  expect(answerByCode({ task: 'count', words: 'rain', language: 'de' }, documents)).toBe(
    '„rain“ steht 2-mal in a.txt, auf 2 von 2 Seiten, zuerst auf Seite 1. Das hat das Programm gezählt, nicht das Modell.\n\n' +
      '„rain“ steht nicht in b.txt. Das hat das Programm gezählt, nicht das Modell.',
  )
  const [first] = documents.map((document) => [document])
  expect(answerByCode({ task: 'people', language: 'en' }, first!)).toContain(
    '- Mira: 2 times, first on page 1',
  )
  expect(answerByCode({ task: 'people', language: 'de' }, first!)).toContain(
    '- Mira: 2-mal, zuerst auf Seite 1',
  )
})

test('an answer leans on what was looked up as far as its words stand there', () => {
  const lookedUp = [{ quote: 'Tom lives in Bergen with two dogs.' }]
  const leaning = (answer: string) => leaningOf('Where does Tom live?', answer, lookedUp)
  expect(leaning('Tom lives in Bergen.')).toEqual({ words: 1, lookedUp: 1 })
  expect(describeLeaning(leaning('Tom lives in Bergen in winter.'))).toBe(
    '1 of its 2 words stand in what was looked up; the rest is from memory.',
  )
  expect(describeLeaning(leaning('In Oslo.'))).toBe('All of it from memory.')
  expect(describeLeaning(leaning('Tom lives.'))).toBe('')
})
