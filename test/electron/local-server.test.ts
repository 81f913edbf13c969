import { request } from 'node:http'
import OpenAI from 'openai'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { engineHost } from '../../bin/serve/engine-host.ts'
import { type LocalServer, startLocalServer } from '../../electron/server/local-server.ts'
import { Turns } from '../../electron/server/turns.ts'
import type { Script, ScriptedEngine } from '../support/scripted-engine.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'

const TOKEN = `plateau-${'T'.repeat(43)}`
const MEMORY = { attention: 'nha', window: null } as const
const SAY: Script = { answer: (message) => ({ text: `You said: ${message}` }), tokenMilliseconds: 0 }

const servers: LocalServer[] = []
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())))

async function start(script: Script = SAY) {
  const world = new ScriptedWorld(script)
  const host = engineHost(await world.loadEngine('pocket'), MEMORY)
  const server = await startLocalServer({ host, token: () => TOKEN, port: 0 })
  servers.push(server)
  const client = new OpenAI({ baseURL: server.url, apiKey: TOKEN, maxRetries: 0 })
  return { url: server.url, port: Number(new URL(server.url).port), client, engine: world.engine }
}

/** An answer that waits at every word until the test lets it go on. */
function held(): { script: Script; next: () => void } {
  const waiting: (() => void)[] = []
  return {
    script: { ...SAY, pause: () => new Promise((resolve) => waiting.push(resolve)) },
    next: () => waiting.splice(0).forEach((resume) => resume()),
  }
}

const closedIn = (engine: ScriptedEngine) => engine.opened.filter(({ closed }) => closed).length
const hello = { model: 'Pocket', messages: [{ role: 'user', content: 'hello there' }] } as const

describe("OpenAI's own client", () => {
  test('gets an answer, its usage, and the list of models', async () => {
    const { client } = await start()
    const answer = await client.chat.completions.create({ ...hello, messages: [...hello.messages] })
    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { role: 'assistant', content: 'You said: hello there' },
    })
    expect(answer.usage?.completion_tokens).toBe(4)
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['Pocket'])
    expect(await client.models.retrieve('Pocket')).toMatchObject({ id: 'Pocket', object: 'model' })
    await expect(client.models.retrieve('gpt 4')).rejects.toThrow('The model that answers here is "Pocket".')
  })

  test('reads a stream, piece by piece, with the usage at its end', async () => {
    const { client } = await start()
    const stream = await client.chat.completions.create({
      ...hello,
      messages: [{ role: 'developer', content: 'Be brief.' }, ...hello.messages],
      max_completion_tokens: 3,
      stream: true,
      stream_options: { include_usage: true },
    })
    const pieces = []
    for await (const piece of stream) pieces.push(piece)
    expect(pieces.map(({ choices }) => choices[0]?.delta.content ?? '')).toEqual([
      'You ',
      'said: ',
      'hello ',
      '',
      '',
    ])
    expect(pieces.at(-2)?.choices[0]?.finish_reason).toBe('length')
    expect(pieces.at(-1)?.usage?.completion_tokens).toBe(3)
  })

  test('goes on with a conversation without having it read again', async () => {
    const { client, engine } = await start()
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'a' }]
    const first = await client.chat.completions.create({ model: '', messages })
    messages.push(first.choices[0]!.message)
    messages.push({ role: 'user', content: 'b' })
    await client.chat.completions.create({ model: '', messages })
    expect(engine.opened).toHaveLength(1)
    expect(engine.opened[0]?.requests.map(({ message }) => message)).toEqual(['a', 'b'])
  })

  test('is told what is wrong, as an error of its own kind', async () => {
    const { client, url } = await start()
    const ask = (extra: object) => client.chat.completions.create({ ...hello, ...extra } as never)
    await expect(ask({ n: 2 })).rejects.toThrow(OpenAI.BadRequestError)
    await expect(ask({ temperature: 'hot' })).rejects.toThrow('temperature should be a number')
    await expect(ask({ max_tokens: 1e9, stream: true })).rejects.toThrow('from 1 to 65536')
    await expect(ask({ messages: [] })).rejects.toThrow('messages should be a list')
    const stranger = new OpenAI({ baseURL: url, apiKey: 'guessed', maxRetries: 0 })
    await expect(stranger.models.list()).rejects.toThrow(OpenAI.AuthenticationError)
  })

  test('hears of a failure in the middle of an answer, and the next is answered', async () => {
    const { client } = await start({
      answer: (message) =>
        message === 'bad'
          ? { text: 'One two', failure: { code: 'bad-logits', position: 7 } }
          : { text: 'fine' },
    })
    const messages = [{ role: 'user' as const, content: 'bad' }]
    const stream = await client.chat.completions.create({ model: '', messages, stream: true })
    const read = async () => {
      for await (const piece of stream) expect(piece.object).toBe('chat.completion.chunk')
    }
    await expect(read()).rejects.toThrow('not finite at position 7')
    const answer = await client.chat.completions.create({ ...hello, messages: [...hello.messages] })
    expect(answer.choices[0]?.message.content).toBe('fine')
  })
})

