import type { GenerationEvent, GenerationRequest } from '../protocol.ts'
import type { Gist } from './gist.ts'
import type { Written } from './tell.ts'
import { subjectOf, termsOf } from './terms.ts'

const VERB = `(?:summari[sz]e|sum up|outline|(?:give|write|make)(?: me)? an? (?:short |brief )?(?:summary|outline|overview) of)`
const WHOLE = `(?:it|this|that|all(?: of it)?|(?:the|this) (?:whole |entire )?(?:text|book|document|story|letter|file|novel))`
const ASKS_FOR_SUMMARY = new RegExp(
  `^\\s*(?:please |can you |could you )*(?:${VERB}(?: ${WHOLE})?|what is (?:the|this) (?:text|book|document|story|letter|file|novel) about)(?: for me| in short| please)?\\s*[.?!]*\\s*$`,
  'iu',
)

/** It wants to know what is in a document, all of it. */
export function asksForSummary(message: string): boolean {
  return ASKS_FOR_SUMMARY.test(message)
}

/** One document, and what is to be told of each of its parts. */
export interface SummaryPlan {
  readonly name: string
  readonly gists: readonly Gist[]
}

/** Ask beside the conversation, which has read all of the document: nothing of question and answer stays in it. */
export type AskAside = (request: GenerationRequest, signal: AbortSignal) => AsyncIterable<GenerationEvent>

const QUESTION = 'Sum up the text above in one short sentence.'
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
  { name, gists }: SummaryPlan,
  ask: AskAside,
  signal: AbortSignal,
): AsyncGenerator<Written> {
  const nothing = { newTokens: 0, milliseconds: 0 }
  const told = gists.filter(({ quotes }) => quotes.length > 0)
  yield {
    text: `Summary of ${name}, in ${told.length === 1 ? 'one part' : `${told.length} parts`}:\n\n`,
    ...nothing,
  }
  let byModel = 0
  let done = 0
  for (const [i, gist] of told.entries()) {
    yield { text: `${i + 1}. ${pagesOf(gist)}: `, ...nothing }
    const line = signal.aborted ? null : await lineOf(gist, ask, signal)
    if (line === null) {
      yield { text: 'stopped here.\n', ...nothing }
      break
    }
    const own = isFrom(line.text, gist.quotes)
    if (own) byModel++
    done++
    yield { ...line, text: `${own ? line.text : quoted(gist)}\n` }
  }
  yield { text: `\n${whoWrote(done, byModel)}`, ...nothing }
}

/** `null` when it was stopped. */
async function lineOf({ quotes }: Gist, ask: AskAside, signal: AbortSignal): Promise<Written | null> {
  const passage = onOneLine(quotes.join(' '))
  const request = { message: QUESTION, passage, sampling: { temperature: 0 }, maxNewTokens: MOST_TOKENS }
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

function pagesOf({ firstPage, lastPage }: Gist): string {
  return firstPage === lastPage ? `Page ${firstPage}` : `Pages ${firstPage} to ${lastPage}`
}

function whoWrote(lines: number, byModel: number): string {
  const code = 'Code cut the document into parts and chose a passage of each.'
  const rest = lines - byModel
  if (lines === 0) return code
  if (rest === 0) return `${code} The model wrote every line from it, with the whole document in memory.`
  const quotes = rest === 1 ? 'one line' : `${rest} lines`
  return byModel === 0
    ? `${code} The lines are sentences of the document: what the model wrote did not stand in the passages.`
    : `${code} The model wrote ${byModel} of ${lines} lines from it, with the whole document in memory; ${quotes} in quotes are sentences of the document, since what the model wrote did not stand in the passage.`
}
