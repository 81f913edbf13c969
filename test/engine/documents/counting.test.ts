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
    { words: 'Mira', times: 3, firstPage: 1 },
    { words: 'Tom', times: 2, firstPage: 1 },
  ])
})

test.each([
  [
    'a story of one page, each named once or twice, one only where sentences begin',
    `The mill stood at the end of the valley, and nobody had slept in it since the flood. On a wet Tuesday old Mr. Harrow
walked up from the station with a lamp and a bag of tools. "You are late," said Brigid, who kept the keys.

He was not offended. The wheel had to turn before the fair, and the Mayor had promised it to the whole town of
Lindow. Jonas is afraid of the dark water, so he stayed on the steps and held the lamp. “It turns,” Peder whispered.
Winter was far away. Brigid laughed until the Wheel stopped again.`,
    ['Brigid', 'Harrow', 'Lindow', 'Jonas', 'Peder'],
  ],
  [
    'a letter with a signature',
    `Dear Nora,

Tom lives in Bergen now. Clara works as a dentist. She laughed when we told her about the goat. Rain fell all day.
Tom's dog is called Biscuit, and the Lake was grey.

Write soon.

Ida`,
    ['Tom', 'Nora', 'Bergen', 'Clara', 'Biscuit', 'Ida'],
  ],
  [
    'a German story, where every noun has a capital',
    `Am Abend kam der Zug aus dem Tal, und auf dem Bahnsteig wartete Brot und Käse für alle Kinder. „Wo ist der Koffer?“,
fragte Mira. Niemand wusste es. Frau Petersen lachte und zeigte auf die Bank. Jakob sagte nichts, denn er hatte ihn im
Regen am Fluss vergessen. Dann ging das Licht aus, und Mira suchte mit Geduld nach Kerzen und Streichhölzern.`,
    ['Mira', 'Petersen', 'Jakob'],
  ],
])('in a short text once is enough: %s', (_, text, names) => {
  expect(namesIn(text, pagesOfText(text), 20).map(({ words }) => words)).toEqual(names)
})

test('in a long text once is not: a name of a book stands in it more often', () => {
  const text = `${'It rained on the old harbour wall. '.repeat(400)}Then Tom came, and Mira, and Tom again, and so did Tom.`
  expect(namesIn(text, pagesOfText(text), 20).map(({ words }) => words)).toEqual(['Tom'])
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
    '- Mira: 3 times, first on page 1',
  )
  expect(answerByCode({ task: 'people', language: 'de' }, first!)).toContain(
    '- Mira: 3-mal, zuerst auf Seite 1',
  )
})

test('an answer leans on what was looked up as far as its words stand there', () => {
  const lookedUp = [{ quote: 'Tom lives in Bergen with two dogs.' }]
  const leaning = (answer: string, inDocument: boolean | null = null) =>
    leaningOf('Where does Tom live?', answer, lookedUp, inDocument)
  expect(leaning('Tom lives in Bergen.')).toEqual({ words: 1, lookedUp: 1 })
  expect(describeLeaning(leaning('Tom lives in Bergen in winter.'))).toBe(
    '1 of its 2 words stand in what was looked up; the rest is from memory.',
  )
  expect(describeLeaning(leaning('In Oslo.'))).toBe('All of it from memory.')
  expect(describeLeaning(leaning('Tom lives.'))).toBe('')
})

test('of an answer that declines, or that no document says, nobody claims that it is from memory', () => {
  const line = (answer: string, inDocument: boolean | null) =>
    describeLeaning(leaningOf('Where does Tom live?', answer, [{ quote: 'Tom likes figs.' }], inDocument))
  for (const answer of [
    'You have not told me where Tom lives.',
    'I do not know that. I am a small model and know little about the world.',
    'The document does not say where.',
    'Das haben Sie mir nicht gesagt.',
  ])
    expect([line(answer, false), line(answer, null)]).toEqual(['', ''])
  expect(line('In Oslo.', false)).toBe('')
  expect(line('In Oslo, with figs.', false)).toBe(
    '1 of its 2 words stand in what was looked up; the rest is from memory.',
  )
  expect(line('In Oslo.', true)).toBe('All of it from memory.')
})
