import type { LookedUpRequest } from '../protocol.ts'
import {
  asks,
  asksForMany,
  asksForMore,
  asksForRule,
  asksOfModel,
  asksOnlyWho,
  asksWhatIsKnown,
  asksWhatWas,
  isSmallTalk,
  namesTheUser,
} from './asking.ts'
import { overlap, type Place, placeAround } from './cite.ts'
import { uncorrected } from './correcting.ts'
import { kinOf, namesSomebody } from './kindred.ts'
import type { Found } from './found.ts'
import { isNarrow, roomIn, TOKEN_CHARACTERS, tokensEach } from './room.ts'
import { PassageIndex, type Source } from './search.ts'
import { isToPlateau } from './to-plateau.ts'
import { namesIn, subjectOf, termsOf, THE_USER, withoutAsking } from './terms.ts'

/** Of what a question is about, so much must stand in one sentence, by weight; measured in DECISIONS.md. */
export const REFERS = 0.58
/** Of what was said here less is enough, where a question names whoever speaks or nothing else is found: see DECISIONS.md. */
const REFERS_TO_SAID = 0.28
const MOST_SAID = 2
/** A small model passes on what it is not sure of, so it is given what comes near too; measured in DECISIONS.md. */
const COMES_NEAR = 0.33
/** A question to a document has so many words, though it says "I" or "you", and so many of them stand there; measured in DECISIONS.md. */
const ASKS_FOR_MUCH = 3
const SAYS_MUCH = 1.5
/** Of somebody who stands nowhere in it: what comes near is of another. Measured in DECISIONS.md. */
const NEAR_A_STRANGER = 0.5
/** So much is said by what may be an answer in other words: it is shown below, and passed on where more is asked for. */
const SAYS_SOME = 0.2
const MOST_SENTENCES = 5
/** Tokens. The app's answers have at most 512 unless they are set to more. */
const MOST_PASSED_ON = 430
/** Another place that says so much of what the best says is passed on with it; measured in DECISIONS.md. */
const ALIKE = 0.8
/** Several of the best may stand together. */
const LOOKED_AT = 24
/** All sentences of the best passages. */
const LOOKED_AT_NEAR = 200
/** "Who is it of?" and "What is the fee?" */
const NAMES_A_THING = /(?<!\p{L})(?:the|who|what is|der|die|das|wer)(?!\p{L})/iu
/** Of what is asked, so much in one sentence is its words: a small model may answer from it. Measured in DECISIONS.md. */
const SAYS_ALL = 0.8
function asLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** The first of what was found is passed on, whatever the model would make of it. */
function passedOn(found: readonly Found[]): Found[] {
  return found.map((each, i) =>
    i === 0 ? { ...each, isPassedOn: true, isLikely: each.worth >= REFERS } : each,
  )
}

/** Exact words from what a conversation has read, found again when a message asks for them. */
export class LookUp {
  readonly index = new PassageIndex()
  /** where the memory stood when each source had been read */
  readonly #readAt: number[] = []
  /** tokens of a character of each source */
  readonly #each: number[] = []
  /** the words of all that was said here */
  readonly #told = new Set<string>()
  readonly #window: number
  /** tokens that are put back at most */
  readonly #budget: number

  /** @param window tokens that are exact anyway; `Infinity` for full attention, where nothing is ever looked up */
  constructor(window: number) {
    this.#window = window
    this.#budget = roomIn(window) / TOKEN_CHARACTERS
  }

  /** @param position of the memory, all of the source in it */
  add(source: Source, position: number): void {
    const steps = this.adding(source, position)
    while (!steps.next().done);
  }

  /** The same, a passage at a step. */
  *adding(source: Source, position: number): Generator<undefined> {
    this.#each.push(tokensEach(source.text, position - (this.#readAt.at(-1) ?? 0)))
    this.#readAt.push(position)
    if (source.name === '') for (const term of termsOf(source.text)) this.#told.add(term)
    yield* this.index.adding(source)
  }

