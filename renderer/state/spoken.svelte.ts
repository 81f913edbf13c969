import { Sentences } from './sentences.ts'

/** How many finished sentences stay in the live region: enough for a slow voice to catch up. */
const SPOKEN_SENTENCES = 30

/** What a screen reader is told of an answer, a sentence at a time. */
export class Spoken {
  sentences: readonly { readonly id: number; readonly text: string }[] = $state.raw([])
  #cut = new Sentences()
  #next = 0

  push(text: string): void {
    this.#say(this.#cut.push(text))
  }

  end(): void {
    this.#say(this.#cut.end())
  }

  #say(sentences: readonly string[]): void {
    if (sentences.length === 0) return
    const added = sentences.map((text) => ({ id: this.#next++, text }))
    this.sentences = [...this.sentences, ...added].slice(-SPOKEN_SENTENCES)
  }
}
