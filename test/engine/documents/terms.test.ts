import { expect, test } from 'vitest'
import { saysWhatIs, termOf } from '../../../engine/documents/terms.ts'

test.each([
  ['A nurse called Nana slept there.', 2],
  ['This was Nana, a dog of the house.', 2],
  ['Nana, however, was late.', 0],
  ['They left Nana, she said.', 0],
  ['Not that Nana was in disgrace.', 1],
  ['Nana was the nurse.', 2],
  ['Oh, Nana!', 0],
])('who Nana is: %s %d', (sentence, says) => {
  expect(saysWhatIs(['nana'], sentence)).toBe(says)
})

test.each([
  ['Vasíli', 'vasili'],
  ['d’Artagnan', 'artagnan'],
  ['Müllers', 'müller'],
  ['schön', 'schön'],
  ["o'clock", "o'clock"],
  ["Ann's", 'ann'],
  ["they've", 'they'],
  ['Москвой', 'москвой'],
])('%s is looked up as %s', (word, term) => {
  expect(termOf(word)).toBe(term)
})
