import { expect, test } from 'vitest'
import { clozes, isRecalled } from '../../../renderer/inspect/cloze.ts'

const said = (text: string) => ({ text, said: true })

test('the last name or number of a sentence is left out, in the second person', () => {
  expect(clozes([said('My dog is called Bruno.')], 8)).toEqual([
    { begin: 'Your dog is called', word: 'Bruno', passage: 'My dog is called Bruno.' },
  ])
  expect(clozes([said('I live in Oslo, and my code is 4821!')], 8)[0]).toMatchObject({
    begin: 'You live in Oslo, and your code is',
    word: '4821',
  })
  expect(clozes([{ text: 'I saw my friend Ada there.', said: false }], 8)[0]).toMatchObject({
    begin: 'I saw my friend',
    word: 'Ada',
  })
})

test('without a name the longest word of the second half; questions and single words ask nothing', () => {
  expect(clozes([said('The garden behind the house was beautiful in spring.')], 8)[0]?.word).toBe('beautiful')
  for (const text of ['What is my name?', 'Hello.', '', 'It is so.'])
    expect(clozes([said(text)], 8)).toEqual([])
})

test('many sentences are asked for all over the text, few all', () => {
  const text = Array.from({ length: 100 }, (_, i) => `The number here is ${i}.`).join(' ')
  const asked = clozes([said(text)], 5).map(({ word }) => Number(word))
  expect(asked).toEqual([10, 30, 50, 70, 90])
  expect(clozes([said(text)], 5)[0]?.passage).toBe(
    'The number here is 9. The number here is 10. The number here is 11.',
  )
})

test.each([
  [' Bruno. I will', true],
  ['bruno', true],
  [' "Bruno"', true],
  [' a dog called Bruno', false],
  ['', false],
])('an answer that goes on with %j: recalled is %s', (answer, recalled) => {
  expect(isRecalled({ word: 'Bruno' }, answer)).toBe(recalled)
})
