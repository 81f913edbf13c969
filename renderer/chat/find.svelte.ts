import type { Entry } from '../state/entries.ts'

/** Finding words in the messages of a chat, those that are not in the document too. */
export class Find {
  open = $state(false)
  query = $state('')
  /** the message that is looked at; `null` before there was one */
  current: Entry | null = $state.raw(null)
  /** the places of messages that have the words, in order */
  readonly hits: readonly number[] = $derived.by(() => this.#find())
  /** which of them is looked at, from 0; -1 for none */
  readonly at: number = $derived.by(() => {
    const { current } = this
    return current ? this.hits.indexOf(this.#entries().indexOf(current)) : -1
  })

  readonly #entries: () => readonly Entry[]
  /** in small letters, with the text that they were made of */
  readonly #small = new WeakMap<Entry, { readonly text: string; readonly small: string }>()
  #field: HTMLInputElement | null = null
  /** what had the focus before */
  #before: Element | null = null

  constructor(entries: () => readonly Entry[]) {
    this.#entries = entries
  }

  /** On the box that the words are written into. */
  readonly field = (element: HTMLInputElement): (() => void) => {
    this.#field = element
    element.select()
    return () => (this.#field = null)
  }

  show(): void {
    if (!this.open) this.#before = document.activeElement
    this.open = true
    this.#field?.select()
  }

  close(): void {
    this.open = false
    this.current = null
    // What was found stays in sight.
    if (this.#before instanceof HTMLElement) this.#before.focus({ preventScroll: true })
  }

  /** Look for other words, from this message on; without a later one the last that has them. */
  look(query: string, from: number): void {
    this.query = query
    this.#stand(this.hits.find((index) => index >= from) ?? this.hits.at(-1))
  }

  /** Go to the next message that has the words, or the one before; past the last comes the first. */
  go(step: 1 | -1): void {
    const { hits, at } = this
    const next = at < 0 ? (step > 0 ? 0 : hits.length - 1) : at + step
    this.#stand(hits[(next + hits.length) % hits.length])
  }

  #stand(index: number | undefined): void {
    this.current = index === undefined ? null : (this.#entries()[index] ?? null)
  }

  #find(): readonly number[] {
    const query = this.query.trim().toLowerCase()
    if (!this.open || query === '') return []
    return this.#entries().flatMap((entry, index) => (this.#smallOf(entry).includes(query) ? [index] : []))
  }

  #smallOf(entry: Entry): string {
    const { text } = entry
    const known = this.#small.get(entry)
    if (known?.text === text) return known.small
    const small = text.toLowerCase()
    this.#small.set(entry, { text, small })
    return small
  }
}