describe('one at a time', () => {
  test('a client that goes away ends its answer; who waited is next', async () => {
    const { script, next } = held()
    const { client, engine } = await start(script)
    const gone = new AbortController()
    const ask = (content: string, signal?: AbortSignal) =>
      client.chat.completions.create(
        { model: '', messages: [{ role: 'user', content }] },
        signal ? { signal } : {},
      )
    const first = ask('first', gone.signal).catch((error: unknown) => error)
    await vi.waitFor(() => expect(engine.opened).toHaveLength(1))
    const second = ask('second')
    gone.abort()
    expect(await first).toBeInstanceOf(OpenAI.APIUserAbortError)
    const going = setInterval(next, 1)
    expect((await second).choices[0]?.message.content).toBe('You said: second')
    clearInterval(going)
    expect(closedIn(engine)).toBe(1)
    expect(engine.opened.map(({ requests }) => requests[0]?.message)).toEqual(['first', 'second'])
  })

  test('thirty-two wait, more are sent away and may come again', async () => {
    const { script, next } = held()
    const { client, engine } = await start(script)
    const ask = (content: string) =>
      client.chat.completions
        .create({ model: '', messages: [{ role: 'user', content }] })
        .then(({ choices }) => choices[0]?.message.content ?? '')
    const first = ask('first')
    await vi.waitFor(() => expect(engine.opened).toHaveLength(1))
    const others = Array.from({ length: 34 }, (_, i) => ask(`${i}`).catch((error: unknown) => error))
    expect(await Promise.race(others)).toBeInstanceOf(OpenAI.RateLimitError)
    const going = setInterval(next, 1)
    expect(await first).toBe('You said: first')
    const refused = (await Promise.all(others)).filter((answer) => typeof answer !== 'string')
    expect(refused).toHaveLength(2)
    expect(await ask('again')).toBe('You said: again')
    clearInterval(going)
  })

  test('the turn goes on in order, past those who left while they waited', async () => {
    const turns = new Turns(3)
    const here = new AbortController().signal
    const leaving = new AbortController()
    const order: string[] = []
    const take = async (name: string, signal = here) => {
      const giveBack = await turns.take(signal)
      order.push(giveBack ? name : `${name} left`)
      giveBack?.()
    }
    const giveBack = await turns.take(here)
    const waiting = [take('a'), take('b', leaving.signal), take('c')]
    await expect(turns.take(here)).rejects.toThrow('3 requests are waiting already')
    leaving.abort()
    giveBack?.()
    await Promise.all(waiting)
    expect(order).toEqual(['b left', 'a', 'c'])
    expect(await turns.take(here)).not.toBeNull()
  })
})

interface Raw {
  readonly status: number
  readonly body: string
  readonly names: readonly string[]
}

/** What no client would send. */
function raw(
  port: number,
  body: string | Buffer,
  headers: Record<string, string> = {},
  method = 'POST',
  path = '/v1/chat/completions',
): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const usual = {
      host: `127.0.0.1:${port}`,
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/json',
    }
    const all = Object.entries({ ...usual, ...headers }).filter(([, value]) => value !== '')
    const options = { host: '127.0.0.1', port, path, method, headers: Object.fromEntries(all), agent: false }
    const outgoing = request(options, (incoming) => {
      let text = ''
      incoming.setEncoding('utf8').on('data', (part: string) => (text += part))
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, body: text, names: Object.keys(incoming.headers) }),
      )
    })
    outgoing.on('error', reject).end(body)
  })
}

