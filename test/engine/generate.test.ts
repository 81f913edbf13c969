import { describe, expect, test } from 'vitest'
import { generate, type Memory } from '../../engine/generate.ts'
import type { GenerationEvent, Sampling } from '../../engine/protocol.ts'
import { PassingOn } from '../../engine/text/passing-on.ts'
import { Sampler } from '../../engine/text/sampler.ts'
import { byteTokenizer, END, ScriptedSequence } from '../support/scripted-sequence.ts'

const GREEDY: Sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, seed: 1 }

function setUp(script: readonly number[], prompt: string, maxNewTokens = 100, readsAhead = false) {
  const sequence = new ScriptedSequence(script, readsAhead)
  const memory: Memory = { sequence, unread: byteTokenizer.encode(prompt) }
  const sampler = new Sampler(GREEDY, byteTokenizer.vocabSize)
  return { sequence, memory, reply: { memory, tokenizer: byteTokenizer, sampler, slice: 4, maxNewTokens } }
}

async function collect(events: AsyncIterable<GenerationEvent>): Promise<GenerationEvent[]> {
  const all: GenerationEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

const textOf = (events: readonly GenerationEvent[]): string =>
  events.map((event) => (event.type === 'delta' ? event.text : '')).join('')

const { signal } = new AbortController()

describe('generate', () => {
  test('reads the prompt in slices, then streams, then ends with the turn', async () => {
    const { reply, sequence } = setUp([...byteTokenizer.encode('Hi'), END], 'prompt')
    const events = await collect(generate(reply, signal))
    expect(events.map(({ type }) => type)).toEqual([
      'prefilling',
      'prefilling',
      'prefilled',
      'delta',
      'delta',
      'end',
    ])
    expect(textOf(events)).toBe('Hi')
    expect(events.at(-1)).toMatchObject({ finishReason: 'stop', newTokens: 2, memory: { position: 8 } })
    expect(sequence.read).toEqual(byteTokenizer.encode('promptHi'))
  })

  test('a character split over tokens arrives whole', async () => {
    const { reply } = setUp([...byteTokenizer.encode('a€b'), END], 'x')
    const events = await collect(generate(reply, signal))
    const deltas = events.flatMap((event) => (event.type === 'delta' ? [event.text] : []))
    expect(deltas).toEqual(['a', '€', 'b'])
  })

  test('the length limit does not pay for a decode that nobody reads, and keeps its token for later', async () => {
    const { reply, memory, sequence } = setUp(byteTokenizer.encode('abcdef'), 'xy', 3)
    const events = await collect(generate(reply, signal))
    expect(textOf(events)).toBe('abc')
    expect(events.at(-1)).toMatchObject({ finishReason: 'length', newTokens: 3 })
    expect(sequence.read).toEqual(byteTokenizer.encode('xyab'))
    expect(memory.unread).toEqual(byteTokenizer.encode('c'))
  })

  test('an answer that goes round in circles ends, and what was said last is read with the next message', async () => {
    const round = byteTokenizer.encode('again, ')
    const { reply, memory, sequence } = setUp(Array.from({ length: 100 }, () => round).flat(), 'x', 1_000)
    const events = await collect(generate(reply, signal))
    expect(events.at(-1)).toMatchObject({ finishReason: 'loop', newTokens: 256 })
    expect(sequence.read).toHaveLength(256)
    expect(memory.unread).toEqual([round[255 % round.length]])
  })

  test.each([false, true])(
    'what is passed on is said word for word and read, read ahead: %s',
    async (readsAhead) => {
      const script = byteTokenizer.encode('Only: a blind calf.')
      const { reply, memory, sequence } = setUp(script, 'x', 100, readsAhead)
      const words = [...byteTokenizer.encode(' a black cat'), END]
      const passingOn = new PassingOn(byteTokenizer.encode('Only:'), words)
      const events = await collect(generate({ ...reply, passingOn }, signal))
      expect(textOf(events)).toBe('Only: a black cat')
      expect(events.at(-1)).toMatchObject({ finishReason: 'stop', newTokens: 17, memory: { position: 18 } })
      expect(sequence.read).toEqual(byteTokenizer.encode('xOnly: a black cat'))
      expect(memory.unread).toEqual([])
    },
  )

  test('circles of words are seen sooner', async () => {
    const words = [' and', ' so', ' on'].map((word) => new TextEncoder().encode(word))
    const script = Array.from({ length: 300 }, (_, i) => i % words.length)
    const { reply } = setUp(script, 'x', 1_000)
    const tokenizer = {
      ...byteTokenizer,
      bytes: (token: number) => words[token] ?? byteTokenizer.bytes(token),
    }
    const events = await collect(generate({ ...reply, tokenizer }, signal))
    expect(events.at(-1)).toMatchObject({ finishReason: 'loop', newTokens: 64 })
  })

  test('stop is seen between two tokens', async () => {
    const { reply, sequence } = setUp(byteTokenizer.encode('abcdefgh'), 'x')
    const stop = new AbortController()
    const events: GenerationEvent[] = []
    for await (const event of generate(reply, stop.signal)) {
      events.push(event)
      if (event.type === 'delta' && event.text === 'c') stop.abort()
    }
    expect(textOf(events)).toBe('abc')
    expect(events.at(-1)).toMatchObject({ finishReason: 'abort', newTokens: 3 })
    expect(sequence.read).toEqual(byteTokenizer.encode('xabc'))
  })

  test('stop while the prompt is read leaves the rest unread', async () => {
    const { reply, memory } = setUp(byteTokenizer.encode('abc'), '12345678')
    const stop = new AbortController()
    const events: GenerationEvent[] = []
    for await (const event of generate(reply, stop.signal)) {
      events.push(event)
      stop.abort()
    }
    expect(events.at(-1)).toMatchObject({ type: 'end', finishReason: 'abort', newTokens: 0 })
    expect(memory.unread).toEqual(byteTokenizer.encode('5678'))
  })

  test('a listener that leaves early loses no token of the conversation', async () => {
    const { reply, memory, sequence } = setUp(byteTokenizer.encode('abc'), 'x')
    for await (const event of generate(reply, signal)) if (event.type === 'delta') break
    expect([...sequence.read, ...memory.unread]).toEqual(byteTokenizer.encode('xa'))
  })

  describe('with a token read ahead', () => {
    test('the same events, and nothing is read beyond the end or the limit', async () => {
      for (const [script, most] of [
        ['Hi', 100],
        ['abcdef', 3],
        ['again, '.repeat(60), 1_000],
      ] as const) {
        const setUps = [false, true].map((readsAhead) =>
          setUp([...byteTokenizer.encode(script), END], 'prompt', most, readsAhead),
        )
        const [plain, ahead] = await Promise.all(setUps.map(({ reply }) => collect(generate(reply, signal))))
        const withoutTimes = (events: GenerationEvent[]) =>
          events.map((event) => ({ ...event, milliseconds: 0, memory: null }))
        expect(withoutTimes(ahead!)).toEqual(withoutTimes(plain!))
        const remembered = setUps.map(({ sequence, memory }) => [...sequence.read, ...memory.unread])
        expect(remembered[1]).toEqual(remembered[0])
        expect(setUps[1]?.sequence.position).toBe(setUps[1]?.sequence.read.length)
      }
    })

    test.each([
      ['while it is shown, says no more', 'abc'],
      ['while the next is computed, says what was read ahead', 'abcd'],
    ])('stop %s', async (when, text) => {
      const { reply, sequence, memory } = setUp(byteTokenizer.encode('abcdefgh'), 'x', 100, true)
      const stop = new AbortController()
      const decode = sequence.decode.bind(sequence)
      sequence.decode = async (token, ...rest) => {
        const candidates = await decode(token, ...rest)
        if (text === 'abcd' && token === byteTokenizer.encode('c')[0]) stop.abort()
        return candidates
      }
      const events: GenerationEvent[] = []
      for await (const event of generate(reply, stop.signal)) {
        events.push(event)
        if (text === 'abc' && event.type === 'delta' && event.text === 'c') stop.abort()
      }
      expect(textOf(events), when).toBe(text)
      expect(events.at(-1)).toMatchObject({ finishReason: 'abort', newTokens: text.length })
      expect(sequence.read).toEqual(byteTokenizer.encode(`x${text}`))
      expect([sequence.isAhead, sequence.position, memory.unread]).toEqual([false, text.length + 1, []])
    })

    test('a listener that leaves at any token loses none, and none is ahead', async () => {
      for (let leaveAt = 1; leaveAt <= 4; leaveAt++) {
        const { reply, memory, sequence } = setUp(byteTokenizer.encode('abcd'), 'x', 100, true)
        let heard = 0
        for await (const event of generate(reply, signal))
          if (event.type === 'delta' && ++heard === leaveAt) break
        expect([...sequence.read, ...memory.unread]).toEqual(
          byteTokenizer.encode(`x${'abcd'.slice(0, leaveAt)}`),
        )
        expect(sequence.isAhead).toBe(false)
      }
    })
  })

  test('a failing model fails the reply', async () => {
    const { reply, sequence } = setUp(byteTokenizer.encode('abc'), 'x')
    sequence.failAt = 2
    await expect(collect(generate(reply, signal))).rejects.toThrow('the model failed')
  })
})
