import { describe, expect, test } from 'vitest'
import type { Contestant } from '../../../engine/compare/contestant.ts'
import { createHaystack, type NeedleFinding, plantNeedles } from '../../../engine/compare/needle.ts'
import { OwnContestant } from '../../../engine/compare/own-contestant.ts'
import { describeStop, pageMessages, race, type Run, type Task } from '../../../engine/compare/race.ts'
import { EngineError } from '../../../engine/errors.ts'
import { pagesOfText } from '../../../engine/documents/paging.ts'
import { ScriptedEngine } from '../../support/scripted-engine.ts'

const PAGES = ['first page', 'second page', 'third page'].map(
  (content) => ({ role: 'document', content }) as const,
)
const TASK: Task = {
  messages: PAGES,
  prompt: 'What now?',
  maxNewTokens: 8,
  longest: Infinity,
  limitBytes: Infinity,
}
const never = new AbortController().signal

/** A second engine as one of another kind would be: it says what it was asked, and no bytes are known of it. */
function remote(
  calls: string[],
  name: string,
  failsAt = '',
  bytesPerToken: number | null = null,
): Contestant {
  let position = 0
  return {
    name,
    get memory() {
      return { position, stateBytes: null }
    },
    bytesFor: (tokens) => (bytesPerToken === null ? null : tokens * bytesPerToken),
    hear(messages) {
      const [message] = messages
      calls.push(`${name} hears ${message?.content ?? ''}`)
      if (message?.content === failsAt)
        return Promise.reject(new EngineError({ code: 'bad-request', reason: 'the server is away' }))
      position += 10
      return Promise.resolve()
    },
    async *answer() {
      await Promise.resolve()
      calls.push(`${name} answers`)
      position += 3
      yield { type: 'delta', text: 'yes', newTokens: 1 }
      const memory = { position, stateBytes: 0, tokens: '' }
      yield { type: 'end', finishReason: 'stop', newTokens: 2, milliseconds: 40, memory }
    },
    reopen: () => {
      calls.push(`${name} reopens`)
      return Promise.resolve({ text: 'yes', firstTokenMs: 5, msPerToken: 2 })
    },
    close: () => Promise.resolve(),
  }
}

async function run(contestants: readonly Contestant[], task = TASK, signal = never): Promise<readonly Run[]> {
  return race(contestants, task, signal, () => undefined)
}

describe('a race', () => {
  test('goes in turns of one message, another side first each time', async () => {
    const calls: string[] = []
    await run([remote(calls, 'A'), remote(calls, 'B')])
    expect(calls.filter((call) => call.includes('hears'))).toEqual([
      'A hears first page',
      'B hears first page',
      'B hears second page',
      'A hears second page',
      'A hears third page',
      'B hears third page',
    ])
    expect(calls.slice(-4)).toEqual(['B answers', 'A answers', 'A reopens', 'B reopens'])
  })

  test('a side that fails says why and is asked no more; the other goes on', async () => {
    const calls: string[] = []
    const [left, right] = await run([remote(calls, 'A'), remote(calls, 'B', 'second page')])
    expect(right?.stop && describeStop(right.stop)).toContain('the server is away')
    expect(right).toMatchObject({ position: 10, text: '' })
    expect(left).toMatchObject({ stop: null, text: 'yes', position: 33, msPerToken: 20 })
    expect(calls).not.toContain('B hears third page')
  })

  test('of a side whose bytes nobody knows the other lines are drawn', async () => {
    const [left] = await run([remote([], 'A')])
    expect(left?.series.every(({ stateBytes }) => stateBytes === null)).toBe(true)
    expect(left?.series.at(-1)).toMatchObject({ phase: 'reopened', firstTokenMs: 5, msPerToken: 2 })
    expect(left?.series.filter(({ phase }) => phase === 'answering')).toHaveLength(1)
  })

  test('stops where it stands when it is told to', async () => {
    const calls: string[] = []
    const stop = new AbortController()
    const contestant = remote(calls, 'A')
    await race([contestant], TASK, stop.signal, (_, { position }) => {
      if (position === 20) stop.abort()
    })
    expect(calls.at(-1)).not.toContain('third')
    expect(calls).not.toContain('A answers')
  })

  test('twelve times on the way it is closed and opened again, and the answer is forgotten', async () => {
    const engine = new ScriptedEngine({ answer: () => ({ text: 'one two three' }) })
    const options = { attention: 'full', window: null, system: '' } as const
    const contestant = await OwnContestant.open('full', engine, options)
    const text = 'The ship sailed on. '.repeat(5000)
    const [left] = await run([contestant], {
      ...TASK,
      messages: pageMessages({ text, pages: pagesOfText(text) }),
    })
    const reopened = left?.series.filter(({ phase }) => phase === 'reopened') ?? []
    // At the first page, evenly up to the last, and after the answer.
    expect(reopened.length).toBeGreaterThanOrEqual(12)
    expect(reopened.length).toBeLessThanOrEqual(15)
    // A token for each character, and for the question and its answer.
    const asked = Math.ceil(TASK.prompt.length / 4) + 6
    expect(left?.position).toBe(text.length + asked + 3)
    expect(contestant.memory.position).toBe(left?.position)
    await contestant.close()
    expect(engine.opened.every(({ closed }) => closed)).toBe(true)
  })
})

