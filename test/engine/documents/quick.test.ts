import { describe, expect, test } from 'vitest'
import { namesIn } from '../../../engine/documents/counting.ts'
import { readMarkup } from '../../../engine/documents/html.ts'
import { passagesOf, sentencesOf } from '../../../engine/documents/passages.ts'
import { sectionsOf } from '../../../engine/documents/sections.ts'
import { VanishingStyles, withoutVanished } from '../../../engine/documents/vanished.ts'
import { seeded } from '../../support/numerics.ts'

const PAGES = [{ start: 0 }]
const NO_STYLES = new VanishingStyles('')
const all = (text: string) => ({ start: 0, end: text.length })
const times = (text: string, characters: number) => text.repeat(Math.ceil(characters / text.length))

/** Measured 0.6 s beside other tests; minutes while a place was looked at again from every other. */
const MOST_MILLISECONDS = 3000

/** Where a sentence ends, as the rule is meant: from every dot of a row anew. */
const ENDS = /[.!?…]+["'”’)\]]*(?=\s+["'“‘(\[]?[\p{Lu}\p{N}])|\n\s*\n|\f|\n(?=\s*(?:[-•*]|\d{1,3}[.)])\s)/gu

test('sentences end where they would if each dot of a row were tried', () => {
  const random = seeded(1)
  const marks = ['.', '!', '…', '"', '’', ')', ' ', ' ', '\n', '\f', 'Ab', 'b', '1', '-', '(']
  for (let i = 0; i < 3000; i++) {
    const length = 1 + Math.floor(random() * 60)
    const text = Array.from({ length }, () => marks[Math.floor(random() * marks.length)]).join('')
    const ends = [...text.matchAll(ENDS)].map(({ index, 0: mark }) => index + mark.length)
    const expected = [...ends, text.length].map((end, j) => text.slice(ends[j - 1] ?? 0, end).trim())
    const sentences = sentencesOf(text, all(text)).map(({ start, end }) => text.slice(start, end))
    expect(sentences).toEqual(expected.filter((sentence) => sentence !== ''))
  }
})

test('what is longer than a sentence is cut at its last blank, or anywhere where none is near', () => {
  const lengths = (text: string) => sentencesOf(text, all(text)).map(({ start, end }) => end - start)
  expect(lengths('a'.repeat(1300))).toEqual([600, 600, 100])
  expect(lengths(`${'a'.repeat(301)} ${'a'.repeat(598)}`)).toEqual([301, 598])
  expect(lengths(`${'a'.repeat(300)} ${'a'.repeat(598)}`)).toEqual([600, 299])
})

describe('a text that says the same again and again takes no longer than another', () => {
  test.each([
    ['dots', '.'],
    ['question marks', '?!…'],
    ['dots and quotes', '."'],
    ['blanks', ' '],
    ['lines', '\n'],
    ['blank lines', ' \n'],
    ['dashes', '-\n'],
    ['letters', 'a'],
    ['names', 'Aa '],
    ['digits', '1. '],
  ])('%s', (_, text) => {
    const long = times(text, 1_000_000)
    const start = performance.now()
    sentencesOf(`${long}x`, all(long))
    Array.from(passagesOf(long, PAGES))
    sectionsOf(long, PAGES)
    namesIn(`Lord ${times(text, 9000)}x`, PAGES, 5)
    namesIn(long, PAGES, 5)
    expect(performance.now() - start).toBeLessThan(MOST_MILLISECONDS)
  })

  test('markup that begins and never ends', () => {
    const start = performance.now()
    readMarkup(times('<!DOCTYPE[', 400_000))
    withoutVanished(`<w:vanish/>${times('<w:r ', 400_000)}`, NO_STYLES)
    expect(new VanishingStyles(`<w:vanish/>${times('<w:style ', 400_000)}`).none).toBe(true)
    expect(performance.now() - start).toBeLessThan(MOST_MILLISECONDS)
  })
})
