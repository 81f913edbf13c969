import { Refusal } from '../conversations.ts'
import { diskCode } from '../disk.ts'
import { parseChunk, reasonIn } from './completion-chunk.ts'
import { eventData, limited } from './event-stream.ts'
import type { RemoteEvent, RemoteQuestion } from './remote-bridge.ts'

/** The server that is asked, and all that asking touches. */
export interface RemoteServer {
  readonly url: URL
  readonly model: string
  /** empty where none is needed */
  readonly key: string
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>
  readonly now: () => number
  readonly patience: Patience
}

/** How long is waited, in milliseconds. */
export interface Patience {
  /** for the first sign: a long conversation may be read first */
  readonly first: number
  /** between two signs */
  readonly next: number
  /** for all of it */
  readonly whole: number
}

/** The first is less than Node's own, which says less. */
export const PATIENCE: Patience = { first: 240_000, next: 60_000, whole: 1_800_000 }

/** Of a body that is no answer; its first sentence is enough. */
const LARGEST_REFUSAL = 1 << 16
/** To another path of the same server, as from one spelling to the other. */
const MOST_REDIRECTS = 2

/**
 * One question to an OpenAI-compatible server, the answer as it comes.
 *
 * Whoever stops listening ends the request.
 *
 * @throws {Refusal} one sentence; or the signal's reason
 */
export async function* ask(
  server: RemoteServer,
  question: RemoteQuestion,
  signal: AbortSignal,
): AsyncGenerator<RemoteEvent, void> {
  const { host } = server.url
  const { first, next, whole } = server.patience
  const over = new AbortController()
  const giveUp = (milliseconds: number) =>
    setTimeout(
      () =>
        over.abort(new Refusal(`${host} said nothing for ${milliseconds / 1000} seconds, so it was left.`)),
      milliseconds,
    )
  let silence = giveUp(first)
  const tooLong = setTimeout(
    () => over.abort(new Refusal(`${host} did not come to an end, so it was left.`)),
    whole,
  )
  try {
    const response = await send(server, question, AbortSignal.any([signal, over.signal]))
    const body = signsOfLife(response, () => {
      clearTimeout(silence)
      silence = giveUp(next)
    })
    yield* answerIn(body, response, server)
  } catch (error) {
    signal.throwIfAborted()
    over.signal.throwIfAborted()
    throw error instanceof Refusal ? error : unreachable(host, error)
  } finally {
    clearTimeout(silence)
    clearTimeout(tooLong)
    over.abort()
  }
}

