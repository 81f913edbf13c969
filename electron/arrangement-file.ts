import {
  type Arrangement,
  arrange,
  type ArrangementChange,
  parseArrangement,
  without,
} from './arrangement.ts'
import { type Disk, diskCode, replaceFile } from './disk.ts'

/**
 * The arrangement of the list on the disk: one small file, put in its own place whole. It is read again before each
 * change, so that a change from one window, or from another program, does not undo that of another.
 */
export class ArrangementFile {
  readonly #disk: Disk
  readonly #path: string
  #last: Promise<unknown> = Promise.resolve()

  constructor(disk: Disk, path: string) {
    this.#disk = disk
    this.#path = path
  }

  /** Nothing is arranged where there is no file, or one that is no arrangement. */
  async read(): Promise<Arrangement> {
    const text = await this.#disk.read(this.#path).catch((error: unknown) => {
      if (diskCode(error) !== 'ENOENT') throw error
      return new Uint8Array()
    })
    let value: unknown = null
    try {
      value = JSON.parse(new TextDecoder().decode(text))
    } catch {
      // It is made anew with the next change.
    }
    return parseArrangement(value)
  }

  /** The arrangement after it; `null` when the change does not fit what is there. */
  async change(change: ArrangementChange): Promise<Arrangement | null> {
    return this.#inTurn((before) => arrange(before, change))
  }

  /** A chat is gone for good. */
  async drop(chat: string): Promise<void> {
    await this.#inTurn((before) => without(before, [chat]))
  }

  async #inTurn(work: (before: Arrangement) => Arrangement | null): Promise<Arrangement | null> {
    const done = this.#last.then(async () => {
      const before = await this.read()
      const after = work(before)
      const text = JSON.stringify(after)
      if (after && text !== JSON.stringify(before))
        await replaceFile(this.#disk, this.#path, new TextEncoder().encode(text))
      return after
    })
    this.#last = done.catch(() => undefined)
    return done
  }
}
