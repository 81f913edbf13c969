import MiniSearch from 'minisearch'
import { Asked, type CloseTo, type Densest } from './asked.ts'
import { pageAt } from './document.ts'
import type { Found } from './found.ts'
import { pagesOfText } from './paging.ts'
import { headingsIn } from './headings.ts'
import { passagesOf, sentencesOf, type Span, stretchesOf } from './passages.ts'
import { isSomebody, kinOf } from './kindred.ts'
import { saysYou } from './asking.ts'
import { isSpoken } from './speech.ts'
import { meansWhoAsks } from './whoever-asks.ts'
import { inOrder } from './ranking.ts'
import { closeWordsOf } from './thesaurus.ts'
import { TermWeights } from './term-weights.ts'
import { asksWhatIs, NAMING, namesIn, saysWhoSpeaks, subjectOf, termsOf, THE_USER } from './terms.ts'

/** Something that can be looked up in: a document, or a message of the conversation. */
export interface Source {
  readonly name: string
  readonly text: string
}

interface Passage extends Span {
  readonly source: number
}

/** BM25's best passages that are looked through sentence by sentence. */
const LOOKED_THROUGH = 8
/** Who somebody is stands where they are first named, and not where they are named most. */
const LOOKED_THROUGH_FOR_WHO = 40
/** What the sentences around one say counts as much as what it says itself, and they are together so many characters: see DECISIONS.md. */
const AROUND = 1
const STRETCH = 600
/** What was said here in a word of the same matter counts so much. */
const KIN = 0.6
/** What a document says in a close word counts at most so much: less where that word is the more common one. See DECISIONS.md. */
const CLOSE = 0.7
/** A heading has no such end. */
const ENDS = /[.!?…]["'”’)\]]*$/u
/** Whoever a sentence goes on about was named in the message before. */
const GOES_ON = /^\W*(?:she|he|they|it|her|his|their|its|sie|er|ihre?|seine?)(?!\p{L})/iu

/**
 * BM25 over passages of sources, and within the best of them the sentences that say most of what is asked.
 *
 * Cost: 1 s for 1 MB of text when made, milliseconds for a question.
 */
export class PassageIndex {
  readonly #sources: {
    readonly name: string
    readonly text: string
    readonly pages: readonly { readonly start: number }[]
    /** of whom a message goes on to tell, the terms of the one before */
    readonly of: readonly string[]
  }[] = []
  readonly #passages: Passage[] = []
  readonly #weights = new TermWeights()
  /** of what was said here: a book that was read makes none of its words rare or common */
  readonly #weightsOfSaid = new TermWeights()
  readonly #index = new MiniSearch<{ id: number; text: string }>({
    fields: ['text'],
    tokenize: (terms) => terms.split(' '),
    processTerm: (term) => term,
  })

  /** there is a document among the sources */
  get hasNamed(): boolean {
    return this.#sources.some(({ name, text }) => name !== '' && text.trim() !== '')
  }

  add(source: Source): void {
    const steps = this.adding(source)
    while (!steps.next().done);
  }

  /** The same, a passage at a step. */
  *adding({ name, text }: Source): Generator<undefined> {
    const pages = pagesOfText(text)
    const before = this.#sources.findLast((each) => each.name === '')
    const of = name === '' && before && GOES_ON.test(text) ? [...termsOf(before.text), ...before.of] : []
    const source = this.#sources.push({ name, text, pages, of }) - 1
    for (const span of passagesOf(text, pages)) {
      const id = this.#passages.push({ ...span, source }) - 1
      const words = text.slice(span.start, span.end)
      const naming = name === '' && saysWhoSpeaks(words) ? NAMING : []
      const terms = [...termsOf(words), ...of, ...naming]
      this.#weights.add(terms)
      if (name === '') this.#weightsOfSaid.add(terms)
      this.#index.add({ id, text: terms.join(' ') })
      yield
    }
  }

  /** Passages that have most of what a question is about, best first. */
  search(question: string, most: number): Found[] {
    const asked = this.#asked(subjectOf(question))
    return this.#best(asked.terms, most).flatMap((id) => {
      const passage = this.#passages[id]
      return passage ? this.#found(passage, passage, asked) : []
    })
  }

  /**
   * Sentences, best first (`inOrder`), but for what a story says of somebody else's dog or birthday where the user asks of
   * their own.
   *
   * @param isOf what it is asked of: documents, even if it says "I", where the sentences around one count with it; or what was said here
   */
  lookUp(question: string, most: number, isOf: 'documents' | 'said' | 'any' = 'any'): Found[] {
    const isOfDocuments = isOf === 'documents'
    const words = subjectOf(question)
    const subject = isOfDocuments ? words.filter((term) => term !== THE_USER) : words
    if (subject.length === 0) return []
    const asking =
      isOf === 'said' ? this.#askedOfSaid(subject) : this.#asking(question, subject, isOfDocuments)
    const passages = asksWhatIs(question) ? LOOKED_THROUGH_FOR_WHO : LOOKED_THROUGH
    const sentences = this.#best(asking.terms, passages, isOf === 'said')
      .flatMap((id) => this.#sentencesIn(id, asking))
      .map((found) => (isOfDocuments ? found : { ...found, worth: found.share }))
    const isMeant = meansWhoAsks(question, isOfDocuments)
    const textOf = ({ source }: Found) => this.#sources[source]?.text ?? ''
    const about = sentences.filter(
      (found) => found.share > 0 && (found.name === '' || isMeant(textOf(found), found)),
    )
    return inOrder(about, question, subject).slice(0, most)
  }

  /**
   * Sentences that were said here, best first, by words of the same matter too: the user has few, and says them as they
   * come.
   *
   * @param ofSpeaker it is asked of whoever speaks; else nothing is found but of somebody it names, or of what stands in no document
   */
  said(question: string, most: number, ofSpeaker: boolean): Found[] {
    const subject = subjectOf(question)
    const names = namesIn(question)
    const who = subject.filter((term) => isSomebody(term) || names.has(term))
    const isOfSaid = this.hasNamed && subject.some((term) => this.#isOnlySaid(term))
    if (!ofSpeaker && !isOfSaid && who.length === 0) return []
    // Nearly every message has "I".
    const telling = subject.filter((term) => term !== THE_USER)
    const terms = telling.length > 0 ? telling : subject
    // "Where am I from?" is not answered by where a sister lives.
    const isOfOthers = ({ quote }: Found) =>
      Number(termsOf(quote).some((term) => isSomebody(term) && !who.includes(term)))
    const kin = (term: string) => [...kinOf(term)].map((each) => [each, KIN] as const)
    const asked = this.#askedOfSaid(subject, kin)
    const looked = new Map(terms.flatMap((term) => [term, ...kinOf(term)]).map((term) => [term, 1]))
    return this.#best(looked, LOOKED_THROUGH, true)
      .flatMap((id) => {
        const passage = this.#passages[id]
        const text = this.#sources[passage?.source ?? -1]?.text
        if (!passage || text === undefined) return []
        return sentencesOf(text, passage).flatMap((span) => this.#found(passage, span, asked, true))
      })
      .filter((found) => found.share > 0 && who.every((term) => this.#tellsOf(term, found)))
      .sort(
        (a, b) =>
          b.share - a.share ||
          isOfOthers(a) - isOfOthers(b) ||
          b.source - a.source ||
          a.quote.length - b.quote.length,
      )
      .slice(0, most)
  }

  /** How much of what another question is about stands in what was found, in close words too where it is asked of documents. */
  shareOf(question: string, { source, start, end }: Found, isOfDocuments = false): number {
    const asked = this.#asking(question, subjectOf(question), isOfDocuments)
    return this.#found({ source, start, end }, { start, end }, asked)[0]?.share ?? 0
  }

  /** The word stands somewhere. */
  has(term: string): boolean {
    return this.#weights.frequencyOf(term) > 0
  }

  /** A letter says it to whoever reads it, and no story's somebody to somebody else. */
  saysToReader(found: Found): boolean {
    const text = this.#sources[found.source]?.text ?? ''
    return found.name !== '' && saysYou(found.quote) && !isSpoken(text, found)
  }

  lengthOf(source: number): number {
    return this.#sources[source]?.text.length ?? 0
  }

  /** Words that were found and the whole sentences after them on their page, so many characters at most. */
  withNext({ source, start, end, page }: Found, characters: number): string {
    const { text = '', pages = [] } = this.#sources[source] ?? {}
    const onPage = { start, end: pages[page]?.start ?? text.length }
    const ends = sentencesOf(text, onPage).map((each) => each.end)
    const fits = (to: number) => to - start <= characters && ENDS.test(text.slice(start, to))
    return text.slice(start, Math.max(end, ends.findLast(fits) ?? 0))
  }

  /** The stretch of whole words, of at most `length` characters, that has most of what a question is about. */
  densest(text: string, question: string, length: number, isOfDocuments: boolean): Densest {
    return this.#asking(question, subjectOf(question), isOfDocuments).densest(text, length)
  }

  /** What a question asks for. */
  #asked(subject: readonly string[], closeTo?: CloseTo): Asked {
    return new Asked(subject, (term) => this.#weights.weightOf(term), closeTo)
  }

  #askedOfSaid(subject: readonly string[], closeTo?: CloseTo): Asked {
    return new Asked(subject, (term) => this.#weightsOfSaid.weightOf(term), closeTo)
  }

  /** The same; of documents in close words too, but for names. */
  #asking(question: string, subject: readonly string[], isOfDocuments: boolean): Asked {
    if (!isOfDocuments) return this.#asked(subject)
    const names = namesIn(question)
    return this.#asked(subject, (term) => {
      if (names.has(term)) return []
      const there = [...closeWordsOf(term)].filter((close) => this.has(close))
      const weight = (each: string) => this.#weights.weightOf(each)
      return there.map((close) => [close, CLOSE * Math.min(1, weight(close) / weight(term))])
    })
  }

  /** @param terms each with how much it counts */
  #best(terms: ReadonlyMap<string, number>, most: number, isOfSaid = false): number[] {
    if (terms.size === 0) return []
    return this.#index
      .search([...terms.keys()].join(' '), {
        boostTerm: (term) => terms.get(term) ?? 1,
        ...(isOfSaid ? { filter: ({ id }) => this.#isSaid(this.#passages[Number(id)]) } : {}),
      })
      .slice(0, most)
      .map(({ id }) => Number(id))
  }

  /** Somebody is in a sentence of what was said, or in the one that it goes on from. */
  #tellsOf(term: string, { source, quote }: Found): boolean {
    const there = [...termsOf(quote), ...(this.#sources[source]?.of ?? [])]
    return there.includes(term) || there.some((each) => kinOf(term).has(each))
  }

  /** The sentences of a passage, each with the stretch it stands in that says most of what is asked. */
  #sentencesIn(id: number, asked: Asked): Found[] {
    const passage = this.#passages[id]
    const text = this.#sources[passage?.source ?? -1]?.text
    if (!passage || text === undefined) return []
    const around = [id - 1, id, id + 1].flatMap((each) => {
      const beside = this.#passages[each]
      return beside?.source === passage.source ? sentencesOf(text, beside) : []
    })
    const saying = around.map(({ start, end }) => asked.saying(termsOf(text.slice(start, end))))
    const from = around[0]?.start ?? 0
    const headings = headingsIn(text.slice(from, around.at(-1)?.end)).map(({ start, end }) => ({
      start: start + from,
      end: end + from,
    }))
    const last = stretchesOf(around, STRETCH, headings)
    const shares = asked.sharesOf(saying, last)
    return around.flatMap((span, i) => {
      if (span.start < passage.start || span.end > passage.end) return []
      // Of two that say as much the one that begins later: it goes on further.
      let first = i
      for (let each = i - 1; each >= 0 && (last[each] ?? 0) >= i; each--)
        if ((shares[each] ?? 0) > (shares[first] ?? 0)) first = each
      // A sentence before it where one after it still has room.
      const before = first - 1
      if ((shares[before] ?? -1) >= (shares[first] ?? 0) && (last[before] ?? 0) > i) first = before
      const start = around[first]?.start ?? span.start
      const end = around[last[first] ?? i]?.end ?? span.end
      return this.#found(passage, span, asked).map((found) => ({
        ...found,
        worth: (found.share + AROUND * (shares[first] ?? 0)) / (1 + AROUND),
        around: { start, end },
        stretch: text.slice(start, end),
      }))
    })
  }

  /** @param isSaid it was said here: what the message before named counts too, and who speaks gives a name */
  #found({ source }: Passage, { start, end }: Span, asked: Asked, isSaid = false): Found[] {
    const from = this.#sources[source]
    if (!from) return []
    const quote = from.text.slice(start, end)
    const naming = isSaid && saysWhoSpeaks(quote) ? NAMING : []
    const share = asked.shareOf([...termsOf(quote), ...naming], isSaid ? from.of : [])
    const page = pageAt(from, start)
    const around = { start, end }
    return [{ source, name: from.name, page, start, end, quote, share, worth: share, around, stretch: quote }]
  }

  /** It was said here, and stands in no document. */
  #isOnlySaid(term: string): boolean {
    const said = this.#weightsOfSaid.frequencyOf(term)
    return said > 0 && said === this.#weights.frequencyOf(term)
  }

  #isSaid(passage: Passage | undefined): boolean {
    return this.#sources[passage?.source ?? -1]?.name === ''
  }
}