async function send(
  { url, model, key, fetch }: RemoteServer,
  { messages, temperature, maxNewTokens }: RemoteQuestion,
  signal: AbortSignal,
): Promise<Response> {
  const init: RequestInit = {
    method: 'POST',
    headers: {
      accept: 'text/event-stream, application/json',
      'content-type': 'application/json',
      ...(key === '' ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({
      model,
      messages,
      ...(temperature === null ? {} : { temperature }),
      max_tokens: maxNewTokens,
      stream: true,
      stream_options: { include_usage: true },
    }),
    redirect: 'manual',
    signal,
  }
  let place = new URL(`${url.href}/chat/completions`)
  for (let redirects = 0; ; redirects++) {
    const response = await fetch(place, init)
    if (response.status < 300 || response.status > 399) return response
    await response.body?.cancel()
    const location = response.headers.get('location') ?? ''
    const other = URL.canParse(location, place) ? new URL(location, place) : null
    if (other && other.origin !== url.origin)
      throw new Refusal(
        `${url.host} sends on to ${other.host}, and only ${url.host} was named; nothing was sent there.`,
      )
    // The others would turn the question into a look at a page.
    if (!other || ![307, 308].includes(response.status) || redirects === MOST_REDIRECTS)
      throw new Refusal(`${url.host} has no chat completions at ${url.pathname}; give the whole address.`)
    place = other
  }
}

async function* answerIn(
  body: AsyncIterable<Uint8Array>,
  response: Response,
  server: RemoteServer,
): AsyncGenerator<RemoteEvent, void> {
  const { host } = server.url
  if (!response.ok) throw refusal(server, response.status, await reasonOf(body, host))
  const type = response.headers.get('content-type')?.split(';')[0]?.trim() ?? ''
  const pieces =
    type === 'text/event-stream'
      ? eventData(body, host)
      : type === 'application/json'
        ? whole(body, host)
        : null
  if (pieces === null)
    throw new Refusal(
      type === 'text/html'
        ? `${host} answered with a web page; give the address of the server itself, which often ends in /v1.`
        : `${host} answered with ${/^[\w./+-]{1,60}$/.test(type) ? type : 'something'}, which is no answer.`,
    )
  let begun: number | null = null
  let count = 0
  let finishReason: 'stop' | 'length' | null = null
  let promptTokens: number | null = null
  let newTokens: number | null = null
  let done: number | null = null
  for await (const data of pieces) {
    if (data.trim() === '[DONE]') break
    const chunk = parseChunk(data, host)
    promptTokens = chunk.promptTokens ?? promptTokens
    newTokens = chunk.newTokens ?? newTokens
    if (chunk.text !== '') {
      begun ??= server.now()
      count++
      yield { type: 'delta', text: chunk.text }
    }
    if (chunk.finishReason) {
      finishReason = chunk.finishReason
      done ??= server.now()
    }
  }
  if (!finishReason) throw new Refusal(`${host} broke off in the middle of the answer.`)
  const milliseconds = begun === null || done === null ? 0 : done - begun
  yield { type: 'end', finishReason, promptTokens, newTokens: newTokens ?? count, milliseconds }
}

/** Of a server that does not stream. */
async function* whole(body: AsyncIterable<Uint8Array>, host: string): AsyncGenerator<string, void> {
  yield await text(limited(body, host))
}

async function text(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let all = ''
  for await (const bytes of body) all += decoder.decode(bytes, { stream: true })
  return all
}

async function* signsOfLife(response: Response, onSign: () => void): AsyncGenerator<Uint8Array, void> {
  for await (const bytes of response.body ?? []) {
    onSign()
    yield bytes
  }
}

async function reasonOf(body: AsyncIterable<Uint8Array>, host: string): Promise<string> {
  try {
    return reasonIn(JSON.parse(await text(limited(body, host, LARGEST_REFUSAL))))
  } catch {
    return ''
  }
}

function refusal({ url, model, key }: RemoteServer, status: number, reason: string): Refusal {
  const { host } = url
  switch (status) {
    case 401:
    case 403:
      return new Refusal(
        key === '' ? `${host} wants a key; give one in the settings.` : `${host} does not take this key.`,
      )
    case 404:
      return new Refusal(
        `${host} has no chat completions at ${url.pathname}, or no model "${model}"${reason}.`,
      )
    case 413:
      return new Refusal(`The chat is too long for ${host}.`)
    case 429:
      return new Refusal(`${host} has too much to do, or a limit was reached; ask again later${reason}.`)
    default:
      return new Refusal(
        status >= 500 ? `${host} failed (${status})${reason}.` : `${host} refused (${status})${reason}.`,
      )
  }
}

function unreachable(host: string, error: unknown): Refusal {
  const code = diskCode(error instanceof Error ? error.cause : error)
  if (code === 'ECONNREFUSED')
    return new Refusal(`Nothing answers at ${host}; start the server, or look at its address.`)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new Refusal(`There is no ${host}; look at the address and at the network.`)
  if (/CERT|SSL|TLS|SELF_SIGNED/.test(code))
    return new Refusal(`${host} cannot prove who it is (${code}), so nothing was sent.`)
  return new Refusal(`The connection to ${host} broke off${code === '' ? '' : ` (${code})`}.`)
}
