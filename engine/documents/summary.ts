import type { GenerationEvent, GenerationRequest } from '../protocol.ts'
import type { Language } from './asked-whole.ts'
import type { Gist } from './gist.ts'
import type { Written } from './tell.ts'
import { subjectOf, termsOf } from './terms.ts'
import { WHOLE_WORDS } from './whole-words.ts'

/** One document, and what is to be told of each of its parts. */
export interface SummaryPlan {
  readonly name: string
  readonly gists: readonly Gist[]
  /** that it was asked in */
  readonly language: Language
}

/** Ask beside the conversation, which has read all of the document: nothing of question and answer stays in it. */
export type AskAside = (request: GenerationRequest, signal: AbortSignal) => AsyncIterable<GenerationEvent>

const MOST_TOKENS = 48
const LONGEST_LINE = 200
/** Of the words of a line so many must stand in the passage it was written from. */
const SHARE_IN_PASSAGE = 0.5
const FEWEST_IN_PASSAGE = 3

/**
 * A line for each part of a document: its passage in the window, the whole of it in memory. Where the model's words do
 * not stand in the passage, the passage itself is the line. Ends early when `signal` says so.
 *
 * @throws {EngineError} what the engine throws
 */
export async function* summaryOf(
  { name, gists, language }: SummaryPlan,
  ask: AskAside,
  signal: AbortSignal,
): AsyncGenerator<Written> {
  const nothing = { newTokens: 0, milliseconds: 0 }
  const say = WHOLE_WORDS[language]
  const told = gists.filter(({ quotes }) => quotes.length > 0)
  yield { text: `${say.summaryOf(name, told.length)}\n\n`, ...nothing }
  let byModel = 0
  let done = 0
  for (const [i, gist] of told.entries()) {
    yield { text: `${i + 1}. ${say.pages(gist.firstPage, gist.lastPage)}: `, ...nothing }
    const line = signal.aborted ? null : await lineOf(gist, say.question, ask, signal)
    if (line === null) {
      yield { text: `${say.stopped}\n`, ...nothing }
      break
    }
    const own = isFrom(line.text, gist.quotes)
    if (own) byModel++
    done++
    yield { ...line, text: `${own ? line.text : quoted(gist)}\n` }
  }
  yield { text: `\n${say.whoWrote(done, byModel)}`, ...nothing }
}

/** `null` when it was stopped. */
async function lineOf(
  { quotes }: Gist,
  message: string,
  ask: AskAside,
  signal: AbortSignal,
): Promise<Written | null> {
  const passage = onOneLine(quotes.join(' '))
  const request = { message, passage, sampling: { temperature: 0 }, maxNewTokens: MOST_TOKENS }
  let text = ''
  for await (const event of ask(request, signal))
    if (event.type === 'delta') text += event.text
    else if (event.type === 'end') {
      const [line = ''] = text.trim().split('\n')
      return signal.aborted ? null : { ...event, text: shortened(line) }
    }
  return null
}

/** What a line says stands in the quotes, as far as words can tell. */
function isFrom(line: string, quotes: readonly string[]): boolean {
  const there = new Set(quotes.flatMap((quote) => termsOf(quote)))
  const said = subjectOf(line)
  const met = said.filter((term) => there.has(term)).length
  return met >= FEWEST_IN_PASSAGE && met >= said.length * SHARE_IN_PASSAGE
}

function quoted({ quotes: [first = ''] }: Gist): string {
  return `“${shortened(onOneLine(first))}”`
}

function onOneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}

function shortened(line: string): string {
  if (line.length <= LONGEST_LINE) return line
  const cut = line.lastIndexOf(' ', LONGEST_LINE)
  return `${line.slice(0, cut > 0 ? cut : LONGEST_LINE)}…`
}
