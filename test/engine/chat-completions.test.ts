import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ChatCompletionChunk, ChatCompletionMessageParam, MLCEngineInterface } from '@mlc-ai/web-llm'
import { ChatCompletions } from '../../engine/chat-completions.ts'
import { type Engine, loadEngine } from '../../engine/engine.ts'
import { StopStrings } from '../../engine/text/stop-strings.ts'
import { ScriptedEngine } from '../support/scripted-engine.ts'
import { modelFilesOf, TINY, tinyModel } from '../support/tiny-model.ts'

const user = (content: string): ChatCompletionMessageParam => ({ role: 'user', content })
const assistant = (content: string): ChatCompletionMessageParam => ({ role: 'assistant', content })
const system = (content: string): ChatCompletionMessageParam => ({ role: 'system', content })

function setUp(text = 'One two three.') {
  const engine = new ScriptedEngine({ answer: (message, turn) => ({ text: `${text} ${message} ${turn}` }) })
  return { engine, api: new ChatCompletions(engine) }
}

async function collect(stream: AsyncIterable<ChatCompletionChunk>): Promise<ChatCompletionChunk[]> {
  const all: ChatCompletionChunk[] = []
  for await (const chunk of stream) all.push(chunk)
  return all
}

const textOf = (chunks: readonly ChatCompletionChunk[]): string =>
  chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')

