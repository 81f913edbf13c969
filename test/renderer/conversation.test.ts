import { describe, expect, test } from 'vitest'
import type { EngineFailure } from '../../engine/errors.ts'
import type { ConversationOptions } from '../../engine/protocol.ts'
import { Chat } from '../../renderer/state/chat.svelte.ts'
import { Conversation } from '../../renderer/state/conversation.svelte.ts'
import type { Reply } from '../../renderer/state/reply.svelte.ts'
import {
  SCRIPTED_BYTES_PER_TOKEN,
  SCRIPTED_STATE_BYTES,
  type Script,
  ScriptedEngine,
} from '../support/scripted-engine.ts'

const LOST: EngineFailure = { code: 'device-lost', reason: 'unknown', message: 'the cable fell out' }
const REQUEST = { sampling: {}, maxNewTokens: 100 }
const NHA = { attention: 'nha', window: null, system: '' } as const

function echo(extra: Partial<Script> = {}): ScriptedEngine {
  return new ScriptedEngine({ answer: (message) => ({ text: `You said **${message}**. Good.` }), ...extra })
}

function on(engine: ScriptedEngine, options: ConversationOptions = NHA): Conversation {
  return new Conversation(() => Promise.resolve(engine), options)
}

function lastReply(conversation: Conversation): Reply {
  const { last } = conversation
  if (last?.kind !== 'reply') throw new Error('the last entry is no reply')
  return last
}

function shape(conversation: Conversation): string {
  return conversation.entries
    .map((entry) => (entry.kind === 'reply' ? `reply:${entry.phase.type}` : `user:${entry.text}`))
    .join(' ')
}

/** A pause that a test opens by hand, one event at a time. */
function gate(): { pause: () => Promise<void>; next: () => Promise<void> } {
  const waiting: (() => void)[] = []
  return {
    pause: () => new Promise((resolve) => waiting.push(resolve)),
    next: async () => {
      while (waiting.length === 0) await new Promise((resolve) => setTimeout(resolve))
      waiting.shift()?.()
      await new Promise((resolve) => setTimeout(resolve))
    },
  }
}

