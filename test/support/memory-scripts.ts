import type { Conversation } from '../../engine/conversation.ts'
import type { Engine } from '../../engine/engine.ts'
import type { ConversationOptions } from '../../engine/protocol.ts'

/** One turn: what was asked, and after how many tokens it was stopped, if it was. */
interface Turn {
  readonly message: string
  readonly stopAfter: number
  readonly parent: Turn | null
  readonly snapshot: Uint8Array
  readonly text: string
}

export const OPTIONS: ConversationOptions = { attention: 'nha', window: null, system: '' }
const LONGEST_ANSWER = 6

/** Ask greedily, and stop after so many tokens. */
export async function answer(
  conversation: Conversation,
  message: string,
  stopAfter: number,
): Promise<string> {
  const stop = new AbortController()
  const sampling = { temperature: 0, repetitionPenalty: 1 }
  let text = ''
  const events = conversation.generate({ message, sampling, maxNewTokens: LONGEST_ANSWER }, stop.signal)
  for await (const event of events) {
    if (event.type === 'delta') text += event.text
    if (event.type === 'delta' && event.newTokens >= stopAfter) stop.abort()
  }
  return text
}

/**
 * A random script of sends, stops, going back (edit, regenerate, branch) and restarts, each from snapshots. Afterwards
 * the way to the last turn is gone straight, without one; `null` when text and state agree to the bit.
 */
export async function runMemoryScript(
  engine: Engine,
  random: () => number,
  steps: number,
): Promise<string | null> {
  const pick = (count: number) => Math.floor(random() * count)
  const words = [
    'hello',
    'what is my name?',
    'the rain fell',
    'a',
    'again \u{1F33F}',
    'my name is Mira. '.repeat(3),
  ]
  const turns: Turn[] = []
  let head: Turn | null = null
  let conversation = await engine.open(OPTIONS)
  const goTo = async (turn: Turn | null) => {
    conversation.dispose()
    conversation = turn ? await engine.restore(OPTIONS, turn.snapshot) : await engine.open(OPTIONS)
    head = turn
  }
  // A function, because the compiler does not see that `goTo` sets it.
  const current = () => head
  for (let step = 0; step < steps; step++) {
    const kind = pick(10)
    if (kind < 2 && turns.length > 0) await goTo(turns[pick(turns.length)] ?? null)
    else if (kind === 2) await goTo(head)
    else if (kind === 3) {
      // Killed in the middle of an answer: what was not kept never happened.
      await answer(conversation, 'lost', 1 + pick(3))
      await goTo(head)
    } else {
      const message = words[pick(words.length)] ?? ''
      const stopAfter = pick(4) === 0 ? 1 + pick(4) : Infinity
      const text = await answer(conversation, message, stopAfter)
      head = { message, stopAfter, parent: head, text, snapshot: await conversation.snapshot() }
      turns.push(head)
    }
  }
  const way: Turn[] = []
  for (let turn = current(); turn; turn = turn.parent) way.unshift(turn)
  await goTo(null)
  try {
    for (const [i, turn] of way.entries()) {
      const text = await answer(conversation, turn.message, turn.stopAfter)
      if (text !== turn.text) return `turn ${i + 1} of ${way.length}: ${JSON.stringify([turn.text, text])}`
    }
    const last = way.at(-1)?.snapshot
    const straight = await conversation.snapshot()
    return last === undefined || Buffer.compare(last, straight) === 0 ? null : 'the states differ'
  } finally {
    conversation.dispose()
  }
}
