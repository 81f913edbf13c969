import { m } from '#messages'
import type { DocumentText } from '../../engine/documents/document.ts'
import type { Conversation } from '../state/conversation.svelte.ts'
import type { Intake } from './intake.svelte.ts'

/** Files on their way into the chat they were given to: one after the other, each when nothing else is being read or answered. */
export class Arrivals {
  /** names of those that come next */
  waiting: readonly string[] = $state.raw([])
  /** one sentence for each that could not be opened */
  problems: readonly string[] = $state.raw([])
  readonly intake: Intake
  /** a question has to wait, so that it is asked of all of them */
  readonly pending: boolean = $derived.by(() => this.waiting.length > 0 || this.intake.progress !== '')
  readonly #current: () => Conversation
  readonly #read: (document: DocumentText) => Promise<void>
  #files: File[] = []
  /** waits until nothing else is being read or answered */
  #opened: DocumentText | null = null
  #busy = false
  #owner: Conversation | null = null

  /**
   * @param current the chat that is shown
   * @param read reads a document into it, to its end
   */
  constructor(current: () => Conversation, intake: Intake, read: (document: DocumentText) => Promise<void>) {
    this.#current = current
    this.intake = intake
    this.#read = read
  }

  /** Takes as long as the last of them is read. */
  async add(files: Iterable<File>): Promise<void> {
    const { readOnly } = this.#current()
    if (readOnly !== '') {
      this.problems = [m.chat_nothing_added({ reason: readOnly })]
      return
    }
    this.#files.push(...files)
    this.#name()
    if (this.#busy) return
    this.#busy = true
    this.problems = []
    try {
      while (this.#files.length > 0) await this.#next()
    } finally {
      this.#busy = false
    }
  }

  /** Those that are not read yet are not read any more. */
  readonly stop = (): void => {
    this.#files = []
    this.#opened = null
    this.#name()
    this.intake.stop()
  }

  /** What was given to a chat is not read into another: only an empty one is as good as the next. */
  follow(conversation: Conversation): void {
    const left = this.#owner
    this.#owner = conversation
    const isAnother = left !== null && left !== conversation
    if (isAnother && left.entries.length + conversation.entries.length > 0) this.stop()
    // What could not be read was for the chat that was left.
    if (isAnother) this.problems = []
  }

  async #next(): Promise<void> {
    await this.#current().idle()
    const file = this.#files.shift()
    this.#name()
    if (!file) return
    this.#opened = await this.intake.open(file)
    if (this.intake.problem !== '') this.problems = [...this.problems, this.intake.problem]
    this.#name()
    // An answer may have begun meanwhile, and another chat may be shown at its end.
    await this.#current().idle()
    this.follow(this.#current())
    const document = this.#opened
    this.#opened = null
    this.#name()
    if (document) await this.#read(document)
  }

  #name(): void {
    this.waiting = [...(this.#opened ? [this.#opened] : []), ...this.#files].map(({ name }) => name)
  }
}
