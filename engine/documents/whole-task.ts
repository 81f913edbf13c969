import type { GenerationEvent } from '../protocol.ts'
import { askedOfWhole } from './asked-whole.ts'
import { answerByCode } from './by-code.ts'
import { gistsOf } from './gist.ts'
import { roomIn } from './room.ts'
import { type Grounds, quoted } from './looking.ts'
import { pagesOfText } from './paging.ts'
import { sectionsOf } from './sections.ts'
import { type AskAside, type SummaryPlan, summaryOf } from './summary.ts'
import { type Hearer, tell, type Written } from './tell.ts'

/** A document of a conversation. */
interface Document {
  readonly node: number
  readonly name: string
  readonly text: string
}

/** What takes all of a document to answer: said by code, or by the model a part at a time. */
export type WholeTask =
  | { readonly type: 'told'; readonly answer: string }
  | { readonly type: 'summary'; readonly plans: readonly (SummaryPlan & Pick<Document, 'node'>)[] }

/**
 * What a message asks of all of the documents, or of those that it names; `null` for any other message, and where there
 * is no document. Some milliseconds at a step.
 *
 * @param window tokens that are exact: a part's passage must fit
 */
export function* wholeTaskOf(
  message: string,
  documents: readonly Document[],
  window: number,
): Generator<undefined, WholeTask | null> {
  const named = documents.filter(({ name }) => message.includes(name))
  const asked = named.length > 0 ? named : documents
  const task =
    documents.length > 0
      ? askedOfWhole(
          message,
          named.map(({ name }) => name),
        )
      : null
  if (!task) return null
  if (task.task !== 'summary') return { type: 'told', answer: answerByCode(task, asked) }
  const plans = []
  for (const { node, name, text } of asked) {
    const pages = pagesOfText(text)
    const gists = yield* gistsOf(text, pages, sectionsOf(text, pages), roomIn(window))
    plans.push({ node, name, gists, language: task.language })
  }
  return { type: 'summary', plans }
}

/**
 * The answer, with the events of one that the conversation writes itself.
 *
 * @param ask answers beside the conversation
 * @throws {EngineError} what the engine throws
 */
export function carryOut(
  task: WholeTask,
  conversation: Hearer,
  message: string,
  ask: AskAside,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent, void> {
  const answer =
    task.type === 'told'
      ? [{ text: task.answer, newTokens: 0, milliseconds: 0 }]
      : summaries(task.plans, ask, signal)
  return tell(conversation, message, answer, signal)
}

async function* summaries(
  plans: readonly SummaryPlan[],
  ask: AskAside,
  signal: AbortSignal,
): AsyncGenerator<Written> {
  for (const [i, plan] of plans.entries()) {
    if (signal.aborted) return
    if (i > 0) yield { text: '\n\n', newTokens: 0, milliseconds: 0 }
    yield* summaryOf(plan, ask, signal)
  }
}

/** What the answer rests on: of each part the passage it was told from. */
export function groundsOf(task: WholeTask): Omit<Grounds, 'lookedUp'> {
  if (task.type === 'told') return { cited: [], inDocument: null, nearest: [] }
  const cited = task.plans.flatMap(({ node, name, gists }) =>
    gists.flatMap(({ page, quotes: [quote] }) =>
      quote === undefined ? [] : [quoted({ node, name, page, quote })],
    ),
  )
  return { cited, inDocument: true, nearest: [] }
}
