import { windowsOf } from '../model/layer-windows.ts'
import type { ConversationOptions, LookedUpRequest } from '../protocol.ts'
import { askedOf } from './asked-again.ts'
import { cite, claimsNothing, overlap, passedOn, type Place, placeAround } from './cite.ts'
import { describeLeaning, type Leaning, leaningOf } from './leaning.ts'
import { asks, asksForMore, namesTheUser } from './asking.ts'
import { LookUp } from './look-up.ts'
import { sentencesOf } from './passages.ts'
import type { Found } from './found.ts'
import { termsOf } from './terms.ts'

/** Words and where they stand. */
export interface Quoted {
  /** the document or message that they stand in */
  readonly node: number
  /** of the document; empty for a message */
  readonly name: string
  /** 1-based */
  readonly page: number
  readonly quote: string
}

/** What an answer rests on. */
export interface Grounds {
  /** put back into the window before it was written */
  readonly lookedUp: readonly Quoted[]
  /** sentences of documents that say what it says */
  readonly cited: readonly Quoted[]
  /**
   * whether a document says it; `null` where none was read, nothing was asked, the user's own words were, or the answer is
   * not sure and only passes on what was looked up
   */
  readonly inDocument: boolean | null
  /** where no sentence of a document says what the answer says, or the answer is not sure: those that say most of what is asked, best first */
  readonly nearest: readonly Quoted[]
  /** how much of it stands in what was looked up; left out where nothing was asked of a document or of the past */
  readonly leaning?: Leaning
}

/** A message, a document or a reply on the way to the question. */
interface Said {
  readonly node: number
  readonly kind: 'user' | 'document' | 'reply'
  readonly name: string
  readonly text: string
  readonly memory: { readonly position: number } | null
  /** how a reply ended, where that is known */
  readonly end?: string | null
}

type FoundAt = Found & { readonly node: number }

/** Tokens that are exact anyway, in the layer that keeps most. */
export function exactTokens(
  { attention, window }: Pick<ConversationOptions, 'attention' | 'window'>,
  own: readonly number[],
): number {
  return attention === 'full' ? Infinity : Math.max(...windowsOf(window, own))
}

const MOST_NEAREST = 3
/** Characters of what comes near that are shown: it is there to be read, since it may be the answer. */
export const SHOWN_NEAREST = 240

const MOST_HEADING = 60

