import { expect, test } from 'vitest'
import { saysWhatIs } from '../../../engine/documents/terms.ts'

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
