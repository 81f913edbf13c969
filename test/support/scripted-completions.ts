import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { RemoteEvent, RemoteQuestion } from '../../electron/remote/remote-bridge.ts'

/** How the server answers the next question. */
export type Script = (response: ServerResponse, request: IncomingMessage) => void

/** What was sent to it. */
export interface SentQuestion {
  readonly path: string
  readonly authorization: string
  readonly body: { readonly model: string; readonly messages: readonly unknown[]; readonly stream: boolean }
}

/** A server on 127.0.0.1 that speaks OpenAI's protocol, or whatever it is told, one script for each question. */
export class ScriptedCompletions {
  readonly scripts: Script[] = []
  readonly sent: SentQuestion[] = []
  /** requests whose client went away before the end */
  left = 0
  readonly #server = createServer((request, response) => void this.#answer(request, response))

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this.url
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get url(): string {
    return `http://${this.host}/v1`
  }

  stop(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
    const body = JSON.parse(Buffer.concat(parts).toString()) as SentQuestion['body']
    this.sent.push({ path: request.url ?? '', authorization: request.headers.authorization ?? '', body })
    response.on('close', () => {
      if (!response.writableFinished) this.left++
    })
    const script = this.scripts.shift() ?? says('The', ' answer.')
    script(response, request)
  }
}

/** One that runs while a file of tests does, and knows nothing of the test before. */
export function scriptedCompletions(): ScriptedCompletions {
  const server = new ScriptedCompletions()
  beforeAll(() => server.start())
  afterAll(() => {
    server.stop()
  })
  beforeEach(() => {
    server.scripts.length = 0
    server.sent.length = 0
  })
  return server
}

/** A good answer in pieces, as vLLM and llama.cpp send it. */
export function says(...pieces: readonly string[]): Script {
  return (response) => {
    begin(response)
    for (const content of pieces) response.write(eventOf({ choices: [{ index: 0, delta: { content } }] }))
    response.write(eventOf({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }))
    const usage = { prompt_tokens: 40, completion_tokens: pieces.length }
    response.end(`${eventOf({ choices: [], usage })}data: [DONE]\n\n`)
  }
}

/** Bytes as they stand, in the middle of an answer that streams. */
export function streams(...parts: readonly (string | Uint8Array)[]): Script {
  return (response) => {
    begin(response)
    for (const part of parts) response.write(part)
    response.end()
  }
}

/** A refusal, or something that is no answer at all. */
export function refuses(status: number, body: string, type = 'application/json', headers = {}): Script {
  return (response) => response.writeHead(status, { 'content-type': type, ...headers }).end(body)
}

export function begin(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
}

export function eventOf(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

export const QUESTION: RemoteQuestion = {
  messages: [{ role: 'user', content: 'Who are you?' }],
  temperature: 0,
  maxNewTokens: 8,
}

/** All of an answer. */
export async function heard(
  events: AsyncIterable<RemoteEvent>,
): Promise<{ text: string; end: RemoteEvent | null }> {
  let text = ''
  let end: RemoteEvent | null = null
  for await (const event of events) {
    if (event.type === 'delta') text += event.text
    else end = event
  }
  return { text, end }
}
