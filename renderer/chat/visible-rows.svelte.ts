import { tick, untrack } from 'svelte'
import type { Attachment } from 'svelte/attachments'
import type { Entry } from '../state/entries.ts'

/** A chat of up to this many messages is in the document whole: the browser's own search finds all its words. */
const WHOLE = 150
/** What a message is taken to be high until it has been seen, from its length; a long question shows its beginning. */
const ROW_PIXELS = 60
const LINE_PIXELS = 26
const LINE_CHARACTERS = 80
const LONGEST_QUESTION = 1500
/** The height of the view until it is known. */
const VIEW_PIXELS = 800
/** What is around the view is made before it comes into sight: this many heights of the view on each side. */
const AROUND = 1

/**
 * Which messages of a long chat are in the document: those in sight and some around them. The others are two empty
 * rows, as high as they were when they were last seen.
 */
export class VisibleRows {
  /** messages before the first and after the last that are made, and the pixels they take */
  readonly range = $derived.by(() => this.#range())

  readonly #entries: () => readonly Entry[]
  readonly #heights = new WeakMap<Entry, number>()
  /** of those that have not been seen: a guess is not made again at every frame */
  readonly #guesses = new WeakMap<Entry, number>()
  readonly #entryOf = new WeakMap<Element, Entry>()
  readonly #measured: ResizeObserver
  #list: HTMLElement | null = null
  /** the part of the list that is in sight, in pixels from its beginning */
  #top = $state(Infinity)
  #view = $state(0)
  /** counts the frames in which something was measured: the range is reckoned anew then */
  #changes = $state(0)
  #frame = 0

  constructor(entries: () => readonly Entry[]) {
    this.#entries = entries
    this.#measured = new ResizeObserver((sizes) => this.#measure(sizes))
  }

  /** All of them are made. */
  get whole(): boolean {
    return this.#entries().length <= WHOLE
  }

  /** On the list itself. */
  readonly list: Attachment<HTMLElement> = (element) => {
    const scroller = element.closest('main')
    this.#list = element
    let frame = 0
    const onscroll = (): void => {
      frame ||= requestAnimationFrame(() => {
        frame = 0
        this.look()
      })
    }
    const resized = new ResizeObserver(onscroll)
    if (scroller) resized.observe(scroller)
    scroller?.addEventListener('scroll', onscroll, { passive: true })
    return () => {
      cancelAnimationFrame(frame)
      resized.disconnect()
      scroller?.removeEventListener('scroll', onscroll)
      this.#list = null
    }
  }

  /** On each row: its height is what its place takes while it is not made. */
  readonly row = (entry: Entry): Attachment<HTMLElement> => {
    return (element) => {
      this.#entryOf.set(element, entry)
      this.#measured.observe(element)
      return () => this.#measured.unobserve(element)
    }
  }

  /** See what is in sight. */
  look(): void {
    const scroller = this.#list?.closest('main')
    if (!this.#list || !scroller || this.whole) return
    this.#view = scroller.clientHeight
    this.#top = scroller.getBoundingClientRect().top - this.#list.getBoundingClientRect().top
  }

  /** The end comes into sight next. */
  toEnd(): void {
    this.#top = Infinity
  }

  /** The row of a message, which is made if it is not there. */
  async reveal(index: number): Promise<HTMLElement | null> {
    if (index < this.range.from || index >= this.range.to)
      this.#top = this.#entries()
        .slice(0, index)
        .reduce((sum, entry) => sum + this.#heightOf(entry), 0)
    await tick()
    return this.#list?.querySelector<HTMLElement>(`[data-index="${index}"]`) ?? null
  }

  #measure(sizes: readonly ResizeObserverEntry[]): void {
    for (const { target, borderBoxSize } of sizes) {
      const entry = this.#entryOf.get(target)
      const height = borderBoxSize[0]?.blockSize ?? 0
      // A row that is no longer in the document has no height.
      if (!entry || height === 0 || this.#heights.get(entry) === height) continue
      this.#heights.set(entry, height)
      // In the next frame: rows that are made while rows are measured would not be measured in this one.
      this.#frame ||= requestAnimationFrame(() => {
        this.#frame = 0
        if (!this.whole) this.#changes++
      })
    }
  }

  #heightOf(entry: Entry): number {
    const known = this.#heights.get(entry) ?? this.#guesses.get(entry)
    if (known !== undefined) return known
    // Not looked at again with every word that an answer gets.
    const characters = untrack(() => entry.text.length)
    const shown = entry.kind === 'user' ? Math.min(characters, LONGEST_QUESTION) : characters
    const guess = ROW_PIXELS + Math.ceil(shown / LINE_CHARACTERS) * LINE_PIXELS
    this.#guesses.set(entry, guess)
    return guess
  }

  #range(): { readonly from: number; readonly to: number; readonly above: number; readonly below: number } {
    const entries = this.#entries()
    const known = this.#changes
    if (this.whole || known < 0) return { from: 0, to: entries.length, above: 0, below: 0 }
    const heights = entries.map((entry) => this.#heightOf(entry))
    const all = heights.reduce((sum, height) => sum + height, 0)
    const view = this.#view || VIEW_PIXELS
    // What is around comes when what is in sight is there.
    const around = this.#view === 0 ? 0 : AROUND * view
    const top = Math.min(this.#top, all - view)
    let [from, above] = [0, 0]
    while (from < entries.length - 1 && above + (heights[from] ?? 0) < top - around)
      above += heights[from++] ?? 0
    let [to, end] = [from, above]
    while (to < entries.length && end < top + view + around) end += heights[to++] ?? 0
    return { from, to, above, below: all - end }
  }
}