describe('needles', () => {
  test('stand at their depths, and all that is told is asked for', () => {
    const { messages, needles } = createHaystack(1000, { depths: [0, 0.5, 1], each: 2, seed: 3 }, 0)
    expect(needles.map(({ depth }) => depth)).toEqual([0, 0, 0.5, 0.5, 1, 1])
    const text = messages.map(({ content }) => content).join('\n')
    const shares = needles.map(({ fact }) => text.indexOf(fact.tell) / text.length)
    for (const [i, { depth }] of needles.entries())
      expect(Math.abs((shares[i] ?? 9) - depth)).toBeLessThan(0.1)
    expect(createHaystack(1000, { depths: [0, 0.5, 1], each: 2, seed: 3 }, 0).messages).toEqual(messages)
    expect(createHaystack(1000, { depths: [0, 0.5, 1], each: 2, seed: 4 }, 0).messages).not.toEqual(messages)
  })

  test('a side that knows is right, one that does not is wrong, one without room is not asked', async () => {
    const plan = { lengths: [60, 600], depths: [0, 1], each: 1, seed: 1, limitBytes: 1e6 }
    const known = new Map<string, string>()
    for (const [i, length] of plan.lengths.entries())
      for (const { fact } of createHaystack(length, plan, i).needles) known.set(fact.ask, fact.value)
    const knowing = new ScriptedEngine({
      answer: (question) => ({ text: `It is ${known.get(question) ?? ''}.` }),
    })
    const blank = new ScriptedEngine({ answer: () => ({ text: 'I do not know.' }) })
    const open = (engine: ScriptedEngine) => () =>
      OwnContestant.open('', engine, { attention: 'nha', window: null, system: '' })
    const sides = [open(knowing), open(blank), () => Promise.resolve(remote([], 'C', '', 1000))]
    const found = []
    for await (const finding of plantNeedles(sides, plan, never)) found.push(finding)
    const asked = found.filter((each): each is NeedleFinding => each.depth !== null)
    expect(asked.map(({ side, length, right }) => `${side} ${length} ${right}`)).toEqual([
      ...['0 60 true', '0 60 true', '1 60 false', '1 60 false', '2 60 false', '2 60 false'],
      ...['0 600 true', '0 600 true', '1 600 false', '1 600 false'],
    ])
    expect(found.filter(({ depth }) => depth === null)).toEqual([{ side: 2, length: 600, depth: null }])
  })
})