describe('chat.completions.create', () => {
  test('answers with one object, and says what it took', async () => {
    const { engine, api } = setUp()
    const reply = await api.chat.completions.create({
      messages: [system('Be brief.'), user('Hello')],
      temperature: 0.5,
      top_p: 0.9,
      repetition_penalty: 1.2,
      seed: 7,
      max_tokens: 50,
    })
    expect(reply).toMatchObject({ object: 'chat.completion', model: 'Pocket' })
    expect(reply.choices).toEqual([
      {
        index: 0,
        message: { role: 'assistant', content: 'One two three. Hello 1' },
        finish_reason: 'stop',
        logprobs: null,
      },
    ])
    expect(reply.usage).toMatchObject({ prompt_tokens: 8, completion_tokens: 5, total_tokens: 13 })
    expect(reply.usage?.extra).toMatchObject({ decode_tokens_per_s: 50 })
    expect(Math.abs(reply.created - Date.now() / 1000)).toBeLessThan(60)
    expect(engine.opened[0]?.options).toEqual({ attention: 'nha', window: null, system: 'Be brief.' })
    const sampling = { temperature: 0.5, topP: 0.9, repetitionPenalty: 1.2, seed: 7 }
    expect(engine.opened[0]?.requests).toEqual([{ message: 'Hello', sampling, maxNewTokens: 50 }])
  })

  test('streams deltas, then the reason for the end, then the usage that was asked for', async () => {
    const { api } = setUp()
    const request = { messages: [user('Hi')], stream: true as const, max_tokens: 2 }
    const chunks = await collect(await api.chat.completions.create(request))
    expect(textOf(chunks)).toBe('One two ')
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, null, 'length'])
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
    expect(chunks[0]).toMatchObject({ object: 'chat.completion.chunk', model: 'Pocket' })
    const withUsage = { ...request, stream_options: { include_usage: true } }
    const last = (await collect(await api.chat.completions.create(withUsage))).at(-1)
    expect(last).toMatchObject({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 2 } })
  })

  test('a request that goes on from the last one reads only what is new; any other begins again', async () => {
    const { engine, api } = setUp('Yes')
    const ask = async (...messages: ChatCompletionMessageParam[]) => api.chat.completions.create({ messages })
    const first = await ask(system('S'), user('a'))
    const said = assistant(first.choices[0]?.message.content ?? '')
    const second = await ask(system('S'), user('a'), said, user('b'))
    expect(engine.opened).toHaveLength(1)
    expect(engine.opened[0]?.requests.map(({ message }) => message)).toEqual(['a', 'b'])
    expect(second.choices[0]?.message.content).toBe('Yes b 2')
    expect(second.usage?.prompt_tokens).toBe((first.usage?.total_tokens ?? 0) + 7)

    await ask(system('S'), user('a'), assistant('No'), user('b'))
    expect(engine.opened).toHaveLength(2)
    expect(engine.opened[0]?.closed).toBe(true)
    expect(engine.opened[1]?.requests.map(({ message }) => message)).toEqual(['b'])
    await ask(system('T'), user('a'))
    await ask(user('a'))
    expect(engine.opened.map(({ options }) => options.system)).toEqual(['S', 'S', 'T', ''])
  })

  test('a stop text ends the answer before it, wherever the tokens split it, and begins again after', async () => {
    const { engine, api } = setUp('One two three.')
    const request = { messages: [user('x')], stop: ['wo th', 'never'] }
    const reply = await api.chat.completions.create(request)
    expect(reply.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'One t' } })
    const chunks = await collect(
      await api.chat.completions.create({ ...request, stream: true, stop: 'three' }),
    )
    expect(textOf(chunks)).toBe('One two ')
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop')
    const messages = [user('x'), assistant('One two '), user('y')]
    await api.chat.completions.create({ messages })
    expect(engine.opened.map(({ closed }) => closed)).toEqual([true, true, false])
  })

  test('a beginning of a stop text that comes to nothing is shown at the end', async () => {
    const { api } = setUp('One thr')
    const reply = await api.chat.completions.create({ messages: [user('thr')], stop: 'thr 1!' })
    expect(reply.choices[0]?.message.content).toBe('One thr thr 1')
  })

  test('interruptGenerate ends an answer with `abort`; resetChat forgets; requests wait for each other', async () => {
    const { engine, api } = setUp()
    const stream = await api.chat.completions.create({ messages: [user('a')], stream: true })
    const later = api.chatCompletion({ messages: [user('later')] })
    const chunks: ChatCompletionChunk[] = []
    for await (const chunk of stream) {
      chunks.push(chunk)
      if (chunks.length === 1) api.interruptGenerate()
    }
    expect(textOf(chunks)).toBe('One ')
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('abort')
    expect((await later).choices[0]?.message.content).toBe('One two three. later 1')
    expect(await api.getMessage()).toBe('One ')
    await api.resetChat()
    expect(await api.getMessage()).toBe('')
    expect(engine.opened.map(({ closed }) => closed)).toEqual([true, true])
  })

  test('who stops listening frees the model', async () => {
    const { engine, api } = setUp()
    for await (const chunk of await api.chat.completions.create({ messages: [user('a')], stream: true })) {
      expect(chunk.choices[0]?.delta.content).toBe('One ')
      break
    }
    expect(engine.opened[0]?.closed).toBe(true)
    expect((await api.chat.completions.create({ messages: [user('b')] })).choices[0]?.finish_reason).toBe(
      'stop',
    )
  })

  test('a failure reaches who asked, and the next request is answered', async () => {
    const engine = new ScriptedEngine({
      answer: (message) =>
        message === 'bad' ? { text: 'a b', failure: { code: 'bad-logits', position: 3 } } : { text: 'fine' },
    })
    const api = new ChatCompletions(engine)
    await expect(api.chatCompletion({ messages: [user('bad')] })).rejects.toThrow('not finite at position 3')
    expect((await api.chatCompletion({ messages: [user('good')] })).choices[0]?.message.content).toBe('fine')
  })

  test('what asks for nothing is no obstacle', async () => {
    const { api } = setUp()
    const nothing = {
      n: 1,
      tools: [],
      tool_choice: 'none',
      logprobs: false,
      logit_bias: {},
      stop: null,
    } as const
    const more = {
      response_format: { type: 'text' },
      presence_penalty: 0,
      model: 'gpt-4',
      seed: null,
    } as const
    const parts = [{ type: 'text', text: 'Hi' } as const]
    const messages = [{ role: 'user', content: parts } as const]
    const reply = await api.chatCompletion({ ...nothing, ...more, tools: [], messages })
    expect(reply.choices[0]?.message.content).toBe('One two three. Hi 1')
  })

  const messages = [user('a')]
  test.each([
    [null, 'the request should be an object'],
    [{}, 'messages should be a list of at least one'],
    [{ messages: [] }, 'messages should be a list of at least one'],
    [{ messages: [system('a')] }, 'the last message should be of the role "user"'],
    [{ messages: [user('a'), assistant('b')] }, 'the last message should be of the role "user"'],
    [{ messages: [user('a'), system('b'), user('c')] }, 'the system message should be the first'],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'message 1 has the role "tool": system, user and'],
    [{ messages: [{ role: 'user', content: 7 }] }, 'the content of message 1 should be text'],
    [
      { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
      'message 1 has a part that is no text; images',
    ],
    [{ messages: [{ role: 'assistant', tool_calls: [] }, user('a')] }, 'tool_calls is not supported'],
    [{ messages, n: 2 }, 'n is not supported, one answer is given to each request'],
    [{ messages, tools: [{}] }, 'tools is not supported, the models here call no functions'],
    [{ messages, logprobs: true }, 'logprobs is not supported, probabilities are not handed out'],
    [{ messages, frequency_penalty: 1 }, 'frequency_penalty is not supported, there is repetition_penalty'],
    [{ messages, logit_bias: { 5: 1 } }, 'logit_bias is not supported'],
    [{ messages, response_format: { type: 'json_object' } }, 'response_format is not supported'],
    [{ messages, extra_body: { enable_thinking: false } }, 'enable_thinking cannot be switched off'],
    [{ messages, temperature: 'hot' }, 'temperature should be a number'],
    [{ messages, stop: '' }, 'stop should be a text or up to 16 of them, none of them empty'],
    [{ messages, stream: 1 }, 'stream should be true or false'],
  ])('refuses %j in one sentence', async (request, reason) => {
    const { engine, api } = setUp()
    await expect(api.chatCompletion(request as never)).rejects.toThrow(`That cannot be done: ${reason}`)
    expect(engine.opened).toEqual([])
  })
})

