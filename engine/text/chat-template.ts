import { EngineError } from '../errors.ts'
import { isRecord } from '../formats/json.ts'
import type { ChatMessage } from '../protocol.ts'
import { compileTemplate } from './template-sandbox.ts'

/** A stretch of a prompt: `template` may hold special tokens, `text` (a person's or a document's) never does. */
export interface PromptPiece {
  readonly kind: 'template' | 'text'
  readonly text: string
}

export interface AppendContext {
  /** the system prompt, empty for none; goes in with the first messages */
  readonly system: string
  /** nothing has been read yet */
  readonly first: boolean
  /** what was read last is a reply, without the token that ends it */
  readonly afterReply: boolean
}

export interface ChatTemplate {
  /**
   * What these messages add to what has been read.
   *
   * @throws {EngineError} `bad-chat-template`
   */
  append(context: AppendContext, messages: readonly ChatMessage[], generationPrompt: boolean): PromptPiece[]
}

/** A message as a template sees it: a role, and a marker in place of what was written. */
interface Rendering {
  readonly role: string
  readonly content: string
}

// A marker is a number between two private-use characters, between two blanks that no template writes: a blank that is
// gone tells that the template trims the content on that side.
const MARKER = /(\u2003?)\ue000(\d+)\ue001(\u2003?)/g
const SEPARATOR = '\n\n'

/**
 * The chat template of a model, rendered strictly by appending: what has been read is never rendered again.
 *
 * The template runs on markers instead of contents, so it never sees what people write, and what they write never
 * becomes template. The concatenation of all appends is the template rendered on the whole conversation, unless the
 * template itself looks back: then each turn is rendered as if it were the second one.
 *
 * Differences between models are found by trying: a template without a system role gets the system prompt at the head of
 * the first message; one that wants user and assistant to alternate gets documents and the message after them as one
 * message.
 *
 * @param tokenizerConfig tokenizer_config.json; `document_role` names the role of documents, else they are a user's
 * @throws {EngineError} `no-chat-template`, `bad-chat-template`: it cannot be parsed, raises, or leaves a message out
 */
export function createChatTemplate(tokenizerConfig: unknown): ChatTemplate {
  const config = isRecord(tokenizerConfig) ? tokenizerConfig : {}
  const template = compileTemplate(readSource(config['chat_template']))
  const tokens = readTokens(config)
  const documentRole = typeof config['document_role'] === 'string' ? config['document_role'] : null

  const render = (roles: readonly string[], generationPrompt: boolean): string => {
    const messages = roles.map((role, i): Rendering => ({ role, content: `\u2003\ue000${i}\ue001\u2003` }))
    // As transformers' apply_chat_template does, tools and documents are there and empty.
    const text = template({
      ...tokens,
      messages,
      tools: null,
      documents: null,
      add_generation_prompt: generationPrompt,
    })
    const shown = new Set(Array.from(text.matchAll(MARKER), ([, , i]) => Number(i)))
    const missing = roles.findIndex((_, i) => !shown.has(i))
    if (missing >= 0) throw bad(`it leaves out what the role "${roles[missing]}" says`)
    return text
  }

  // Every way a conversation can go is tried once, so that a template fails at load and not at the second turn.
  const asDocument = documentRole ?? 'user'
  render(['user'], true)
  cutAfter(render(['user', 'assistant', 'user'], true), 1)
  const hasSystem = succeeds(() => render(['system', 'user'], true))
  const closesDocuments = succeeds(() =>
    cutHead(render([asDocument, 'user'], true), render([asDocument], false)),
  )
  if (documentRole !== null && !closesDocuments) {
    throw bad(`it does not take messages of the role "${documentRole}"`)
  }

  const prepare = (system: string, messages: readonly ChatMessage[]): Rendering[] => {
    const all = messages.map(({ role, content }): Rendering => {
      if (role !== 'document') return { role, content }
      return {
        role: asDocument,
        content: documentRole === null ? `Document:${SEPARATOR}${content}` : content,
      }
    })
    if (system !== '') all.unshift({ role: hasSystem ? 'system' : 'user', content: system })
    const hasToMerge = (i: number) => !closesDocuments || (i === 1 && system !== '' && !hasSystem)
    return all.reduce<Rendering[]>((merged, message, i) => {
      const last = merged.at(-1)
      if (last?.role === 'user' && message.role === 'user' && hasToMerge(i)) {
        merged[merged.length - 1] = { role: 'user', content: `${last.content}${SEPARATOR}${message.content}` }
      } else merged.push(message)
      return merged
    }, [])
  }

  return {
    append({ system, first, afterReply }, messages, generationPrompt) {
      const added = prepare(first ? system : '', messages)
      // What is in memory, as far as the template has to know it: the last turn.
      const before = first ? [] : afterReply ? ['user', 'assistant'] : closesDocuments ? [asDocument] : []
      let text = render([...before, ...added.map(({ role }) => role)], generationPrompt)
      if (afterReply) text = cutAfter(text, 1)
      else if (!first) {
        text = closesDocuments ? cutHead(text, render(before, false)) : text.slice(indexOfMarker(text, 0))
      }
      if (!closesDocuments && !generationPrompt && added.at(-1)?.role === 'user') {
        // The turn stays open for the message that follows.
        const last = before.length + added.length - 1
        text = text.slice(0, text.length - cutAfter(text, last).length) + SEPARATOR
      }
      return toPieces(text, (i) => added[i - before.length]?.content ?? '')
    },
  }
}

