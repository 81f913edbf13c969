import { afterEach, expect, test } from 'vitest'
import type { TranscriptNode } from '../../electron/transcript.ts'
import { Chat } from '../../renderer/state/chat.svelte.ts'
import { Conversation } from '../../renderer/state/conversation.svelte.ts'
import { LookingUp } from '../../renderer/state/looking-up.ts'
import { openWindow, replyOf, shown } from '../support/kept-window.ts'
import { ScriptedEngine } from '../support/scripted-engine.ts'
import { closeConversations, temporaryFolder } from '../support/test-bridge.ts'

afterEach(closeConversations)

const NHA = { attention: 'nha', window: null, system: '' } as const
const FACT = 'My name is Mira.'
const TALK = 'The rain fell on the harbour, and nobody spoke of it. '.repeat(10)
const QUESTION = 'What is my name?'
const AT = { node: 1, name: '', page: 1, quote: FACT }

function engineThatAnswers(text: string): ScriptedEngine {
  return new ScriptedEngine({ answer: () => ({ text }) })
}

function chatWith(engine: ScriptedEngine, lookUp: () => boolean): Chat {
  return new Chat({
    engine: () => Promise.resolve(engine),
    options: () => NHA,
    lookUp,
    request: () => ({ sampling: {}, maxNewTokens: 100 }),
  })
}

function document(node: number, text: string): TranscriptNode {
  const rest = { parent: null, kind: 'document', time: 0, aside: false, end: null, memory: null } as const
  return { ...rest, node, name: 'book.txt', text }
}

test('what left the window is read again with the question, and is on the disk with it', async () => {
  const folder = temporaryFolder()
  const { chat, engine, conversations } = await openWindow(folder)
  for (const text of [FACT, TALK, QUESTION]) await chat.send(text)
  expect(engine.opened.at(-1)?.requests.map(({ passage }) => passage)).toEqual([undefined, undefined, FACT])
  expect(replyOf(chat, 3).grounds.lookedUp).toEqual([AT])
  const { nodes } = (await conversations.openConversation(chat.current.keeping.id ?? '')).transcript
  expect(nodes.find(({ text }) => text === QUESTION)?.lookedUp).toEqual([AT])

  // Answered anew, with the same words.
  await chat.regenerate(replyOf(chat, 3))
  expect(engine.opened.at(-1)?.requests.map(({ passage }) => passage)).toEqual([FACT])
  await chat.current.close()
  const next = await openWindow(folder)
  await next.chat.open(next.list()[0]?.id ?? '')
  expect(replyOf(next.chat, 3).grounds.lookedUp).toEqual([AT])
})

test('that nothing was found is heard, when it is answered anew too, and not where nothing is looked up', async () => {
  const engine = new ScriptedEngine({ answer: () => ({ text: 'Mira.' }), info: { windows: [64] } })
  let lookUp = true
  const chat = chatWith(engine, () => lookUp)
  const heard = () => engine.opened.at(-1)?.requests.at(-1)?.unfound
  await chat.send(TALK)
  expect(heard()).toBeUndefined()
  await chat.send('Where does Clara live?')
  expect(heard()).toBe(true)
  await chat.regenerate(replyOf(chat, 2))
  expect(heard()).toBe(true)
  lookUp = false
  await chat.send('Where does Clara live?')
  expect(heard()).toBeUndefined()
})

test('what was passed on is passed on again with what stands around it, though nothing is looked up any more', async () => {
  const text = 'Hens are kept in the far corner. At most six to a plot, and no cock.'
  const answer = () => ({ text: `I am not sure. I find only this: ${text}` })
  const engine = new ScriptedEngine({ answer, info: { windows: [64] } })
  let lookUp = true
  const chat = chatWith(engine, () => lookUp)
  await chat.current.read({ name: 'rules.txt', text })
  await chat.send('How many hens are kept?')
  const isPassedOn = () => {
    expect(engine.opened.at(-1)?.requests.at(-1)?.passedOn).toBe(text)
    const { last } = chat.current
    expect(last).toMatchObject({ kind: 'reply', grounds: { inDocument: null, nearest: [] } })
    return last
  }
  for (const isOn of [true, false]) {
    const reply = isPassedOn()
    lookUp = isOn
    if (reply?.kind === 'reply') await chat.regenerate(reply)
    isPassedOn()
  }
})

test('what only comes near is passed on whatever the model would say, and answered anew what comes next', async () => {
  const text = 'Hens are kept in the far corner.'
  const wall = `The wall was painted.${' It rained all day.'.repeat(40)}`
  const unsure = (words: string) => `I am not sure. I find only this: ${words}`
  const answers = ['In the shed.', unsure(text), '', unsure(wall)]
  const engine = new ScriptedEngine({
    answer: () => ({ text: answers.shift() ?? '' }),
    info: { windows: [64] },
  })
  let lookUp = true
  const chat = chatWith(engine, () => lookUp)
  await chat.current.read({ name: 'rules.txt', text: `${text}\n\n${wall}` })
  await chat.send('Who painted the shed in the far corner?')
  const passedOn = () => {
    const { passage, passedOn = '', isPassedOn = false } = engine.opened.at(-1)?.requests.at(-1) ?? {}
    // What stands before the question is in memory, and stays as it was.
    expect([passage, isPassedOn]).toEqual([text, true])
    return passedOn
  }
  const again = async () => {
    const { last } = chat.current
    if (last?.kind === 'reply') await chat.regenerate(last)
    return passedOn()
  }
  expect(passedOn()).toBe(text)
  // It was not passed on, since the scripted model says something else.
  expect(await again()).toBe(text)
  // Nothing more is looked up where that is switched off.
  lookUp = false
  expect(await again()).toBe(text)
  lookUp = true
  const next = await again()
  expect(next).toContain('The wall')
  expect(next).not.toContain(text)
  // What was said in another version was said as well.
  await chat.send('What else?')
  const { passedOn: last = '' } = engine.opened.at(-1)?.requests.at(-1) ?? {}
  expect(last).toBe('')
})

