import { describe, expect, test } from 'vitest'
import { answerByCode } from '../../../engine/documents/by-code.ts'
import { asksForPeople, countWords, namesIn, wordsToCount } from '../../../engine/documents/counting.ts'
import { describeLeaning, leaningOf } from '../../../engine/documents/leaning.ts'
import { pagesOfText } from '../../../engine/documents/paging.ts'

describe('counting is asked for', () => {
  test.each([
    ['How many times does Natasha occur?', 'Natasha'],
    ['how often is the word "peace" used in the book?', 'peace'],
    ['How many mentions of Prince Andrew are there?', 'Prince Andrew'],
    ['Count the word war.', 'war'],
    ['count “the old house” in the document', 'the old house'],
    ['Please count occurrences of rain', 'rain'],
  ])('%s', (message, words) => {
    expect(wordsToCount(message)).toBe(words)
  })

  test.each([
    'How many people live in Elm?',
    'How often did they meet?',
    'Who is Count Rostov?',
    'Count Rostov came home, and then we all sat down to eat.',
    'What is the code of the gate?',
  ])('not by: %s', (message) => {
    expect(wordsToCount(message)).toBeNull()
  })

  test('people are asked for', () => {
    expect(asksForPeople('List the people.')).toBe(true)
    expect(asksForPeople('Who are the characters in the book?')).toBe(true)
    expect(asksForPeople('Who is the man with the hat?')).toBe(false)
  })
})

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

test('code answers for each document, and says that it did', () => {
  const documents = [
    { name: 'a.txt', text: TEXT },
    { name: 'b.txt', text: 'Snow.' },
  ]
  expect(answerByCode('How often does rain occur?', documents)).toBe(
    '“rain” stands 2 times in a.txt, on 2 of 2 pages, first on page 1. Counted by code, not by the model.\n\n' +
      '“rain” does not stand in b.txt. Counted by code, not by the model.',
  )
  expect(answerByCode('List the people', documents.slice(0, 1))).toContain('- Mira: 2 times, first on page 1')
  expect(answerByCode('How often does rain occur?', [])).toBeNull()
  expect(answerByCode('Where does Tom live?', documents)).toBeNull()
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
