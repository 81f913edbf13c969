import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, loadEngine } from '../../../engine/engine.ts'
import type { MemoryTrace } from '../../../engine/inspect/memory-trace.ts'
import type { ConversationOptions, LookedToken } from '../../../engine/protocol.ts'
import { capturingGpu } from '../../support/gpu.ts'
import { modelFilesOf, TINY, tinyModel } from '../../support/tiny-model.ts'

const OPTIONS: ConversationOptions = { attention: 'nha', window: null, system: '' }
const GREEDY = { temperature: 0, repetitionPenalty: 1 }

const files = modelFilesOf(tinyModel({ ...TINY, windows: [8, 20] }))
let engine: Engine
beforeAll(async () => {
  engine = await loadEngine({ gpu: capturingGpu().gpu, forceCpu: false, files })
})
afterAll(() => {
  engine.dispose()
})

async function traced(messages: Parameters<Engine['trace']>[1]): Promise<MemoryTrace> {
  for await (const event of engine.trace(OPTIONS, messages, new AbortController().signal))
    if (event.type === 'traced') return event.trace
  throw new Error('no trace')
}

test('each token of an answer comes with where the model looked, and the answer is the same', async () => {
  const answers = []
  const looked: LookedToken[] = []
  for (const open of [false, true]) {
    const conversation = await engine.open(OPTIONS)
    await conversation.inspect(open)
    let text = ''
    const request = { message: 'What is it?', sampling: GREEDY, maxNewTokens: 12 }
    for await (const event of conversation.generate(request, new AbortController().signal)) {
      if (event.type !== 'delta') continue
      text += event.text
      if (!open) expect(event.looked).toBeUndefined()
      looked.push(...(event.looked ?? []))
    }
    answers.push(text)
    conversation.dispose()
  }
  expect(answers[1]).toBe(answers[0])
  expect(looked.length).toBeGreaterThan(0)
  expect(looked[0]?.read.join('')).toContain('What is it?')
  for (const [i, { attention, read }] of looked.entries()) {
    expect(attention.position).toBe((looked[0]?.attention.position ?? 0) + i)
    if (i > 0) expect(read).toEqual([looked[i - 1]?.text])
  }
})

test('what was read last is all there, what was read first fades, and the pieces are the text', async () => {
  const messages = Array.from({ length: 8 }, (_, i) => [
    { role: 'user', content: `This is message number ${i}, of which something is kept.` } as const,
    { role: 'assistant', content: 'Good.' } as const,
  ]).flat()
  const { pieces, slots, newest, position } = await traced(messages)
  const text = pieces.map((piece) => piece.text).join('')
  for (const { content } of messages) {
    expect(text).toContain(content)
    expect(newest.join('')).toContain(content)
  }
  expect(text).not.toContain('assistant\n')
  expect(pieces.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(position)
  const [first, last] = [pieces[0]?.retained ?? 1, pieces.at(-1)?.retained ?? 0]
  expect(last).toBeGreaterThan(0.9)
  expect(first).toBeLessThan(0.6)
  expect(slots).toHaveLength(TINY.layers * TINY.kvHeads * TINY.slots)
  for (const { written, writers, age, halfLife } of slots) {
    expect(written).toBeGreaterThan(0)
    expect(written).toBeLessThanOrEqual(1 + 1e-9)
    expect(age).toBeGreaterThan(0)
    expect(halfLife).toBeGreaterThan(0)
    expect(writers.reduce((sum, { share }) => sum + share, 0)).toBeLessThanOrEqual(written + 1e-6)
  }
})

test('a stopped trace ends without one, and the engine is free again', async () => {
  const stop = new AbortController()
  const events = []
  const message = { role: 'user', content: 'a word and another '.repeat(200) } as const
  for await (const event of engine.trace(OPTIONS, [message], stop.signal)) {
    events.push(event.type)
    stop.abort()
  }
  expect(events.length).toBeLessThan(3)
  expect(events).not.toContain('traced')
  const conversation = await engine.open(OPTIONS)
  await conversation.hear([{ role: 'user', content: 'hello' }])
  conversation.dispose()
})

test('an answer goes on from the words it is given', async () => {
  const say = async (begin: string) => {
    const conversation = await engine.open(OPTIONS)
    let text = ''
    const request = { message: 'Well?', begin, sampling: GREEDY, maxNewTokens: 6 }
    for await (const event of conversation.generate(request, new AbortController().signal))
      if (event.type === 'delta') text += event.text
    const { position } = conversation.memory
    conversation.dispose()
    return { text, position }
  }
  const [plain, begun] = [await say(''), await say('It is called')]
  expect(begun.text).not.toContain('It is called')
  expect(begun.position).toBeGreaterThan(plain.position)
})
