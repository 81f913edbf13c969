import { readInWorker } from '../../engine/documents/client.ts'
import type { DocumentText } from '../../engine/documents/document.ts'
import { Arrivals } from '../documents/arrivals.svelte.ts'
import { Intake } from '../documents/intake.svelte.ts'
import type { Chat } from '../state/chat.svelte.ts'
import type { SampleDocument } from './sample-documents.ts'

/** As it is saved, and as the system opens it. */
const CHAT = /\.chat$/i

/** Files that are given to the window: a chat that was saved becomes a chat again, all else is read into the one on screen. */
export class Incoming extends Arrivals {
  readonly #chat: Chat

  constructor(
    chat: Chat,
    read: (document: DocumentText) => Promise<void>,
    intake = new Intake(readInWorker),
  ) {
    super(() => chat.current, intake, read)
    this.#chat = chat
  }

  override async add(files: Iterable<File>): Promise<void> {
    const all = [...files]
    // Where nothing is kept it is a file like any other, which says what it is not.
    const isChat = ({ name }: File) => this.#chat.conversations !== null && CHAT.test(name)
    const documents = all.filter((file) => !isChat(file))
    // At once: a question that is sent now waits for what was dropped before it, and is for the chat it was given to.
    const reading = documents.length > 0 ? super.add(documents) : null
    const { last, problems } = await this.#import(all.filter(isChat))
    if (reading === null && last !== null) await this.#chat.open(last)
    const before = reading === null && !this.pending ? [] : this.problems
    this.problems = [...before, ...problems]
    await reading
  }

  /** One of ours, as if it had been dropped here; with something to ask about it. */
  async readSample({ file, text, question }: SampleDocument): Promise<void> {
    const chat = this.#chat
    const reader = chat.current
    await this.add([new File([text], file)])
    if (chat.current === reader && chat.draft === '') chat.draft = question
  }

  /** The last of them, `null` for none; and one sentence for each that is no chat. */
  async #import(files: readonly File[]): Promise<{ last: string | null; problems: string[] }> {
    const { conversations } = this.#chat
    const problems: string[] = []
    let last: string | null = null
    for (const file of files) {
      const id = (await conversations?.import(file)) ?? null
      if (id !== null) last = id
      else if (conversations) {
        problems.push(`${file.name}: ${conversations.problem}`)
        // Said beside the box, where it was dropped; the list may be hidden.
        conversations.problem = ''
      }
    }
    return { last, problems }
  }
}
