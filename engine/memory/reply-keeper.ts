/** What is written is on its way to the disk after this long at the latest: in a second it is there, on a slow disk too. */
const LONGEST_WAIT = 500

/**
 * Keeps a reply while it is written: not each token, but at least once a second. Text that could not be kept stays
 * here and goes with the next.
 */
export class ReplyKeeper {
  readonly #write: (text: string) => Promise<void>
  readonly #onProblem: (error: unknown) => void
  #text = ''
  #timer: ReturnType<typeof setTimeout> | null = null
  #writing: Promise<void> = Promise.resolve()

  constructor(write: (text: string) => Promise<void>, onProblem: (error: unknown) => void) {
    this.#write = write
    this.#onProblem = onProblem
  }

  push(text: string): void {
    this.#text += text
    this.#timer ??= setTimeout(() => void this.flush(), LONGEST_WAIT)
  }

  /** Resolves when all that was pushed is kept, or could not be; never rejects. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#writing = this.#writing.then(async () => {
      const text = this.#text
      if (text === '') return
      this.#text = ''
      try {
        await this.#write(text)
      } catch (error) {
        this.#text = text + this.#text
        this.#onProblem(error)
      }
    })
    return this.#writing
  }
}
