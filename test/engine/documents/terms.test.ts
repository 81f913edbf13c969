import { expect, test } from 'vitest'
import { namesIn, saysWhatIs, subjectOf, termOf } from '../../../engine/documents/terms.ts'

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
  ['O’Brien', "o'brien"],
  ['ma’am', "ma'am"],
  ['naïve', 'naiv'],
  ['Zoë', 'zoe'],
  ['Österreich', 'österreich'],
  ['brings', 'bring'],
  ['brought', 'bring'],
  ['bringing', 'bring'],
  ['buildings', 'build'],
  ['evenings', 'evening'],
  ['herrings', 'herring'],
  ["Ann's", 'ann'],
  ["they've", 'they'],
  ['Москвой', 'москвой'],
])('%s is looked up as %s', (word, term) => {
  expect(termOf(word)).toBe(term)
})

test.each([
  ['Bekommen Mitglieder einen Schlüssel?', [], ['bekommen', 'mitglieder', 'schlüssel']],
  ['Darf man Hunde mitbringen?', [], ['hund', 'mitbringen']],
  ['How long is the Oder?', ['oder'], ['long', 'oder']],
  ['Where am I from?', [], ['my', 'from']],
  ['Where is he from?', [], []],
  ['Und die Hexe?', [], ['hexe']],
  ['Does Jim bring the dog?', ['jim'], ['jim', 'bring', 'dog']],
])('the names of %s are %o and it is about %o', (question, names, subject) => {
  expect([...namesIn(question)]).toEqual(names)
  expect(subjectOf(question)).toEqual(subject)
})
