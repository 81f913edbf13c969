import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { POCKET } from '../../../bin/root.ts'
import { LookUp } from '../../../engine/documents/look-up.ts'
import taught from '../../../engine/documents/taught.json' with { type: 'json' }
import { isTaught } from '../../../engine/documents/taught.ts'
import { asksForRule, asksOfModel } from '../../../engine/documents/asking.ts'

const TEXT = 'Alice was beginning to get very tired of sitting by her sister on the bank.'

/** With a text that was read, and what was told. */
function lookUpAfter(...told: readonly string[]): LookUp {
  const lookUp = new LookUp(64)
  lookUp.add({ name: 'alice.txt', text: TEXT }, 30)
  for (const text of told) lookUp.add({ name: '', text }, 60)
  return lookUp
}

/** What Pocket was taught to answer of Plateau and by the way. */
function taughtQuestions(): string[] {
  const lessons = readFileSync(join(POCKET, 'train', 'talk.py'), 'utf8')
  const taught = lessons.slice(lessons.indexOf('SMALL ='), lessons.indexOf('UNKNOWN ='))
  const questions = [...taught.matchAll(/'([A-Z][^'\n]*\?)'|"([A-Z][^"\n]*\?)"/g)].map(
    ([, a, b]) => a ?? b ?? '',
  )
  // Some replies end in one.
  return [...new Set(questions)].filter((question) => !/[.!] /.test(question))
}

test('what Pocket was taught is what it is asked, beside any text', () => {
  const questions = taughtQuestions()
  expect(taught).toEqual(questions.toSorted())
  const lookUp = new LookUp(64)
  const text = 'You do not live here, Alice was told at the gate. Who can remember things?'
  lookUp.add({ name: 'alice.txt', text }, 30)
  for (const question of questions) expect(lookUp.find(question, 30), question).toEqual([])
  expect(lookUp.find('Who was told at the gate?', 30)).toHaveLength(1)
  expect(isTaught('How’s it going?')).toBe(true)
  expect(isTaught('Where do you live now?')).toBe(false)
})

describe('what nothing was read of is declined', () => {
  test('but for what a small model was taught', () => {
    expect(taught.length).toBeGreaterThan(150)
    const lookUp = lookUpAfter()
    expect(taught.filter((question) => lookUp.missed(question).isDeclined)).toEqual([])
  })

  test.each([
    ['Where did Jim hide his mother?', true],
    ['Where did Jim hide his mother', true],
    ['Why is the kettle broken?', true],
    ['How old do you have to be to join?', true],
    ['Tell me of the kettle.', false],
    ['How are you?', false],
    ['Really?', false],
    ['Why?', false],
    ['How long can a document be?', false],
    ['How long can the bridge be?', true],
    ['Where do I live?', false],
    ['Is it normal if I feel sad?', false],
    ['What happens if you make a mistake?', false],
    ['How long until you forget this?', false],
    ['What happens if I break the kettle?', true],
    ['Hello?', false],
    ['Should we continue?', false],
    ["What's for dinner?", false],
    ['What is the fee?', true],
    ['When is the wedding?', true],
    ['How do slots work here?', false],
    ['Who is Zebedee?', true],
    ["Wie geht's?", false],
    ['Alles klar?', false],
    ['Does it work without Wi-Fi?', false],
  ])('%s %s', (question, isDeclined) => {
    expect(lookUpAfter().missed(question).isDeclined ?? false).toBe(isDeclined)
  })

  test('and for what may have been told in other words', () => {
    const lookUp = lookUpAfter('Jim drives a red van.')
    expect(lookUp.missed('Where did Jim hide his mother?')).toEqual({ unfound: true, ofDocuments: true })
    expect(lookUp.missed('Which vehicle is it?')).toEqual({ unfound: true, ofDocuments: true })
    expect(lookUp.missed('Where is the kettle?').isDeclined).toBe(true)
  })
})

test.each([
  ['How old do you have to be to join?', false],
  ['How much is paid when you call it off?', false],
  ['What do you need on you before you can fly?', false],
  ['When do you open?', false],
  ['What day of the week are you shut?', false],
  ['Do you need the internet?', true],
  ['What do you do when you sleep?', true],
  ['When were you made?', true],
  ['Are you open source?', true],
  ['What is your name?', true],
])('%s asked of the model: %s', (question, isOfModel) => {
  expect(asksOfModel(question)).toBe(isOfModel)
})

