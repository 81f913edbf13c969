import { expect, test } from 'vitest'
import { uncorrected } from '../../../engine/documents/correcting.ts'
import { LookUp } from '../../../engine/documents/look-up.ts'

test.each([
  ['Where do I live?', 'I live in Bergen.', 'Actually, I live in Oslo now.', false],
  ['Where did I live before?', 'I live in Bergen.', 'Actually, I live in Oslo now.', true],
  // It does not say that it is so now.
  ['What do I have?', 'I have a dog.', 'I have a cat.', true],
  // Of something else.
  ['What are my cat and my dog called?', 'My cat is called Ada.', 'Actually, my dog is called Joe.', true],
  ['Where is my cat?', 'My cat is in the garden.', 'My cat is now ill.', true],
])('%s %s, %s: %s', (question, earlier, later, isLeft) => {
  const said = [{ quote: earlier }, { quote: later }]
  expect(uncorrected(question, said)).toEqual(isLeft ? said : said.slice(1))
  expect(uncorrected(question, said.toReversed())).toHaveLength(2)
})

test.each([
  ['Where does Tom live?', ['Actually, Tom lives in Graz now.']],
  ['Where did Tom live before?', ['Tom lives in Bergen.', 'Actually, Tom lives in Graz now.']],
  ['Where is my cat?', ['My cat is in the garden.', 'My cat is now ill.']],
  ['Where is the letter?', ['The letter is now in the drawer.']],
  ['Was trinke ich gern?', ['Ich trinke jetzt gern Kaffee.']],
])('%s: what was corrected is left out for a small model, which would take either', (question, expected) => {
  const lookUp = new LookUp(64)
  const said = [
    'Tom lives in Bergen.',
    'My cat is in the garden.',
    'The letter is in the desk.',
    'Ich trinke gern Tee.',
    'Actually, Tom lives in Graz now.',
    'My cat is now ill.',
    'The letter is now in the drawer.',
    'Ich trinke jetzt gern Kaffee.',
  ]
  for (const [i, text] of said.entries()) lookUp.add({ name: '', text }, (i + 1) * 40)
  expect(lookUp.find(question, 1000).map(({ quote }) => quote)).toEqual(expected)
})
