import type { Conversations } from '../../electron/conversations.ts'

/** Words of an answer that were there for so long are on the disk. */
export const KEPT_WITHIN_MILLISECONDS = 1000

/** What of a text does not depend on how it is shown. */
const letters = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '')

/**
 * What is lost of a conversation whose program was killed while it answered; `null` for nothing.
 *
 * @param message that was answered
 * @param words of the answer that were there for `KEPT_WITHIN_MILLISECONDS`
 * @param acknowledged messages that must be there
 */
export async function lostByKill(
  conversations: Conversations,
  id: string,
  message: string,
  words: string,
  acknowledged: readonly string[],
): Promise<string | null> {
  const { transcript, readOnly } = await conversations.openConversation(id)
  await conversations.closeConversation(id)
  if (readOnly !== '') return `the journal does not open: ${readOnly}`
  const kept = new Set(transcript.nodes.map(({ text }) => text))
  const lost = acknowledged.filter((text) => !kept.has(text))
  if (lost.length > 0) return `${lost.length} acknowledged messages are lost`
  const asked = transcript.nodes.find(({ text }) => text === message)
  const answer = transcript.nodes.find(({ parent }) => asked && parent === asked.node)?.text ?? ''
  return letters(answer).startsWith(letters(words)) ? null : 'words that were there for a second are lost'
}
