import { describe, expect, test } from 'vitest'
import { headingsIn } from '../../../engine/documents/headings.ts'
import { LookUp } from '../../../engine/documents/look-up.ts'
import { asLookedUp } from '../../../engine/memory/heard.ts'

test.each([
  ['He came.\n\nKeys and gates', ['Keys and gates']],
  ['He came.\n\nKeys and\ngates\n  \nShe went.', ['Keys and\ngates']],
  ['KEYS\n\nShe went.', ['KEYS']],
  ['He came.\n\n12. Keys\n\n12.3 Lost keys\n\nShe went.', ['12. Keys\n\n12.3 Lost keys']],
  ['PART TWO\n\nKeys and gates\n\nShe went.', ['PART TWO\n\nKeys and gates']],
  ['He came.\n\nShe went.', []],
  ['He came\nin May. She went', []],
  ['Fees:\n\n- One', []],
  ['He came.\n\nHe called: Ada 0171', []],
  ['He came on the 3 May', []],
  ['He came.\n\n‘It rains’\n\nShe went.', []],
  ['Bring this:\n\nA towel\n\nShe went.', []],
  ['Bring this:\n\nA towel\n\nA passport\n\nIt is cold.\n\nKeys', ['Keys']],
  ['Bring this.\n\nA towel\n\nA passport\n\nShoes', []],
  [`He came.\n\n${'so '.repeat(30)}`, []],
  ['', []],
])('of %o they are %o', (text, headings) => {
  expect(headingsIn(text).map(({ start, end }) => text.slice(start, end))).toEqual(headings)
})

describe('what is passed on stands below one heading', () => {
  const RAIN = 'The rain fell softly on the old wall. '.repeat(90).trim()
  const MISSED = { unfound: true } as const

  function asking(paragraphs: readonly string[], question: string): { lookUp: LookUp; passedOn: string } {
    const lookUp = new LookUp(64)
    const text = [RAIN, ...paragraphs, 'End', RAIN].join('\n\n')
    lookUp.add({ name: 'club.txt', text }, Math.round(text.length / 3))
    const request = asLookedUp(lookUp.find(question, 2_000), MISSED)
    return { lookUp, passedOn: ('passedOn' in request && request.passedOn) || '' }
  }

  test('the one that is asked for, of the same words below two', () => {
    const rule = 'They are not allowed in the club house.'
    const { passedOn } = asking(['Dogs', rule, 'Cats', rule], 'Are cats allowed in the club house?')
    expect(passedOn).toMatch(/^Cats\n\nThey are not allowed in the club house\./)
  })

  test('and what is found below another is passed on too', () => {
    const { passedOn } = asking(
      [
        'Keys',
        'The key of the boat house hangs in the office.',
        'Lost keys',
        'Whoever loses the key of the boat house pays for a new lock.',
      ],
      'Where is the key of the boat house?',
    )
    expect(passedOn).toContain('hangs in the office')
    expect(passedOn).toContain('pays for a new lock')
    expect(passedOn).not.toContain('End')
  })

  test.each([
    ['For the plum cake you need:', 'What do you need for the plum cake?'],
    ['The plum cake is made as follows:', 'How is the plum cake made?'],
  ])('a list belongs to what leads to it: %s', (leading, question) => {
    const list = ['Flour', 'Butter', 'Two eggs']
    const { passedOn } = asking(['Plum cake', leading, ...list, 'Mix it all well.', 'Keys', RAIN], question)
    expect(passedOn).toContain([leading, ...list, 'Mix it all well.'].join('\n\n'))
    expect(passedOn).not.toContain('Keys')
  })
})