function toPieces(text: string, contentOf: (message: number) => string): PromptPiece[] {
  const pieces: PromptPiece[] = []
  let end = 0
  const addTemplate = (part: string): void => {
    if (part !== '') pieces.push({ kind: 'template', text: part })
  }
  for (const match of text.matchAll(MARKER)) {
    const [marker, blankBefore, message, blankAfter] = match
    addTemplate(text.slice(end, match.index))
    let content = contentOf(Number(message))
    if (blankBefore === '') content = content.trimStart()
    if (blankAfter === '') content = content.trimEnd()
    pieces.push({ kind: 'text', text: content })
    end = match.index + marker.length
  }
  addTemplate(text.slice(end))
  return pieces
}

function indexOfMarker(text: string, message: number): number {
  for (const match of text.matchAll(MARKER)) if (Number(match[2]) === message) return match.index
  return 0
}

/** The rest of the text after the last mention of a message. */
function cutAfter(text: string, message: number): string {
  const last = Array.from(text.matchAll(MARKER)).findLast(([, , i]) => Number(i) === message)
  const rest = text.slice(last ? last.index + last[0].length : 0)
  for (const [, , i] of rest.matchAll(MARKER))
    if (Number(i) < message) throw bad('it changes the order of messages')
  return rest
}

function cutHead(text: string, head: string): string {
  if (!text.startsWith(head)) throw bad('a message changes how the one before it is written')
  return text.slice(head.length)
}

function readSource(template: unknown): string {
  // Some models have several, by name.
  const named: unknown = Array.isArray(template)
    ? template.find((entry) => isRecord(entry) && entry['name'] === 'default')
    : undefined
  const source = isRecord(named) ? named['template'] : template
  if (typeof source !== 'string' || source.trim() === '') throw new EngineError({ code: 'no-chat-template' })
  return source
}

/** bos_token and its kin, given as text or as an object with the text in it. */
function readTokens(config: Record<string, unknown>): Record<string, string> {
  const tokens: Record<string, string> = {}
  for (const name of ['bos_token', 'eos_token', 'unk_token', 'pad_token']) {
    const token = config[name]
    const content = isRecord(token) ? token['content'] : token
    if (typeof content === 'string') tokens[name] = content
  }
  return tokens
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt()
    return true
  } catch {
    return false
  }
}

function bad(reason: string): EngineError {
  return new EngineError({ code: 'bad-chat-template', reason })
}
