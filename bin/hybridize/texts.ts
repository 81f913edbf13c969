import { readFile } from 'node:fs/promises'
import { isRecord } from '../../engine/formats/json.ts'
import type { ModelFolder } from '../../engine/model-folder.ts'
import type { ChatMessage } from '../../engine/protocol.ts'
import { createChatTemplate } from '../../engine/text/chat-template.ts'
import { createTokenizer } from '../../engine/text/tokenizer.ts'
import { CommandError, type World } from '../command.ts'
import { readDocument } from '../documents/file.ts'
import { reasonOf } from '../model-folder.ts'

/**
 * The token ids of texts, cut into pieces of `length`. A .jsonl file has one conversation a line,
 * `{"messages": [{"role": "user", "content": "…"}, …]}`, which goes through the model's chat template; every other file
 * is a document. What is left at the end of a file and shorter than a piece is not used.
 *
 * @throws {CommandError} a file cannot be read, or all of them together are too short
 */
export async function readPieces(
  paths: readonly string[],
  folder: ModelFolder,
  length: number,
  world: Pick<World, 'stderr' | 'interrupted' | 'extract'>,
): Promise<number[][]> {
  const tokenizer = createTokenizer(folder)
  const pieces: number[][] = []
  for (const path of paths) {
    const ids = path.endsWith('.jsonl')
      ? await readConversations(path, folder)
      : tokenizer.encode((await readDocument(path, world)).text)
    for (let at = 0; at + length <= ids.length; at += length) pieces.push(ids.slice(at, at + length))
  }
  if (pieces.length >= LEAST) return pieces
  throw new CommandError(
    `There are ${pieces.length} pieces of ${length} tokens in the text, and at least ${LEAST} are needed; give more text.`,
  )
}

/** One to learn from, and others to measure on that were not learned from. */
const LEAST = 8

async function readConversations(path: string, folder: ModelFolder): Promise<number[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new CommandError(`The file ${path} could not be read: ${reasonOf(error)}.`)
  }
  const template = createChatTemplate(folder.tokenizerConfig)
  const tokenizer = createTokenizer(folder)
  const ids: number[] = []
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const messages = parseMessages(line)
    if (!messages)
      throw new CommandError(
        `Line ${i + 1} of ${path} is no conversation: {"messages": [{"role", "content"}]}.`,
      )
    const context = { system: '', first: true, afterReply: false }
    for (const id of tokenizer.encodePieces(template.append(context, messages, false))) ids.push(id)
  }
  return ids
}

const ROLES = ['system', 'user', 'assistant', 'document'] as const

function parseMessages(line: string): ChatMessage[] | null {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return null
  }
  const list = isRecord(json) ? json['messages'] : undefined
  if (!Array.isArray(list)) return null
  const messages: ChatMessage[] = []
  for (const item of list as unknown[]) {
    const role = isRecord(item) ? ROLES.find((name) => name === item['role']) : undefined
    const content = isRecord(item) ? item['content'] : undefined
    if (!role || typeof content !== 'string') return null
    messages.push({ role, content })
  }
  return messages.length > 0 ? messages : null
}