describe('conversation', () => {
  test('a message becomes an answer with text, blocks, speeds and memory', async () => {
    const conversation = on(echo())
    await conversation.send({ ...REQUEST, message: 'hello' })
    const reply = lastReply(conversation)
    expect(shape(conversation)).toBe('user:hello reply:ended')
    expect(reply.text).toBe('You said **hello**. Good.')
    expect(reply.blocks).toHaveLength(1)
    expect(reply.phase).toEqual({ type: 'ended', finishReason: 'stop' })
    expect(reply.reading).toEqual({ tokens: 8, milliseconds: 32 })
    expect(reply.writing).toEqual({ tokens: 4, milliseconds: 80 })
    expect(conversation.spoken.sentences.map(({ text }) => text)).toEqual(['You said hello.', 'Good.'])
    expect(conversation.memory).toMatchObject({ position: 12, stateBytes: SCRIPTED_STATE_BYTES })
  })

  test('fifty turns leave the state as large as one; full attention grows with every token', async () => {
    const constant = on(echo())
    const growing = on(echo(), { ...NHA, attention: 'full' })
    for (let turn = 1; turn <= 50; turn++) {
      await constant.send({ ...REQUEST, message: `turn ${turn}` })
      await growing.send({ ...REQUEST, message: `turn ${turn}` })
    }
    expect(new Set(constant.trail.map(({ stateBytes }) => stateBytes))).toEqual(
      new Set([SCRIPTED_STATE_BYTES]),
    )
    expect(constant.trail.map(({ position }) => position)).toEqual(
      growing.trail.map(({ position }) => position),
    )
    expect(
      growing.trail.every(({ position, stateBytes }) => stateBytes === position * SCRIPTED_BYTES_PER_TOKEN),
    ).toBe(true)
  })

  test('stop ends the answer between two tokens and keeps its words', async () => {
    const { pause, next } = gate()
    const conversation = on(echo({ pause }))
    const sent = conversation.send({ ...REQUEST, message: 'hello' })
    await next()
    await next()
    await next()
    expect(conversation.busy).toBe(true)
    conversation.stop()
    await next()
    await sent
    expect(lastReply(conversation).text).toBe('You said **hello**. ')
    expect(lastReply(conversation).phase).toEqual({ type: 'ended', finishReason: 'abort' })
    expect(conversation.busy).toBe(false)
  })

  test('closed while it answers, the memory is let go of only when what is saved of it has been read', async () => {
    const posted: string[] = []
    const { pause, next } = gate()
    const engine = echo({ pause })
    const open = engine.open.bind(engine)
    engine.open = async (options) => {
      const handle = await open(options)
      const [snapshot, close] = [handle.snapshot.bind(handle), handle.close.bind(handle)]
      handle.snapshot = async () => {
        posted.push('snapshot')
        const bytes = await snapshot()
        await new Promise((resolve) => setTimeout(resolve, 5))
        posted.push('snapshot done')
        return bytes
      }
      handle.close = () => {
        posted.push('close')
        return close()
      }
      return handle
    }
    const conversation = on(engine)
    const sent = conversation.send({ ...REQUEST, message: 'hello' })
    await next()
    await next()
    const closed = conversation.close()
    await next()
    await sent
    await closed
    expect(posted).toEqual(['snapshot', 'snapshot done', 'close'])
    expect(engine.opened.map((each) => each.closed)).toEqual([true])
  })

  test('a message sent while the model loads waits for it, and can be stopped', async () => {
    let arrive: (engine: ScriptedEngine) => void = () => undefined
    const loaded = new Promise<ScriptedEngine>((resolve) => (arrive = resolve))
    const conversation = new Conversation(() => loaded, NHA)
    const sent = conversation.send({ ...REQUEST, message: 'early' })
    expect(shape(conversation)).toBe('user:early reply:waiting')
    conversation.stop()
    await sent
    expect(lastReply(conversation).phase).toEqual({ type: 'ended', finishReason: 'abort' })

    const again = conversation.send({ ...REQUEST, message: 'again' })
    arrive(echo())
    await again
    expect(lastReply(conversation).text).toBe('You said **again**. Good.')
  })

  test('a failure half-way loses neither the question nor the words so far', async () => {
    const failing = (_: string, turn: number) =>
      turn === 1
        ? { text: 'Half an answer', failure: { code: 'bad-logits', position: 9 } as const }
        : { text: 'Whole.' }
    const conversation = on(echo({ answer: failing }))
    await conversation.send({ ...REQUEST, message: 'why' })
    expect(shape(conversation)).toBe('user:why reply:failed')
    expect(lastReply(conversation).text).toBe('Half an answer')
    expect(lastReply(conversation).blocks).toHaveLength(1)

    await conversation.retry(REQUEST)
    expect(shape(conversation)).toBe('user:why reply:failed user:why reply:ended')
    expect(lastReply(conversation).text).toBe('Whole.')
  })

  test('trying again after a failure without words replaces it', async () => {
    let tries = 0
    const failing = () =>
      ++tries === 1 ? { text: '', failure: { code: 'busy' } as const } : { text: 'Whole.' }
    const conversation = on(echo({ answer: failing }))
    await conversation.send({ ...REQUEST, message: 'why' })
    await conversation.retry(REQUEST)
    expect(shape(conversation)).toBe('user:why reply:ended')
  })

  test('after the engine was lost, the next one goes on from the saved memory', async () => {
    let engine = echo()
    const conversation = new Conversation(() => Promise.resolve(engine), NHA)
    await conversation.send({ ...REQUEST, message: 'first' })
    const before = conversation.memory?.position ?? 0
    engine.lose(LOST)
    await conversation.send({ ...REQUEST, message: 'second' })
    expect(shape(conversation)).toBe('user:first reply:ended user:second reply:failed')
    expect(lastReply(conversation).phase).toEqual({ type: 'failed', failure: LOST })

    engine = echo()
    await conversation.retry(REQUEST)
    expect(shape(conversation)).toBe('user:first reply:ended user:second reply:ended')
    expect(conversation.memory?.position).toBe(before + 12)
  })

  test('lost in the first answer, its words are read again and stay above the next try', async () => {
    let engine = echo({ answer: () => ({ text: 'Half', failure: LOST }) })
    const conversation = new Conversation(() => Promise.resolve(engine), NHA)
    await conversation.send({ ...REQUEST, message: 'why' })
    engine = echo()
    await conversation.open()
    expect(conversation.memory?.position).toBe('whyHalf'.length)
    await conversation.retry(REQUEST)
    expect(shape(conversation)).toBe('user:why reply:failed user:why reply:ended')
  })

  test('an engine with no room for the state fails that message only', async () => {
    const failure = { code: 'out-of-memory', wantedBytes: 5, owner: 'state' } as const
    const engine = echo()
    let attempts = 0
    const open = engine.open.bind(engine)
    engine.open = (options) => (attempts++ === 0 ? Promise.reject(new Error(failure.code)) : open(options))
    const conversation = new Conversation(() => Promise.resolve(engine), NHA)
    await conversation.send({ ...REQUEST, message: 'one' })
    expect(shape(conversation)).toBe('user:one reply:failed')
    await conversation.retry(REQUEST)
    expect(shape(conversation)).toBe('user:one reply:ended')
  })
})

describe('chat', () => {
  function chatOn(engine: ScriptedEngine, options: () => typeof NHA = () => NHA): Chat {
    return new Chat({ engine: () => Promise.resolve(engine), options, request: () => REQUEST })
  }

  test('blank messages are not sent, and edges are trimmed', async () => {
    const engine = echo()
    const chat = chatOn(engine)
    await chat.send(' \n\t ')
    expect(chat.current.entries).toHaveLength(0)
    await chat.send('  hi\n')
    expect(engine.opened[0]?.requests[0]?.message).toBe('hi')
  })

  test('a second message while one is answered is not sent', async () => {
    const engine = echo()
    const chat = chatOn(engine)
    const first = chat.send('one')
    await chat.send('two')
    await first
    expect(shape(chat.current)).toBe('user:one reply:ended')
  })

  test('a new chat can be taken back until it has a message; then the old state is freed', async () => {
    const engine = echo()
    const chat = chatOn(engine)
    await chat.send('one')
    chat.startNew()
    expect(shape(chat.current)).toBe('')
    chat.takeBack()
    expect(shape(chat.current)).toBe('user:one reply:ended')

    chat.startNew()
    await chat.prepare()
    await chat.send('two')
    chat.takeBack()
    expect(shape(chat.current)).toBe('user:two reply:ended')
    await new Promise((resolve) => setTimeout(resolve))
    expect(engine.opened.map(({ closed }) => closed)).toEqual([true, false])
  })

  test('options are read when a chat starts, not while it goes on', async () => {
    const engine = echo()
    let system = 'old'
    const chat = new Chat({
      engine: () => Promise.resolve(engine),
      options: () => ({ ...NHA, system }),
      request: () => REQUEST,
    })
    system = 'new'
    await chat.send('one')
    chat.startNew()
    await chat.send('two')
    expect(engine.opened.map(({ options }) => options.system)).toEqual(['old', 'new'])
  })
})