test('what was taken back is not found again', async () => {
  const { chat, engine } = await openWindow(temporaryFolder())
  for (const text of ['hello', FACT, TALK, QUESTION]) await chat.send(text)
  expect(replyOf(chat, 4).grounds.lookedUp).toHaveLength(1)
  await chat.current.goBack(replyOf(chat, 1).node ?? 0)
  await chat.send(TALK)
  await chat.send(QUESTION)
  expect(shown(chat)).not.toContain(FACT)
  expect(replyOf(chat, 3).grounds.lookedUp).toEqual([])
  expect(engine.opened.at(-1)?.requests.at(-1)?.passage).toBeUndefined()
})

test('it is switched off and on for the next message', async () => {
  const engine = engineThatAnswers('Mira.')
  let lookUp = false
  const chat = chatWith(engine, () => lookUp)
  for (const text of [FACT, TALK, QUESTION]) await chat.send(text)
  lookUp = true
  await chat.send(QUESTION)
  expect(
    engine.opened
      .at(-1)
      ?.requests.map(({ passage }) => passage)
      .slice(2),
  ).toEqual([undefined, FACT])
})

test('one conversation says for itself whether it is looked up, whatever the setting, and is kept so', async () => {
  const folder = temporaryFolder()
  const { chat, engine, conversations } = await openWindow(folder)
  await chat.current.keeping.setLookUp(false)
  for (const text of [FACT, TALK, QUESTION]) await chat.send(text)
  const passages = () => engine.opened.at(-1)?.requests.map(({ passage }) => passage)
  expect(passages()).toEqual([undefined, undefined, undefined])
  const id = chat.current.keeping.id ?? ''
  const said = async () => (await conversations.openConversation(id)).transcript.lookUp
  expect(await said()).toBe(false)

  await chat.current.keeping.setLookUp(true)
  await chat.send(QUESTION)
  expect(passages()?.at(-1)).toBe(FACT)
  expect(await said()).toBe(true)
  await chat.current.keeping.setLookUp(false)
  await chat.current.close()
  const next = await openWindow(folder)
  await next.chat.open(id)
  expect(next.chat.current.looksUp).toBe(false)
  // The next chat follows the setting again.
  next.chat.startNew()
  expect(next.chat.current.looksUp).toBe(true)
})

test.each([
  ['The gate is green.', [{ page: 1, quote: 'The colour of the gate is green.' }], true],
  ['The gate is purple.', [], false],
] as const)('the page is said that an answer rests on: %s', async (answer, cited, inDocument) => {
  const engine = engineThatAnswers(answer)
  const conversation = new Conversation(() => Promise.resolve(engine), NHA)
  await conversation.read({ name: 'gate.txt', text: `The colour of the gate is green. ${TALK}` })
  const request = { sampling: {}, maxNewTokens: 100 }
  await conversation.send({ ...request, message: 'What is the colour of the gate?' })
  expect(conversation.last).toMatchObject({ grounds: { cited, inDocument } })
})

test('of an answer that no document says the nearest sentences are shown, after a restart too', async () => {
  const folder = temporaryFolder()
  const { chat } = await openWindow(folder)
  const fact = 'The colour of the gate is green.'
  await chat.current.read({ name: 'gate.txt', text: `${fact} ${TALK}` })
  await chat.send('What is the colour of the gate?')
  const nearest = [{ page: 1, name: 'gate.txt', quote: expect.stringContaining(fact) as string }]
  expect(chat.current.last).toMatchObject({ grounds: { cited: [], inDocument: false, nearest } })
  await chat.current.close()
  const next = await openWindow(folder)
  await next.chat.open(next.list()[0]?.id ?? '')
  expect(next.chat.current.last).toMatchObject({ grounds: { cited: [], inDocument: false, nearest } })
})

test('an answer that rests on what the user said is not missed in the document', async () => {
  const engine = engineThatAnswers('Your dog is called Bruno.')
  const conversation = new Conversation(() => Promise.resolve(engine), NHA)
  const request = { sampling: {}, maxNewTokens: 100 }
  await conversation.send({ ...request, message: 'My dog is called Bruno.' })
  await conversation.read({ name: 'gate.txt', text: `The colour of the gate is green. ${TALK}` })
  await conversation.send({ ...request, message: 'What is my dog called?' })
  expect(conversation.last).toMatchObject({ grounds: { cited: [], inDocument: null } })
})

test('a book is taken in while the window goes on, and can be stopped', async () => {
  const engine = engineThatAnswers('')
  const way = [document(1, `${FACT} ${'The rain fell softly on the old harbour wall. '.repeat(12_000)}`)]
  const { memory } = await engine.open(NHA)
  const looking = new LookingUp(NHA, () => true)
  const find = (signal: AbortSignal) =>
    looking.find(QUESTION, null, way, engine, { ...memory, position: 200_000 }, signal)
  const stop = new AbortController()
  const stopped = find(stop.signal)
  stop.abort(new Error('stopped'))
  await expect(stopped).rejects.toThrow('stopped')

  let turns = 0
  const counter = setInterval(() => turns++, 0)
  const { lookedUp } = await find(new AbortController().signal)
  clearInterval(counter)
  expect(lookedUp).toEqual([{ ...AT, name: 'book.txt' }])
  expect(turns).toBeGreaterThan(3)
})
