/** Where drafts are kept on disk, by key; an empty one is taken away. */
export interface DraftStore {
  load(key: string): Promise<unknown>
  save(key: string, text: string): Promise<void>
}

/** What is written before the next line runs, as `localStorage`. */
export type HastyStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** That of the window; `null` where it is refused. */
export function hastyStore(): HastyStore | null {
  try {
    return localStorage
  } catch {
    return null
  }
}

/** Where drafts lie until they are kept, of a window that may be gone in a moment. */
const HASTY = 'plateau-drafts'

/** Of a chat that has no message yet. */
const NEW = 'new'
/** After the last key: a draft is worth less than a disk that rests. */
const PAUSE_MILLISECONDS = 300

/** What stands in the boxes of the chats and is not sent yet, over restarts. What cannot be kept is in the boxes still. */
export class Drafts {
  readonly #store: DraftStore
  readonly #waiting = new Map<
    string,
    { readonly text: string; readonly timer: ReturnType<typeof setTimeout>; saving: boolean }
  >()

  readonly #hasty: HastyStore | null

  constructor(store: DraftStore, hasty: HastyStore | null = null) {
    this.#store = store
    this.#hasty = hasty
    this.#recover()
  }

  /** @param chat its id; `null` before its first message */
  async of(chat: string | null): Promise<string> {
    const key = chat ?? NEW
    const waiting = this.#waiting.get(key)
    if (waiting) return waiting.text
    try {
      const text = await this.#store.load(key)
      return typeof text === 'string' ? text : ''
    } catch {
      return ''
    }
  }

  keep(chat: string | null, text: string): void {
    const key = chat ?? NEW
    clearTimeout(this.#waiting.get(key)?.timer)
    const timer = setTimeout(() => void this.#save(key), PAUSE_MILLISECONDS)
    this.#waiting.set(key, { text, timer, saving: false })
    this.#writeHasty()
  }

  /** Keep what is waiting now: the window may be gone in a moment. */
  readonly flush = (): void => {
    for (const key of [...this.#waiting.keys()]) void this.#save(key)
  }

  /** What the last window left in a hurry is as if it had just been typed. */
  #recover(): void {
    try {
      const left: unknown = JSON.parse(this.#hasty?.getItem(HASTY) ?? '{}')
      for (const [key, text] of Object.entries(left ?? {})) if (typeof text === 'string') this.keep(key, text)
    } catch {
      this.#writeHasty()
    }
    this.flush()
  }

  /**
   * What waits for the database, with every key that is pressed: a window that is loaded again is told that it goes when
   * the next one has read what is kept already.
   */
  #writeHasty(): void {
    const waiting = [...this.#waiting].map(([key, { text }]) => [key, text] as const)
    try {
      if (waiting.length > 0) this.#hasty?.setItem(HASTY, JSON.stringify(Object.fromEntries(waiting)))
      else this.#hasty?.removeItem(HASTY)
    } catch {
      // It is full, or refused: then the database has to be quick enough.
    }
  }

  async #save(key: string): Promise<void> {
    const waiting = this.#waiting.get(key)
    if (!waiting || waiting.saving) return
    waiting.saving = true
    clearTimeout(waiting.timer)
    await this.#store.save(key, waiting.text).catch(() => undefined)
    // Until then it is what `of` says: a read that overtakes the write would find what was there before.
    if (this.#waiting.get(key) === waiting) this.#waiting.delete(key)
    this.#writeHasty()
  }
}
