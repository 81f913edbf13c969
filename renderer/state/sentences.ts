const BETWEEN_SENTENCES = /(?<=[.!?\u2026]["'\u2019\u201d)\]*_`]*)\s+|\n+/g
const MARKS = /[*_`#>|~]+/g

/** Cuts growing text into whole sentences, for a screen reader that should not hear half words. */
export class Sentences {
  #rest = ''

  /** The sentences that `text` has finished, without markdown's marks. */
  push(text: string): string[] {
    this.#rest += text
    const end = [...this.#rest.matchAll(BETWEEN_SENTENCES)].at(-1)
    if (!end) return []
    const cut = end.index + end[0].length
    const finished = this.#rest.slice(0, cut)
    this.#rest = this.#rest.slice(cut)
    return split(finished)
  }

  /** What is left when the text has ended. */
  end(): string[] {
    const finished = this.#rest
    this.#rest = ''
    return split(finished)
  }
}

function split(text: string): string[] {
  return text
    .split(BETWEEN_SENTENCES)
    .map((sentence) => sentence.replace(MARKS, '').trim())
    .filter((sentence) => sentence !== '')
}
