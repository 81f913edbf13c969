import { describe, expect, test } from 'vitest'
import { askedOfWhole } from '../../../engine/documents/asked-whole.ts'

const NAMES = ['whole.pdf']

describe('counting is asked for', () => {
  test.each([
    ['How many times does Natasha occur?', 'Natasha'],
    ['how often is the word "peace" used in the book?', 'peace'],
    ['How many mentions of Prince Andrew are there?', 'Prince Andrew'],
    ['Count the word war.', 'war'],
    ['count “the old house” in the document', 'the old house'],
    ['Please count occurrences of rain', 'rain'],
    ['How often does “rain” occur in whole.pdf?', 'rain'],
  ])('%s', (message, words) => {
    expect(askedOfWhole(message, NAMES)).toEqual({ task: 'count', words, language: 'en' })
  })

  test.each([
    ['Wie oft kommt Natascha vor?', 'Natascha'],
    ['Wie oft kommt „Frieden“ in whole.pdf vor?', 'Frieden'],
    ['wie häufig wird das Wort "Frieden" im Buch erwähnt?', 'Frieden'],
    ['Wie oft steht „das alte Haus“ in diesem Text?', 'das alte Haus'],
    ['Zähle das Wort Krieg.', 'Krieg'],
    ['Bitte zähle, wie oft Mira Holm vorkommt', 'Mira Holm'],
    ['Wie oft taucht der Name Tom darin auf?', 'Tom'],
  ])('%s', (message, words) => {
    expect(askedOfWhole(message, NAMES)).toEqual({ task: 'count', words, language: 'de' })
  })
})

test.each([
  ['List the people.', 'en'],
  ['Who are the characters in the book?', 'en'],
  ['List the people in whole.pdf', 'en'],
  ['Nenne die Personen in whole.pdf', 'de'],
  ['Liste bitte alle Figuren auf.', 'de'],
  ['Welche Personen kommen vor?', 'de'],
  ['Wer kommt in dem Buch vor?', 'de'],
])('people are asked for: %s', (message, language) => {
  expect(askedOfWhole(message, NAMES)).toEqual({ task: 'people', language })
})

test.each([
  ['Summarise it.', 'en'],
  ['please summarize the whole document', 'en'],
  ['Give me a short summary of this book.', 'en'],
  ['Sum up', 'en'],
  ['Summarise whole.pdf', 'en'],
  ['Fasse whole.pdf zusammen', 'de'],
  ['Fass bitte das ganze Buch kurz zusammen.', 'de'],
  ['Kannst du mir das zusammenfassen?', 'de'],
  ['Können Sie den Text zusammenfassen?', 'de'],
  ['Zusammenfassen', 'de'],
  ['Gib mir eine kurze Zusammenfassung des Dokuments.', 'de'],
  ['Worum geht es in diesem Brief?', 'de'],
  ['Worum geht’s?', 'de'],
  ['Wovon handelt die Geschichte?', 'de'],
])('a summary is asked for: %s', (message, language) => {
  expect(askedOfWhole(message, NAMES)).toEqual({ task: 'summary', language })
})

test.each([
  'How many people live in Elm?',
  'How often did they meet?',
  'Who is Count Rostov?',
  'Count Rostov came home, and then we all sat down to eat.',
  'What is the code of the gate?',
  'Who is the man with the hat?',
  'Summarise what Tom said.',
  'What is the book on the table about?',
  'What sums up the price?',
  'Wie oft haben sie sich getroffen?',
  'Wie viele Leute wohnen in Elm?',
  'Wer ist der Mann mit dem Hut?',
  'Fasse zusammen, was Tom gesagt hat.',
  'Worum geht es in dem Streit zwischen Tom und Mira?',
  'Wann kommt Mira?',
])('only a part is asked for: %s', (message) => {
  expect(askedOfWhole(message, NAMES)).toBeNull()
})

test('a megabyte that begins as such a question is none, and takes no time', () => {
  expect(askedOfWhole(`Wie oft kommt ${'Tom in '.repeat(150_000)}vor?`, NAMES)).toBeNull()
})
