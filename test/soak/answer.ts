import type { Conversation } from '../../engine/conversation.ts'

const SAMPLING = { temperature: 0, repetitionPenalty: 1 } as const
const NEVER = new AbortController().signal

/** The words of a greedy answer; `passage` was looked up for it, and is empty where nothing was. */
export async function answerTo(
  chat: Pick<Conversation, 'generate'>,
  message: string,
  passage: string,
  maxNewTokens = 40,
): Promise<string> {
  const lookedUp = passage === '' ? {} : { passage }
  const request = { message, sampling: SAMPLING, maxNewTokens, ...lookedUp }
  let words = ''
  for await (const event of chat.generate(request, NEVER)) if (event.type === 'delta') words += event.text
  return words
}