test('code that was written for WebLLM takes it as its engine', async () => {
  type Needed = Pick<MLCEngineInterface, 'chatCompletion' | 'interruptGenerate' | 'resetChat' | 'getMessage'>
  const app = async (engine: Needed): Promise<string> => {
    await engine.chatCompletion({ messages: [{ role: 'user', content: 'Hi' }] })
    return engine.getMessage()
  }
  expect(await app(setUp().api)).toBe('One two three. Hi 1')
})

test.each([['a'], ['abc'], ['aab', 'ba'], ['xyz'], ['c', 'bcc']])(
  'stop texts %j: however the text is cut, the same is shown',
  (...stops) => {
    const text = 'aaabcabccbaxybxyza'
    const ends = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0)
    const expected = text.slice(0, Math.min(text.length, ...ends))
    for (let size = 1; size <= text.length; size++) {
      const finder = new StopStrings(stops)
      let shown = ''
      let isStopped = false
      for (let at = 0; at < text.length && !isStopped; at += size) {
        const next = finder.push(text.slice(at, at + size))
        shown += next.text
        isStopped = next.isStopped
      }
      if (!isStopped) shown += finder.end()
      expect(shown).toBe(expected)
      expect(isStopped).toBe(ends.length > 0)
    }
  },
)

describe('on a model', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await loadEngine({ gpu: null, forceCpu: true, files: modelFilesOf(tinyModel(TINY)) })
  })
  afterAll(() => engine.dispose())

  const completions = () =>
    new ChatCompletions({
      info: engine.info,
      open: async (options) => {
        const conversation = await engine.open(options)
        const close = () => {
          conversation.dispose()
          return Promise.resolve()
        }
        return {
          get memory() {
            return conversation.memory
          },
          generate: conversation.generate.bind(conversation),
          rehear: conversation.rehear.bind(conversation),
          close,
        }
      },
    })

  test('the same seed gives the same answer, and usage counts the tokens of the whole prompt', async () => {
    const request = { messages: [user('hello')], seed: 3, temperature: 1, max_tokens: 6 }
    const [api, again] = [completions(), completions()]
    const first = await api.chatCompletion(request)
    const other = await again.chatCompletion(request)
    expect(other.choices).toEqual(first.choices)
    const content = first.choices[0]?.message.content ?? ''
    const messages = [user('hello'), assistant(content), user('and then?')]
    const continued = await api.chatCompletion({ ...request, messages })
    const { prompt_tokens: before = 0, completion_tokens: said = 0 } = first.usage ?? {}
    expect(continued.usage?.prompt_tokens).toBeGreaterThan(before + said)
    // Read from the beginning it is the same prompt, but for an answer whose text is other tokens.
    const fresh = await completions().chatCompletion({ ...request, messages })
    expect(Math.abs((fresh.usage?.prompt_tokens ?? 0) - (continued.usage?.prompt_tokens ?? 0))).toBeLessThan(
      said + 1,
    )
  })

  test('a request that is stopped while its prompt is read is forgotten; the next reads all of it', async () => {
    const request = { seed: 3, temperature: 1, max_tokens: 6 }
    const api = completions()
    const stop = new AbortController()
    stop.abort()
    const stopped = await api.chatCompletion(
      { ...request, messages: [user('hello')] },
      { signal: stop.signal },
    )
    expect(stopped.choices[0]).toMatchObject({ finish_reason: 'abort', message: { content: '' } })
    const messages = [user('hello'), assistant(''), user('and then?')]
    const found = await api.chatCompletion({ ...request, messages })
    const straight = await completions().chatCompletion({ ...request, messages })
    expect(found.choices).toEqual(straight.choices)
    expect(found.usage?.prompt_tokens).toBe(straight.usage?.prompt_tokens)
  })

  test('a value out of its range is refused by name', async () => {
    const ask = (changes: object) => completions().chatCompletion({ messages: [user('a')], ...changes })
    await expect(ask({ temperature: -1 })).rejects.toThrow(/^That cannot be done: .*temperature/)
    await expect(ask({ max_tokens: 0 })).rejects.toThrow(/^That cannot be done: .*length/)
    await expect(ask({ messages: [user(' ')] })).rejects.toThrow('There is nothing to answer')
  })
})