  /**
   * What is put back into the window before `message` is answered: the sentences that say what it asks for, as long as
   * they fit. Of documents the best first, then what was said here in the order it was said, since what is said later may
   * correct it; what was corrected is left out for a narrow window's model, which would take either. Nothing for a message
   * that asks nothing, or for words that a window which is not narrow still has.
   */
  find(message: string, position: number): Found[] {
    if (!asks(message) || this.#isToPlateau(message)) return []
    const found: Found[] = []
    let room = this.#budget
    const isOfDocuments = this.asksDocuments(message)
    const sentences = isOfDocuments
      ? this.index.lookUp(message, LOOKED_AT, 'documents')
      : this.#toldOrRead(message)
    for (const each of sentences.slice(0, MOST_SENTENCES)) {
      // What stands around the first a small model may pass on with it.
      const counts = found.length === 0 && each.name !== ''
      if ((counts ? each.worth : each.share) < REFERS) continue
      if (this.#isExact(each, position)) return []
      const quote =
        found.length === 0
          ? this.#cut(this.#within(each, isOfDocuments ? sentences : []), message, isOfDocuments)
          : each
      const tokens = quote.quote.length * this.#eachOf(quote)
      if (tokens > room) break
      found.push(quote)
      room -= tokens + 1
    }
    const isSaid = ({ name }: Found) => name === ''
    if (found.length === 0 || (namesTheUser(message) && !found.some(isSaid)))
      this.#addSaid(message, position, found, room)
    if (found.length === 0 && isOfDocuments) {
      const near = sentences.find((each) => !isSaid(each))
      // In close words alone any question comes near something.
      const isOfStranger = [...namesIn(message)].some((name) => !this.index.has(name))
      if (
        near &&
        near.worth >= (isOfStranger ? NEAR_A_STRANGER : COMES_NEAR) &&
        this.index.shareOf(message, { ...near, ...near.around }) > 0
      ) {
        const cut = this.#cut(this.#within(near, sentences), message, isOfDocuments)
        found.push(cut)
      }
    }
    const mayAnswer =
      !isOfDocuments || (!asksOnlyWho(message) && found.some(({ share }) => share >= SAYS_ALL))
    const all = mayAnswer ? found : passedOn(found)
    const said = all.filter(isSaid).sort((a, b) => a.source - b.source || a.start - b.start)
    const held = this.#isNarrow ? uncorrected(message, said) : said
    return [...all.filter((each) => !isSaid(each)), ...held]
  }

  /**
   * What a request says where nothing was found of what `message` asks for: of a narrow window's model only, which makes
   * things up. What it was told it may know in other words, and what it knows by itself; all else it declines.
   */
  missed(message: string): LookedUpRequest {
    if (!this.#isNarrow || !asks(message)) return {}
    if (!this.asksDocuments(message)) return { unfound: true }
    const isQuestion = asksForMore(message) || message.includes('?')
    const isTold = subjectOf(message).some((term) =>
      [term, ...kinOf(term)].some((each) => this.#told.has(each)),
    )
    // "Pardon?" and "What's for dinner?" are said in a chat, "What is the fee?" is not.
    const saysWhat = subjectOf(message).length > 1 || namesIn(message).size > 0 || NAMES_A_THING.test(message)
    const isDeclined = isQuestion && saysWhat && !isTold && !asksWhatIsKnown(message)
    return { unfound: true, ofDocuments: true, ...(isDeclined ? { isDeclined } : {}) }
  }

  /**
   * A narrow window's model is asked of what it has read, and not of itself, nor of whoever speaks (but for what they may or
   * must, and for what "we" do), unless it is asked for much and a document says some of that; nor of somebody of whom it was
   * told. Then what stands around a sentence counts, which it may pass on, and close words.
   */
  asksDocuments(message: string): boolean {
    const asked = withoutAsking(message)
    if (!this.#isNarrow || !this.index.hasNamed || this.#isToPlateau(message)) return false
    const isOfSpeaker = namesTheUser(asked)
    const isRule = asksForRule(message)
    const isOfThem = asksOfModel(asked) || (isOfSpeaker && !isRule && !asksForMany(message))
    if (isOfThem && !this.#saysMuch(message)) return false
    const [told] = this.index.said(message, 1, isOfSpeaker)
    if (!told || told.share < (isOfSpeaker && isRule ? REFERS : REFERS_TO_SAID)) return true
    if (isOfSpeaker || namesSomebody(message)) return false
    // "Who played the cello at the opening?" is not "I'm learning the cello."
    const [read] = this.index.lookUp(message, 1, 'documents')
    return read !== undefined && read.share > told.share
  }

  /**
   * What else of the documents may be meant, after so many times that words were passed on: places that say most of what is
   * asked, two at a time, to be passed on; none where there are no more.
   */
  another(message: string, position: number, times: number): { found: Found[]; before: Place[] } {
    let others = this.near(message)
    const before: Place[] = []
    let found = this.find(message, position)
    for (let round = found.length > 0 ? 0 : -1; round < times; round++) {
      const [first, ...beside] = found
      if (first) before.push(...[first, ...(first.alike ?? [])].map(placeAround), ...beside)
      const said = found
        .flatMap((each) => [each, ...(each.alike ?? [])])
        .map(({ stretch }) => asLine(stretch))
      others = others
        .filter(({ quote }) => !said.some((words) => words.includes(asLine(quote))))
        .flatMap((each) => this.#besides(each, before, message))
      const [best] = others
      if (!best) return { found: [], before }
      found = [this.#cut(this.#within(best, others, 0), message, true)]
    }
    return { found: passedOn(found), before }
  }

  /** Sentences of documents that say some of what is asked, best first. */
  near(message: string): Found[] {
    const isOf = this.asksDocuments(message) ? 'documents' : 'any'
    const found = this.index.lookUp(message, LOOKED_AT_NEAR, isOf)
    return found.filter(({ name, worth }) => name !== '' && worth >= SAYS_SOME)
  }

  /**
   * What was found without other places around it; none where it stands there itself, or what is left says next to nothing. It
   * is worth what it was: what goes on from the best is more often the answer than another place of what is left of its worth.
   */
  #besides(found: Found, others: readonly Place[], message: string): Found[] {
    let { start, end } = found.around
    for (const other of others) {
      if (other.source !== found.source) continue
      if (overlap(other, found)) return []
      if (other.end <= found.start) start = Math.max(start, other.end)
      else end = Math.min(end, other.start)
    }
    const stretch = found.stretch.slice(start - found.around.start, end - found.around.start)
    if (stretch.length === found.stretch.length) return [found]
    const says = this.index.shareOf(message, { ...found, start, end }, true)
    return says < SAYS_SOME ? [] : [{ ...found, around: { start, end }, stretch }]
  }

  /** A narrow window's model is not given what a story says of somebody's name where the user said their own. */
  #toldOrRead(message: string): Found[] {
    const sentences = this.index.lookUp(message, LOOKED_AT)
    const isOfSpeaker = namesTheUser(message)
    const [told] = this.#isNarrow ? this.index.said(message, 1, isOfSpeaker) : []
    // "Your salary is 3,200 euros." is said to them, and more than that they paid for a flight.
    const best = sentences.find((each) => !isOfSpeaker || this.index.saysToReader(each))
    const enough = Math.max(REFERS_TO_SAID, best?.share ?? 0)
    return told && told.share >= enough ? this.index.lookUp(message, LOOKED_AT, 'said') : sentences
  }

  /** It is for a small model itself to answer, whatever was read. */
  asksModel(message: string): boolean {
    const isKnown = asksWhatIsKnown(message) && asksOfModel(message)
    return this.#isNarrow && (this.#isToPlateau(message) || isKnown)
  }

  #isToPlateau(message: string): boolean {
    return this.#isNarrow ? isToPlateau(message, this.index) : isSmallTalk(message)
  }

  /** "What days can I use the workshop to fix my own boat?" names what only a document knows of. */
  #saysMuch(message: string): boolean {
    const terms = subjectOf(message).filter((term) => term !== THE_USER)
    if (terms.length < ASKS_FOR_MUCH || asksWhatIsKnown(message) || asksWhatWas(message)) return false
    const [best] = this.index.lookUp(message, 1, 'documents')
    return best !== undefined && best.name !== '' && best.worth * terms.length >= SAYS_MUCH
  }

  /** What was said here and may be meant, though it says little of what is asked. */
  #addSaid(message: string, position: number, found: Found[], room: number): void {
    const isNew = ({ source, start }: Found) =>
      found.every((each) => each.source !== source || each.start !== start)
    for (const each of this.index.said(message, MOST_SAID, namesTheUser(message))) {
      if (found.length >= MOST_SAID || each.share < REFERS_TO_SAID) return
      const tokens = each.quote.length * this.#eachOf(each)
      if (!isNew(each) || tokens > room || this.#isExact(each, position)) continue
      found.push(each)
      room -= tokens + 1
    }
  }

  get #isNarrow(): boolean {
    return isNarrow(this.#window)
  }

  /** All of the source lies within the window, counted from its end, and need not be said again. */
  #isExact(found: Found, position: number): boolean {
    const end = this.#readAt[found.source] ?? 0
    if (this.#isNarrow) return false
    const after = this.index.lengthOf(found.source) - found.start
    return position - end + after * this.#eachOf(found) <= this.#window
  }

  /**
   * What stands around it, and another place that says nearly as much of a document, where these are not too long to be
   * passed on: in a script that a tokenizer does not know.
   */
  #within(found: Found, others: readonly Found[], alike = ALIKE): Found {
    const tokensOf = (each: Found) => each.stretch.length * this.#eachOf(each)
    if (tokensOf(found) > MOST_PASSED_ON) return { ...found, around: found, stretch: found.quote }
    const isApart = (each: Found) => !overlap(placeAround(each), placeAround(found))
    const [words, room] = [asLine(found.stretch), MOST_PASSED_ON - tokensOf(found)]
    // A rule that stands in two places, or in two versions of a document, is passed on once.
    const saysMore = ({ stretch, quote }: Found) =>
      !words.includes(asLine(quote)) && !asLine(stretch).includes(words)
    const second = others.find(
      (each) => each.name !== '' && each.worth >= alike * found.worth && isApart(each) && saysMore(each),
    )
    return found.name !== '' && second && tokensOf(second) <= room ? { ...found, alike: [second] } : found
  }

  #eachOf({ source }: Found): number {
    return this.#each[source] ?? 1 / TOKEN_CHARACTERS
  }

  /** A sentence too long for the window, cut down to words around those that are asked for. */
  #cut(found: Found, message: string, isOfDocuments: boolean): Found {
    const room = this.#budget / this.#eachOf(found)
    if (found.quote.length <= room) return found
    const { from, to } = this.index.densest(found.quote, message, room, isOfDocuments)
    const quote = found.quote.slice(from, to)
    return { ...found, start: found.start + from, end: found.start + to, quote }
  }
}
