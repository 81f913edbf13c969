import { describe, expect, test } from 'vitest'
import { parseAddress } from '../../electron/remote/address.ts'
import { ask, type Patience, type RemoteServer } from '../../electron/remote/ask.ts'
import type { RemoteEvent } from '../../electron/remote/remote-bridge.ts'
import {
  begin,
  eventOf,
  heard,
  QUESTION,
  refuses,
  says,
  type Script,
  ScriptedCompletions,
  scriptedCompletions,
  streams,
} from '../support/scripted-completions.ts'

const server = scriptedCompletions()
const other = scriptedCompletions()

const NEVER = new AbortController().signal
const PATIENT: Patience = { first: 60_000, next: 60_000, whole: 60_000 }

function asked(change: Partial<RemoteServer> = {}, signal = NEVER): AsyncGenerator<RemoteEvent, void> {
  let now = 0
  const parts = { model: 'tiny', key: '', fetch, now: () => (now += 10), patience: PATIENT }
  return ask({ url: new URL(server.url), ...parts, ...change }, QUESTION, signal)
}

describe('an answer', () => {
  const answers: [string, Script, string, number | null, number][] = [
    ['in pieces, with its counts', says('Good', ' day', '.'), 'Good day.', 40, 3],
    [
      'cut anywhere, inside a character too, with comments, CR LF and no [DONE]',
      (response) => {
        begin(response)
        const text = `: here\r\n\r\n${eventOf({ choices: [{ delta: { content: 'Ærø' } }] }).replaceAll('\n', '\r\n')}`
        const bytes = Buffer.from(text + eventOf({ choices: [{ delta: {}, finish_reason: 'length' }] }))
        for (const byte of bytes) response.write(Buffer.of(byte))
        response.end()
      },
      'Ærø',
      null,
      1,
    ],
    [
      'as a whole, from a server that does not stream',
      refuses(200, JSON.stringify({ choices: [{ message: { content: 'All.' }, finish_reason: 'stop' }] })),
      'All.',
      null,
      1,
    ],
    [
      'on another path of the same server',
      (response) => {
        server.scripts.unshift(says('Here', '.'))
        response.writeHead(308, { location: '/v1/chat/completions/' }).end()
      },
      'Here.',
      40,
      2,
    ],
  ]
  test.each(answers)('%s', async (_name, script, text, promptTokens, newTokens) => {
    server.scripts.push(script)
    const { text: got, end } = await heard(asked())
    expect(got).toBe(text)
    expect(end).toMatchObject({ type: 'end', promptTokens, newTokens })
  })

  test('is asked for as the protocol says, with the key', async () => {
    await heard(asked({ key: 'sk-mine' }))
    expect(server.sent).toMatchObject([
      {
        path: '/v1/chat/completions',
        authorization: 'Bearer sk-mine',
        body: { model: 'tiny', messages: QUESTION.messages, stream: true, temperature: 0, max_tokens: 8 },
      },
    ])
  })
})