/** "Who hid the ring" is a question too, and "When I was young I hid a ring." is none. */
const ENDS = /[.!?…:]/
const QUESTION_END = /\?["'”’)\]]*$/

/** "CLEVER ELSIE" says nothing by itself. */
function isHeading(quote: string): boolean {
  return !/[.!?…:;,"”’)\d]|^\s*[-•*]/.test(quote) && quote.length < MOST_HEADING
}

/** Replies may be wrong, and the best answer to a question is never the same question. */
function tells({ kind, text }: Said): boolean {
  if (kind !== 'user') return kind === 'document'
  if (asksForMore(text) && !ENDS.test(text)) return false
  const sentences = sentencesOf(text, { start: 0, end: text.length })
  return sentences.some(({ start, end }) => !QUESTION_END.test(text.slice(start, end)))
}

/** The messages and documents of one conversation that tell something, searched for each question. */
export class Looking {
  readonly window: number
  #lookUp: LookUp
  /** the node of each source */
  #nodes: number[] = []

  constructor(window: number) {
    this.window = window
    this.#lookUp = new LookUp(window)
  }

  /**
   * Take in what is new on the way, about a millisecond at a step: a window must not stand still for a book. What stands
   * on another branch is not looked up any more.
   *
   * @param position of the memory, all of the way in it
   */
  *take(way: readonly Said[], position: number): Generator<undefined> {
    const there = new Set(way.map(({ node }) => node))
    if (!this.#nodes.every((node) => there.has(node))) {
      this.#lookUp = new LookUp(this.window)
      this.#nodes = []
    }
    const known = new Set(this.#nodes)
    const added: { readonly said: Said; readonly readAt: number }[] = []
    let readAt = position
    for (const said of way.toReversed()) {
      // A message is in memory with the answer to it, at the latest.
      readAt = said.memory?.position ?? readAt
      if (!known.has(said.node) && tells(said)) added.unshift({ said, readAt })
    }
    for (const { said, readAt } of added) {
      this.#nodes.push(said.node)
      yield* this.#lookUp.adding({ name: said.name, text: said.text }, readAt)
    }
  }

  /**
   * What `message` asks of documents, where that is asked again of a small model: the question, which is what is looked up
   * and what the answer rests on, and how often words were passed on for it. Else the message, for the first time.
   *
   * @param replies to this very message, on other branches
   */
  meant(
    message: string,
    way: readonly Said[],
    position: number,
    replies: readonly Said[] = [],
  ): { readonly question: string; readonly times: number | null } {
    this.#takeAll(way, position)
    const { question, isAgain, passedOn, isAnswered } = askedOf(message, way, replies)
    if (!isAgain || !asks(question) || !this.#lookUp.asksDocuments(question))
      return { question: message, times: null }
    const isSaid = isAnswered && this.#lookUp.find(question, position).length > 0
    return { question, times: passedOn + Number(isSaid) }
  }

  /**
   * Exact words that a question asks for and the window no longer has.
   *
   * @param times how often words were passed on for it, where it is asked again: then the next ones
   */
  find(question: string, way: readonly Said[], position: number, times: number | null = null): FoundAt[] {
    this.#takeAll(way, position)
    const found =
      times === null
        ? this.#lookUp.find(question, position)
        : this.#lookUp.another(question, position, times).found
    return found.map((each) => this.#at(each))
  }

  /** What a request says where nothing was found. */
  missed(message: string): LookedUpRequest {
    return this.#lookUp.missed(message)
  }

  /**
   * What an answer to `message` rests on; `lookedUp` was put back for it.
   *
   * @param times how often words were passed on for it before, where it was asked again
   */
  grounds(
    message: string,
    answer: string,
    lookedUp: readonly Found[],
    times: number | null = null,
  ): Omit<Grounds, 'lookedUp'> {
    const { index } = this.#lookUp
    const inDocuments = ({ name }: Found) => name !== ''
    const leans = (inDocument: boolean | null) => ({
      leaning: leaningOf(message, answer, lookedUp, inDocument),
    })
    if (!asks(message)) return { cited: [], inDocument: null, nearest: [] }
    if (!index.hasNamed)
      return { cited: [], inDocument: null, nearest: [], ...(lookedUp.length > 0 ? leans(null) : {}) }
    const { cited } = cite(index, message, answer, lookedUp)
    // "How are you?" is asked of no document.
    if (cited.length === 0 && lookedUp.length === 0 && this.#lookUp.asksModel(message))
      return { cited: [], inDocument: null, nearest: [] }
    const documents = cited.filter(inDocuments).map((found) => this.#at(found))
    // What the user said of themselves need not stand in a document.
    const isSaid =
      documents.length === 0 && (cited.length > 0 || lookedUp.some((found) => !inDocuments(found)))
    const isUnsure = lookedUp.length > 0 && passedOn(answer) !== null
    const isNothing = documents.length === 0 && (isUnsure || claimsNothing(answer))
    const inDocument = isSaid || isNothing ? null : documents.length > 0
    const nearest =
      isSaid || (inDocument && !isUnsure) || (namesTheUser(message) && !this.#lookUp.asksDocuments(message))
        ? []
        : this.#nearest(message, documents, isUnsure ? lookedUp : [], times)
    return { cited: documents.map(quoted), inDocument, nearest, ...leans(inDocument) }
  }

  /**
   * Other places that were passed on, each for its page, and then sentences of documents that say most of what is asked, with
   * those after them, none of it shown twice: not what is in `cited`, nor around what was passed on, now or before.
   */
  #nearest(
    message: string,
    cited: readonly Found[],
    passedOn: readonly Found[],
    times: number | null,
  ): Quoted[] {
    const { index } = this.#lookUp
    const others = passedOn.flatMap(({ alike = [] }) => alike)
    const before = times === null ? [] : this.#lookUp.another(message, 0, times).before
    const shown = [...cited, ...[...passedOn, ...others].map(placeAround), ...before]
    const isNew = (place: Place) => shown.every((each) => !overlap(each, place))
    const nearest: Found[] = []
    for (const each of this.#lookUp.near(message)) {
      if (nearest.length === MOST_NEAREST) break
      if (!isNew(each)) continue
      const quote = index.withNext(each, SHOWN_NEAREST)
      if (isHeading(quote)) continue
      if (nearest.some((other) => other.quote === quote)) continue
      const whole = { ...each, quote, end: each.start + quote.length }
      const place = isNew(whole) ? whole : each
      shown.push(place)
      nearest.push(place)
    }
    const pages = others.map((each) => ({ ...each, quote: index.withNext(each, SHOWN_NEAREST) }))
    return [...pages, ...nearest].map((each) => quoted(this.#at(each)))
  }

  #takeAll(way: readonly Said[], position: number): void {
    const steps = this.take(way, position)
    while (!steps.next().done);
  }

  #at(found: Found): FoundAt {
    return { ...found, node: this.#nodes[found.source] ?? 0 }
  }
}

/** What is kept of a find. */
export function quoted({ node, name, page, quote }: Quoted): Quoted {
  return { node, name, page, quote }
}

/** Words stand in one of these: what is looked up may be a part of a sentence. */
export function standsIn({ node, quote }: Quoted, places: readonly Quoted[]): boolean {
  return places.some((each) => each.node === node && each.quote.includes(quote))
}

/** Each place that an answer rests on, once: what is cited first, last what only comes near the question. */
export function placesOf({
  lookedUp,
  cited,
  nearest,
}: Grounds): { readonly how: How; readonly at: Quoted }[] {
  return [
    ...cited.map((at) => ({ how: 'cited', at }) as const),
    ...lookedUp
      .filter((each) => !standsIn(each, [...cited, ...nearest]))
      .map((at) => ({ how: 'looked-up', at }) as const),
    ...nearest.map((at) => ({ how: 'nearest', at }) as const),
  ]
}

/** How an answer rests on a place, and the words for it. */
const HOW = { cited: 'From', 'looked-up': 'Looked up in', nearest: 'Nearest in' } as const
export type How = keyof typeof HOW

/** Where words stand, for people. */
export function describePlace({ name, page }: Quoted): string {
  return name === '' ? 'this conversation' : `${name}, page ${page}`
}

export const NOT_FOUND = 'Not found in the document.'

/** What share of an answer leaned on what was looked up, in words; empty where there is nothing to say. */
export function describeShare({ leaning }: Grounds): string {
  return leaning ? describeLeaning(leaning) : ''
}

/** "alice.txt, pages 3 and 8" */
function describePages(places: readonly Quoted[]): string[] {
  const names = [...new Set(places.map(({ name }) => name))]
  return names.map((name) => {
    const of = places.filter((each) => each.name === name)
    const pages = [...new Set(of.map(({ page }) => page))].sort((a, b) => a - b)
    const [last] = pages.splice(-1)
    if (name === '' || pages.length === 0) return of.slice(0, 1).map(describePlace).join('')
    return `${name}, pages ${pages.join(', ')} and ${last}`
  })
}

/** A line for each place that an answer rests on, with its words where the answer does not say them. */
export function describeGrounds(answer: Grounds & { readonly text: string }): string[] {
  const termsIn = (text: string) => ` ${termsOf(text).join(' ')} `
  const said = termsIn(answer.text)
  const places = placesOf(answer)
  // What does not say it comes near it at most, in whatever words.
  const isSaid = ({ how, at }: { readonly how: How; readonly at: Quoted }) =>
    (how !== 'nearest' || answer.inDocument !== false) && said.includes(termsIn(at.quote))
  const whole = describePages(places.filter(isSaid).map(({ at }) => at)).map((place) => `From ${place}`)
  const others = places
    .filter((each) => !isSaid(each))
    .map(({ how, at }) => `${HOW[how]} ${describePlace(at)}: “${at.quote.replace(/\s+/g, ' ')}”`)
  return [answer.inDocument === false ? NOT_FOUND : '', ...whole, ...others, describeShare(answer)].filter(
    Boolean,
  )
}
