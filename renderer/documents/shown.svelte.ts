/** The page that is looked at beside the chat, and what is known of documents only while the window is open. */
export class Shown {
  document: { readonly name: string; readonly text: string } | null = $state.raw(null)
  page = $state(1)
  #notes: readonly { readonly text: string; readonly notes: readonly string[] }[] = []

  get notes(): readonly string[] {
    return this.#notes.find(({ text }) => text === this.document?.text)?.notes ?? []
  }

  remember(text: string, notes: readonly string[]): void {
    if (notes.length > 0) this.#notes = [...this.#notes, { text, notes }]
  }

  readonly show = (document: { readonly name: string; readonly text: string }): void => {
    this.document = document
    this.page = 1
  }

  readonly turn = (page: number): void => {
    this.page = page
  }

  readonly close = (): void => {
    this.document = null
  }
}
