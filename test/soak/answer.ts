import type { Conversation } from '../../engine/conversation.ts'
import type { LookedUpRequest } from '../../engine/protocol.ts'

const SAMPLING = { temperature: 0, repetitionPenalty: 1 } as const
const NEVER = new AbortController().signal

/** The words of a greedy answer; without `lookedUp` from memory alone. */
export async function answerTo(
  chat: Pick<Conversation, 'generate'>,
  message: string,
  lookedUp: LookedUpRequest = {},
  maxNewTokens = 40,
): Promise<string> {
  const request = { message, sampling: SAMPLING, maxNewTokens, ...lookedUp }
  let words = ''
  for await (const event of chat.generate(request, NEVER)) if (event.type === 'delta') words += event.text
  return words
}