test.each([
  ['What happens if I bring the car back too late?', true],
  ['How soon will I hear back if I write?', true],
  ["I've locked myself out, what will it cost me?", true],
  ["My radiator is cold at the top, what's wrong?", true],
  ['Was passiert, wenn ich zu spät komme?', true],
  ['Do you know if I like milk?', false],
  ['Tell me if I like milk.', false],
  ['Did I say if I like milk?', false],
  ['If I like milk?', false],
  ["What's wrong with my knee?", false],
  ['What did my car cost me?', false],
])('%s a case that a document may have: %s', (question, isRule) => {
  expect(asksForRule(question)).toBe(isRule)
})

describe('who says "I" or "you" asks a document', () => {
  const CLUB =
    'Members may use the workshop for their own boats on Tuesdays. The Icebreaker race is in March; the prize is a tin of fish.'
  test.each([
    ['What days can I use the workshop to fix my own boat?', true],
    ['What do you win in the Icebreaker race?', true],
    ['What do I win at cards?', false],
    ['Where is my boat?', false],
    ['Do you like fish?', false],
    ['Did I win the Icebreaker race in March?', false],
    ['Have you won a prize in the race?', false],
    ['What is the model you use for a race in March?', false],
  ])('where it says much of what is asked: %s %s', (question, isOfDocuments) => {
    const lookUp = new LookUp(64)
    lookUp.add({ name: 'club.txt', text: CLUB }, 60)
    expect(lookUp.asksDocuments(question)).toBe(isOfDocuments)
  })

  test('but for what they told', () => {
    const lookUp = new LookUp(64)
    lookUp.add({ name: 'club.txt', text: CLUB }, 60)
    lookUp.add({ name: '', text: 'My own boat is in the workshop by the quay.' }, 90)
    expect(lookUp.asksDocuments('In what workshop is my own boat being fixed?')).toBe(false)
  })
})

test('of somebody who stands nowhere in it only what says most of a question is near', () => {
  const lookUp = new LookUp(64)
  const rain = 'The rain fell on the harbour, and nobody spoke of it. '.repeat(9)
  lookUp.add({ name: 'harbour.txt', text: `${rain}The old trick of the pilot Vasíli worked. ${rain}` }, 400)
  expect(lookUp.find('How old is Leonor?', 400)).toEqual([])
  expect(lookUp.find('How old is Vasili?', 400)).toHaveLength(1)
  expect(lookUp.find('What old trick worked for Leonor?', 400)).toHaveLength(1)
})

test.each([
  ['What does it cost?', 'Tickets cost 12 euros.', 1],
  ['What is a seed?', 'A seed is a plant in a box.', 1],
  ['What is a seed?', 'He ate the seed.', 0],
  ['What does it cost?', 'He lost his way.', 0],
  ['How long is the warranty of this program?', 'The warranty is two years. This program has one.', 1],
  ['Is the internet free?', 'Wi-Fi is free in all rooms.', 1],
])('%s, beside “%s”: %d', (question, text, found) => {
  const lookUp = new LookUp(64)
  lookUp.add({ name: 'a.txt', text }, 60)
  expect(lookUp.find(question, 60)).toHaveLength(found)
})

test.each([
  ['How do slots work?', 0],
  ['Does my data leave this computer?', 0],
  ['Which laptop do I have?', 1],
  ['Where is the lock?', 1],
])('what is of Plateau is looked up only where it was told or read: %s %d', (question, found) => {
  const lookUp = new LookUp(64)
  lookUp.add({ name: '', text: 'I left my old laptop at work.' }, 30)
  lookUp.add({ name: 'canal.txt', text: 'A night at the lock is hard work.' }, 60)
  expect(lookUp.find(question, 60)).toHaveLength(found)
})

test('a case is looked up where a document says all of it', () => {
  const lookUp = new LookUp(64)
  lookUp.add({ name: 'rules.txt', text: 'If you make a mistake, cross it out.' }, 60)
  expect(lookUp.find('What do I do if I make a mistake?', 60)).toHaveLength(1)
  expect(lookUp.find('What happens if I feel sad?', 60)).toEqual([])
})

test.each([
  ['Pardon?', 0],
  ['Ready?', 0],
  ['Who was ready?', 1],
])('what is said by the way is looked up nowhere: %s', (message, found) => {
  const lookUp = new LookUp(64)
  lookUp.add({ name: 'story.txt', text: 'I beg your pardon, said the Mouse. The cook was ready.' }, 60)
  expect(lookUp.find(message, 60)).toHaveLength(found)
})
