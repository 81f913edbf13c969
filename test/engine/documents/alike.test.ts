import { describe, expect, test } from 'vitest'
import { LookUp } from '../../../engine/documents/look-up.ts'
import { Looking } from '../../../engine/documents/looking.ts'
import { asLookedUp } from '../../../engine/memory/heard.ts'

const RAIN = `${'The rain fell softly on the old wall. '.repeat(60)}\n\n`
const CELLAR = 'The captain hid a ring in the cellar.'
const WELL = 'The captain hid another ring in the well.'
const LONG = `So it was told by the fire, many a long night, one sailor to another: ${WELL.toLowerCase()}`
const QUESTION = 'Where did the captain hide the ring?'

function lookUpIn(texts: readonly string[], tokensEach = 1 / 3): LookUp {
  const lookUp = new LookUp(64)
  let position = 0
  for (const [i, text] of texts.entries())
    lookUp.add({ name: `${i + 1}.txt`, text }, (position += Math.round(text.length * tokensEach)))
  return lookUp
}

const passedOn = (lookUp: LookUp) => asLookedUp(lookUp.find(QUESTION, 9_000), {}).passedOn

describe('two places that say nearly as much', () => {
  test('are both passed on, and the best alone is read before the question', () => {
    const lookUp = lookUpIn([`${RAIN}${CELLAR}\n\n${RAIN}${LONG}\n\n${RAIN}`])
    const [found, ...others] = lookUp.find(QUESTION, 9_000)
    expect(others).toEqual([])
    expect(found?.quote).toBe(CELLAR)
    expect(found?.alike?.map(({ quote }) => quote)).toEqual([LONG])
    const { passage, passedOn = '' } = asLookedUp(found ? [found] : [], {})
    expect(passage).toBe(CELLAR)
    const [first, second, ...more] = passedOn.split('\n\nAnd this:\n\n')
    expect([first?.includes(CELLAR), second?.includes(LONG), more.length]).toEqual([true, true, 0])
    expect(first).not.toContain(LONG)
    expect(second).not.toContain(CELLAR)
  })

  test('are read both where there is room, and passed on once each', () => {
    const found = lookUpIn([`${RAIN}${CELLAR}\n\n${RAIN}${WELL}\n\n${RAIN}`]).find(QUESTION, 9_000)
    const { passage, passedOn = '' } = asLookedUp(found, {})
    expect(passage).toBe(`${CELLAR} ${WELL}`)
    expect(passedOn.split(CELLAR)).toHaveLength(2)
    expect(passedOn.split(WELL)).toHaveLength(2)
  })

  test('of two documents as well', () => {
    const words = passedOn(lookUpIn([`${RAIN}${CELLAR}`, `${RAIN}${WELL}`]))
    expect(words).toContain(CELLAR)
    expect(words).toContain(WELL)
  })

  test('where they stand together, once', () => {
    const words = passedOn(lookUpIn([`${RAIN}${CELLAR} ${WELL}\n\n${RAIN}`])) ?? ''
    expect(words.split(CELLAR)).toHaveLength(2)
    expect(words.split(WELL)).toHaveLength(2)
    expect(words).not.toContain('And this')
  })

  test('where it says the same again, as in two versions of a document, once', () => {
    const words = passedOn(lookUpIn([`${RAIN}${CELLAR}`, `${RAIN}${CELLAR}`])) ?? ''
    expect(words.split(CELLAR)).toHaveLength(2)
    expect(words).not.toContain('And this')
  })

  test('for a window that is not narrow, the best alone', () => {
    const lookUp = new LookUp(256)
    lookUp.add({ name: 'a.txt', text: `${RAIN}${CELLAR}\n\n${RAIN}${WELL}\n\n${RAIN}` }, 3_000)
    expect(lookUp.find(QUESTION, 3_000).flatMap(({ alike = [] }) => alike)).toEqual([])
  })

  test('where the other says much less of it, the best alone', () => {
    const words = passedOn(lookUpIn([`${RAIN}${CELLAR}\n\n${RAIN}The captain was late.\n\n${RAIN}`]))
    expect(words).toContain(CELLAR)
    expect(words).not.toContain('And this')
  })

  test('where the tokens of both are too many for an answer, the best alone', () => {
    const words = passedOn(lookUpIn([`${RAIN}${CELLAR}\n\n${RAIN}${WELL}\n\n${RAIN}`], 0.6))
    expect(words).toContain(CELLAR)
    expect(words).not.toContain('And this')
  })

  test('what was said here is never another', () => {
    const lookUp = lookUpIn([`${RAIN}${CELLAR}\n\n${RAIN}`])
    lookUp.add({ name: '', text: 'My captain hid a ring.' }, 4_000)
    const found = lookUp.find(QUESTION, 4_000)
    expect(found.flatMap(({ alike = [] }) => alike)).toEqual([])
  })

  test('the page of the other stands below, though it is passed on', () => {
    const looking = new Looking(64)
    const text = `${RAIN}${CELLAR}\n\n${RAIN}${LONG}\n\n${RAIN}`
    const said = { node: 1, kind: 'document', name: 'a.txt', text, memory: { position: 3_000 } } as const
    const found = looking.find(QUESTION, [said], 3_000)
    const answer = `I am not sure. I find only this: ${asLookedUp(found, {}).passedOn ?? ''}`
    const { nearest } = looking.grounds(QUESTION, answer, found)
    expect(nearest.map(({ quote, page }) => [quote, page])).toEqual([[expect.stringContaining(LONG), 3]])
  })
})

