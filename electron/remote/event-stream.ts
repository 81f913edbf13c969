import { Refusal } from '../conversations.ts'

/** One event is a word or a few. */
export const LONGEST_LINE = 1 << 20
/** A hundred thousand tokens, a few hundred bytes around each. */
export const LARGEST_BODY = 64 << 20

/**
 * The data of each server-sent event, in order; comments and other fields are passed over.
 *
 * @param host named in refusals
 * @throws {Refusal} a line, or all of it, has no end
 */
export async function* eventData(
  body: AsyncIterable<Uint8Array>,
  host: string,
): AsyncGenerator<string, void> {
  let data: string[] = []
  for await (const line of lines(body, host)) {
    if (line === '') {
      if (data.length > 0) yield data.join('\n')
      data = []
    } else if (line.startsWith('data:')) {
      data.push(line.slice(line.startsWith('data: ') ? 6 : 5))
      if (data.length > LONGEST_LINE / 1024) throw tooLong(host)
    }
  }
  // Some servers leave out the empty line after the last one.
  if (data.length > 0) yield data.join('\n')
}

/** Whole lines only: what stands after the last line's end was cut off. */
async function* lines(body: AsyncIterable<Uint8Array>, host: string): AsyncGenerator<string, void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of limited(body, host)) {
    const text = decoder.decode(bytes, { stream: true })
    if (!text.includes('\n')) {
      rest += text
    } else {
      const whole = (rest + text).split('\n')
      rest = whole.pop() ?? ''
      for (const line of whole) yield line.endsWith('\r') ? line.slice(0, -1) : line
    }
    if (rest.length > LONGEST_LINE) throw tooLong(host)
  }
}

/** @throws {Refusal} it is longer than any answer */
export async function* limited(
  body: AsyncIterable<Uint8Array>,
  host: string,
  most = LARGEST_BODY,
): AsyncGenerator<Uint8Array, void> {
  let size = 0
  for await (const bytes of body) {
    size += bytes.length
    if (size > most) throw tooLong(host)
    yield bytes
  }
}

function tooLong(host: string): Refusal {
  return new Refusal(`${host} sent something without an end, so it was not heard further.`)
}
