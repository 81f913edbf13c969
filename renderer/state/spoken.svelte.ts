import { Sentences } from './sentences.ts'

/** How many finished sentences stay in the live region: enough for a slow voice to catch up. */
const SPOKEN_SENTENCES = 30

/** What a screen reader is told of an answer, a sentence at a time. */
export class Spoken {
  sentences: readonly { readonly id: number; readonly text: string }[] = $state.raw([])
  #cut = new Sentences()
  #next = 0
  /** how many the last text has finished: what comes at once stays, however long it is */
  #latest = 0

  /** Say the sentences that `text` has finished. */
  push(text: string): void {
    this.#latest = 0
    this.#say(this.#cut.push(text))
  }

  /** Say what is left when the answer has ended. */
  end(): void {
    this.#say(this.#cut.end())
  }

  #say(sentences: readonly string[]): void {
    if (sentences.length === 0) return
    const added = sentences.map((text) => ({ id: this.#next++, text }))
    this.#latest += added.length
    this.sentences = [...this.sentences, ...added].slice(-Math.max(SPOKEN_SENTENCES, this.#latest))
  }
}
