import type { TranscriptNode } from '../../electron/transcript.ts'
import { newestLeaf } from '../../engine/memory/branch.ts'
import type { GenerationRequest } from '../../engine/protocol.ts'
import type { Drafts } from './drafts.ts'
import type { Reply } from './reply.svelte.ts'
import { Talk } from './talk.svelte.ts'

/** One conversation: it goes forward, and back to any moment of it, and on from there. */
export class Conversation extends Talk {
  /** what stands in the box and is not sent yet */
  draft = $state('')
  /** it is kept as that of the chat that has no message yet */
  draftOfNew = false

  /** Put into the box what was left there when the window was closed. */
  async recallDraft(drafts: Drafts | undefined): Promise<void> {
    const text = (await drafts?.of(this.keeping.id)) ?? ''
    if (this.draft !== '' || text === '') return
    this.draft = text
    this.draftOfNew = this.keeping.id === null
  }

  keepDraft(drafts: Drafts | undefined): void {
    const { id } = this.keeping
    // Begun before the first message, which may have been sent since: it must not come back in the next new chat.
    if (id !== null && this.draftOfNew) drafts?.keep(null, '')
    this.draftOfNew = id === null
    drafts?.keep(id, this.draft)
  }

  /** Answer a question anew, beside the answer it has. */
  async regenerate(reply: Reply, request: Omit<GenerationRequest, 'message'>): Promise<void> {
    const question = this.questionOf(reply)
    if (question === null || !this.editable) return
    await this.#goTo(question.parent, () => this.send({ ...request, message: question.text }, question))
  }

  /** Ask something else in the place of the question that `reply` answers; what came after stays on its own branch. */
  async edit(reply: Reply, message: string, request: Omit<GenerationRequest, 'message'>): Promise<void> {
    const question = this.questionOf(reply)
    if (question === null || !this.editable) return
    await this.#goTo(question.parent, () => this.send({ ...request, message }))
  }

  /** Show another version of a question or an answer, and what was said after it last. */
  async show(node: number): Promise<void> {
    await this.goBack(newestLeaf(this.keeping.nodes, node))
  }

  /** Stand after this node as if nothing had been said since; what was stays on its own branch. */
  async goBack(node: number): Promise<void> {
    if (!this.editable) return
    await this.#goTo(node)
    await this.prepare()
  }

  /** Take the last exchange back; the text of its question. Empty when there is none. */
  async undo(): Promise<string> {
    const { way } = this.keeping
    const last = way.at(-1)
    if (!this.editable || !last) return ''
    const first = last.kind === 'reply' ? (way.at(-2) ?? last) : last
    await this.#goTo(first.parent)
    void this.prepare()
    return first.kind === 'user' ? first.text : ''
  }

  /** The question that `reply` answers and all after it go, and the memory with them. */
  async forget(reply: Reply): Promise<void> {
    const question = this.questionOf(reply)
    if (question === null || !this.editable) return
    await this.move(async () => {
      await this.keeping.forget(question.node)
      if (question.aside) this.showWay()
      else await this.leave()
    })
    await this.prepare()
  }

  /** What was forgotten last is there again, and the conversation stands where it stood. */
  async remember(): Promise<void> {
    if (!this.editable) return
    await this.move(async () => {
      await this.keeping.remember()
      await this.leave()
    })
    await this.prepare()
  }

  questionOf({ node }: Reply): TranscriptNode | null {
    return this.keeping.find(this.keeping.find(node)?.parent ?? null)
  }

  /** Ask the last question again. An answer that has words stays above the new one. */
  async retry(request: Omit<GenerationRequest, 'message'>): Promise<void> {
    const question = this.entries.findLast((entry) => entry.kind === 'user')
    if (question === undefined || !this.editable) return
    const again = () =>
      this.inTurn({ ...request, message: question.text }, { again: null, aside: question.aside })
    if (this.last?.kind === 'reply' && this.last.text === '') {
      const failed = this.questionOf(this.last)
      // Asked in its own place, from the memory before it: nothing is in memory twice.
      if (failed && !failed.aside) return this.#goTo(failed.parent, again)
      this.entries = this.entries.slice(0, -2)
    }
    await again()
  }

  /** The memory goes back to where it was after a node; what is between comes from the nearest saved state. */
  async #goTo(node: number | null, next?: () => Promise<void>): Promise<void> {
    await this.move(async () => {
      await this.keeping.goTo(node)
      await this.leave()
    }, next)
  }
}