describe('what goes wrong is one sentence', () => {
  const half = eventOf({ choices: [{ delta: { content: 'Half' } }] })
  const wrongs: [string, Script, RegExp, Partial<RemoteServer>?][] = [
    ['cut in the middle of a line', streams(half, 'data: {"choices":[{"del'), /broke off in the middle/],
    ['cut between two lines', streams(half), /broke off in the middle/],
    [
      'the connection is torn',
      (response) => {
        begin(response)
        response.write(half)
        setTimeout(() => response.destroy(), 5)
      },
      /The connection to 127\.0\.0\.1:\d+ broke off/,
    ],
    ['401 without a key', refuses(401, '{}'), /wants a key/],
    ['401 with one', refuses(401, '{}'), /does not take this key/, { key: 'sk-wrong' }],
    [
      '404',
      refuses(404, '{"error":{"message":"The model does not exist."}}'),
      /no chat completions at \/v1, or no model "tiny": The model does not exist\.$/,
    ],
    ['429', refuses(429, '{"error":{"message":"Quota\\n used up"}}'), /ask again later: Quota used up\.$/],
    ['503 with a page', refuses(503, '<h1>Down</h1>', 'text/html'), /failed \(503\)\.$/],
    ['a refusal without an end', refuses(400, 'x'.repeat(200_000)), /refused \(400\)\.$/],
    ['HTML instead of JSON', refuses(200, '<!doctype html>', 'text/html'), /answered with a web page/],
    ['another type', refuses(200, 'hello', 'text/plain'), /answered with text\/plain, which is no answer/],
    ['no JSON in an event', streams('data: {oops\n\n'), /no piece of an answer/],
    ['an error in an event', streams(eventOf({ error: { message: 'out of memory' } })), /: out of memory\.$/],
    [
      'a line without an end',
      (response) => {
        begin(response)
        const fill = () => {
          while (!response.destroyed && response.write('x'.repeat(65_536)));
        }
        response.on('drain', fill)
        fill()
      },
      /without an end/,
    ],
    [
      'slow',
      (response) => {
        begin(response)
        response.write(half)
      },
      /said nothing for 0\.05 seconds/,
      { patience: { ...PATIENT, next: 50 } },
    ],
    ['silent', () => undefined, /said nothing for 0\.05 seconds/, { patience: { ...PATIENT, first: 50 } }],
    [
      'signs of life for ever',
      (response) => {
        begin(response)
        const timer = setInterval(() => response.write(': still here\n\n'), 5)
        response.on('close', () => clearInterval(timer))
      },
      /did not come to an end/,
      { patience: { ...PATIENT, whole: 60 } },
    ],
    ['a redirect for pages', refuses(302, '', 'text/html', { location: '/login' }), /give the whole address/],
  ]
  test.each(wrongs)('%s', async (_name, script, sentence, change) => {
    server.scripts.push(script)
    const failed = heard(asked(change))
    await expect(failed).rejects.toThrow(sentence)
    await expect(failed).rejects.toMatchObject({
      name: 'Refusal',
      message: expect.stringMatching(/^[A-Z0-9].*\.$/) as string,
    })
  })

  test('a redirect to another host: nothing goes there', async () => {
    server.scripts.push(refuses(307, '', 'text/html', { location: `${other.url}/chat/completions` }))
    await expect(heard(asked({ key: 'sk-mine' }))).rejects.toThrow(`only ${server.host} was named`)
    expect(other.sent).toEqual([])
  })

  test('nobody there', async () => {
    const gone = new ScriptedCompletions()
    const url = new URL(await gone.start())
    gone.stop()
    await expect(heard(asked({ url }))).rejects.toThrow(/^Nothing answers at 127/)
  })

  test('whoever stops listening ends the request', async () => {
    const before = server.left
    const stop = new AbortController()
    server.scripts.push((response) => {
      begin(response)
      response.write(half)
    })
    const events = asked({}, stop.signal)
    expect((await events.next()).value).toEqual({ type: 'delta', text: 'Half' })
    stop.abort()
    await expect(events.next()).rejects.toThrow(/abort/)
    await expect.poll(() => server.left).toBe(before + 1)
  })
})

describe('an address', () => {
  test.each([
    ['https://models.example', 'https://models.example/v1'],
    [' https://models.example/api/v1/chat/completions/ ', 'https://models.example/api/v1'],
    ['http://localhost:8080', 'http://localhost:8080/v1'],
    ['http://127.0.0.1:8080/v1/', 'http://127.0.0.1:8080/v1'],
    ['http://192.168.1.5:8000/v1?x=1#y', 'http://192.168.1.5:8000/v1'],
    ['http://[::1]:8000', 'http://[::1]:8000/v1'],
    ['http://0x7f.1:80', 'http://127.0.0.1/v1'],
  ])('%s is %s', (given, url) => {
    expect(parseAddress(given).href).toBe(url)
  })

  test.each([
    ['http://models.example/v1', /by https only/],
    ['http://8.8.8.8/v1', /by https only/],
    ['http://169.254.169.254/v1', /by https only/],
    ['http://localhost.example/v1', /by https only/],
    ['http://172.32.0.1', /by https only/],
    ['https://me:secret@models.example', /out of the address/],
    ['models.example', /whole address/],
    ['file:///etc/passwd', /whole address/],
    ['javascript:alert(1)', /whole address/],
    ['', /whole address/],
  ])('%s is refused', (given, sentence) => {
    expect(() => parseAddress(given)).toThrow(sentence)
  })
})