test.each([
  ['Where did the captain hide the ring?', false],
  ['Where did the captain of the ship hide the painted ring?', true],
  ['Where did the captain hide the ring of gold?', true],
  ['Who is the captain?', false],
  ['Who is Rosa Bright?', true],
  ['Who is Rosa Bright married to?', false],
])('%s: a small model passes on what is found, whatever it would say: %s', (question, isPassedOn) => {
  const rosa = 'Rosa Bright was married to a miller.'
  const found = lookUpIn([`${RAIN}${CELLAR}\n\n${RAIN}${rosa}\n\n${RAIN}`]).find(question, 9_000)
  expect(found).toHaveLength(1)
  expect(asLookedUp(found, {}).isPassedOn ?? false).toBe(isPassedOn)
})

test.each([
  ['Where did the captain of the ship hide the ring?', true],
  ['Where did the old captain of the ship hide the painted ring from the king?', false],
])('%s: it says most of what is asked: %s', (question, isLikely) => {
  const found = lookUpIn([`${RAIN}${CELLAR}\n\n${RAIN}`]).find(question, 9_000)
  expect(asLookedUp(found, {})).toMatchObject({ isPassedOn: true, ...(isLikely ? { isLikely } : {}) })
  expect(asLookedUp(found, {}).isLikely ?? false).toBe(isLikely)
})

test.each(['What about the skipper?', 'Who is the skipper of the ship?'])(
  '%s: in close words alone nothing is found',
  (question) => {
    expect(lookUpIn([`${RAIN}${CELLAR}\n\n${RAIN}`]).find(question, 9_000)).toEqual([])
  },
)

describe('those of a house or a club', () => {
  const rules = `${RAIN}Late evenings were given up, for they did not pay for the lights.\n\n${RAIN}`

  test.each([
    ['Why did we give up the late evenings?', true],
    ['What will our evenings cost?', true],
    ['Why did I give up the late evenings?', false],
    ['Why did we give up my evenings?', false],
    ['What were we talking about?', false],
    ['What did we do yesterday evening?', false],
    ['What shall we do with the lights?', false],
  ])('%s: asked of what was read %s', (question, isOfDocuments) => {
    expect(lookUpIn([rules]).asksDocuments(question)).toBe(isOfDocuments)
  })

  test('of what they told they do not', () => {
    const lookUp = lookUpIn([rules])
    lookUp.add({ name: '', text: 'We gave up the late evenings since the boiler is broken.' }, 9_000)
    const question = 'Why did we give up the late evenings?'
    expect(lookUp.asksDocuments(question)).toBe(false)
    expect(lookUp.find(question, 9_100).map(({ name }) => name)).toContain('')
  })

  test('may bring a dog of their own, though a rule says nothing of "my" dog', () => {
    const lookUp = lookUpIn([`${RAIN}Dogs must stay outside.\n\n${RAIN}`])
    expect(lookUp.find('Can I bring my dog in?', 9_000)[0]?.quote).toBe('Dogs must stay outside.')
    expect(lookUp.find('Where does my dog stay?', 9_000)).toEqual([])
  })
})