describe('who is not answered', () => {
  const body = JSON.stringify(hello)

  test.each([
    ['another host', { host: 'attacker.example' }, 403],
    ['a host without its port', { host: '127.0.0.1' }, 403],
    ['a name that was led here', { host: 'localhost.attacker.example:80' }, 403],
    ['a page of another origin', { origin: 'https://attacker.example' }, 403],
    ['a page without an origin', { origin: 'null' }, 403],
    ['a page of this machine', { origin: 'http://localhost:3000' }, 403],
    ['an image in a page', { 'sec-fetch-site': 'cross-site' }, 403],
    ['no token', { authorization: '' }, 401],
    ['a token that is too short', { authorization: 'Bearer plateau-' }, 401],
    ['a token of another scheme', { authorization: `Basic ${TOKEN}` }, 401],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['plain text', { 'content-type': 'text/plain' }, 415],
    ['a body without a type', { 'content-type': '' }, 415],
    ['a compressed body', { 'content-encoding': 'gzip' }, 415],
  ] as const)('%s', async (_name, headers, status) => {
    const { port, engine } = await start()
    const answer = await raw(port, body, headers)
    expect(answer.status).toBe(status)
    expect(answer.names.filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(JSON.parse(answer.body)).toMatchObject({
      error: { message: expect.stringMatching(/\.$/) as string },
    })
    expect(engine.opened).toEqual([])
  })

  test('localhost is this machine too; a preflight and other paths are not answered', async () => {
    const { port } = await start()
    expect((await raw(port, body, { host: `localhost:${port}` })).status).toBe(200)
    expect((await raw(port, '', { origin: 'https://attacker.example' }, 'OPTIONS')).status).toBe(403)
    expect((await raw(port, '', {}, 'GET')).status).toBe(404)
    expect((await raw(port, '', {}, 'GET', '/')).status).toBe(404)
    expect((await raw(port, '', {}, 'GET', '/v1/models?x=1')).status).toBe(200)
    expect((await raw(port, '', {}, 'GET', '/v1/models/%')).status).toBe(404)
    expect((await raw(port, body, { authorization: `bearer ${TOKEN}` })).status).toBe(200)
  })

  test('a body that is too large or too deep', async () => {
    const { port, engine } = await start()
    expect((await raw(port, `{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`)).status).toBe(400)
    const large = await raw(port, Buffer.alloc((8 << 20) + 1, 32)).catch(() => null)
    // Sent away before it is all there, a client may only see that the line was cut.
    expect(large === null || large.status === 413).toBe(true)
    expect(engine.opened).toEqual([])
  })
})

test('whatever the body is, there is an answer in JSON, and the server goes on', async () => {
  const { port, client } = await start()
  let state = 20_261_121
  const pick = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const good = JSON.stringify({ ...hello, temperature: 0.5, max_tokens: 3, stop: ['x'], stream: false })
  const values = ['null', '-1', '1e999', '1e-7', '"a"', '[]', '{}', 'true', '[[[]]]', '"\\u0000"', '{"a":1}']
  const mutations: (() => string | Buffer)[] = [
    () => good.slice(0, pick(good.length)),
    () => good.slice(0, pick(good.length)) + String.fromCharCode(pick(256)) + good.slice(pick(good.length)),
    () =>
      good.replace(/:("[^"]*"|[\d.]+|false)/g, (whole) =>
        pick(3) ? whole : `:${values[pick(values.length)]}`,
      ),
    () => good.replace(/\[.*?\]/, values[pick(values.length)] ?? ''),
    () => Buffer.from(good, 'utf16le'),
    () => Buffer.from(Array.from({ length: pick(200) }, () => pick(256))),
    () => values[pick(values.length)] ?? '',
  ]
  const counts = new Map<number, number>()
  for (let round = 0; round < 300; round++) {
    const body = mutations[pick(mutations.length)]?.() ?? ''
    const { status, body: text } = await raw(port, body)
    counts.set(status, (counts.get(status) ?? 0) + 1)
    if (status !== 200) expect(JSON.parse(text)).toMatchObject({ error: { type: 'invalid_request_error' } })
  }
  expect([...counts.keys()].sort()).toEqual([200, 400])
  expect(counts.get(400)).toBeGreaterThan(150)
  expect((await client.models.list()).data).toHaveLength(1)
})
