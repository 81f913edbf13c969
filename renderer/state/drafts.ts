/** Where drafts are kept on disk, by key; an empty one is taken away. */
export interface DraftStore {
  load(key: string): Promise<unknown>
  save(key: string, text: string): Promise<void>
}

/** Of a chat that has no message yet. */
const NEW = 'new'
/** After the last key: a draft is worth less than a disk that rests. */
const PAUSE_MILLISECONDS = 300

/** What stands in the boxes of the chats and is not sent yet, over restarts. What cannot be kept is in the boxes still. */
export class Drafts {
  readonly #store: DraftStore
  readonly #waiting = new Map<
    string,
    { readonly text: string; readonly timer: ReturnType<typeof setTimeout> }
  >()

  constructor(store: DraftStore) {
    this.#store = store
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
    this.#waiting.set(key, { text, timer: setTimeout(() => this.#save(key), PAUSE_MILLISECONDS) })
  }

  /** Keep what is waiting now: the window may be gone in a moment. */
  readonly flush = (): void => {
    for (const key of [...this.#waiting.keys()]) this.#save(key)
  }

  #save(key: string): void {
    const waiting = this.#waiting.get(key)
    if (!waiting) return
    clearTimeout(waiting.timer)
    this.#waiting.delete(key)
    this.#store.save(key, waiting.text).catch(() => undefined)
  }
}
