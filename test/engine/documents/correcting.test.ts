import { expect, test } from 'vitest'
import { uncorrected } from '../../../engine/documents/correcting.ts'
import { LookUp } from '../../../engine/documents/look-up.ts'

test.each([
  ['Where do I live?', 'I live in Bergen.', 'Actually, I live in Oslo now.', false],
  ['Where did I live before?', 'I live in Bergen.', 'Actually, I live in Oslo now.', true],
  // How old is not what was before, and a first name is not one of several.
  ['How old is my dog?', 'My dog is six.', 'My dog is now seven.', false],
  ['What is my first name?', 'My first name is Ann.', 'My first name is now Bea.', false],
  ['What was my former boss called?', 'My boss is called Ann.', 'My boss is now called Bob.', true],
  ['Wie hieß mein früherer Chef?', 'Mein Chef heißt Jan.', 'Mein Chef heißt jetzt Uwe.', true],
  // It takes back, adds, is of somebody else, or only asks.
  ['Where do I live?', 'I live in Oslo.', 'I no longer live in Bergen now.', true],
  ['What do I play?', 'I play the piano.', 'I play the violin now too.', true],
  [
    'What does my brother do?',
    'My brother works as a baker.',
    "My brother's wife now works as a nurse.",
    true,
  ],
  ['What is my dog called?', 'My dog is called Rex.', 'Now tell me what my dog is called.', true],
  // It does not say that it is so now.
  ['What do I have?', 'I have a dog.', 'I have a cat.', true],
  // Of something else.
  ['What are my cat and my dog called?', 'My cat is called Ada.', 'Actually, my dog is called Joe.', true],
  // There may be more than one.
  ['Which pets do I have?', 'I have a dog.', 'I have a cat now.', true],
  ['Where is my cat?', 'My cat is in the garden.', 'My cat is now ill.', true],
])('%s %s, %s: %s', (question, earlier, later, isLeft) => {
  const said = [earlier, later].map((quote) => ({ quote, share: 1 }))
  expect(uncorrected(question, said)).toEqual(isLeft ? said : said.slice(1))
  expect(uncorrected(question, said.toReversed())).toHaveLength(2)
})

test('nor what says less of what is asked', () => {
  const said = [
    { quote: 'My car is red.', share: 0.8 },
    { quote: 'My car is now in the garage.', share: 0.5 },
  ]
  expect(uncorrected('What colour is my car?', said)).toEqual(said)
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
