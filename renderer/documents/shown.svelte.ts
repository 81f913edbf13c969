/** The page that is looked at beside the chat, and what is known of documents only while the window is open. */
export class Shown {
  document: { readonly name: string; readonly text: string } | null = $state.raw(null)
  page = $state(1)
  /** words on the page that are looked for; empty for none */
  quote = $state('')
  #notes: readonly { readonly text: string; readonly notes: readonly string[] }[] = []

  get notes(): readonly string[] {
    return this.#notes.find(({ text }) => text === this.document?.text)?.notes ?? []
  }

  remember(text: string, notes: readonly string[]): void {
    if (notes.length > 0) this.#notes = [...this.#notes, { text, notes }]
  }

  readonly show = (
    { name, text }: { readonly name: string; readonly text: string },
    { page, quote }: { readonly page: number; readonly quote: string } = { page: 1, quote: '' },
  ): void => {
    this.document = { name, text }
    this.page = page
    this.quote = quote
  }

  readonly turn = (page: number): void => {
    this.page = page
    this.quote = ''
  }

  readonly close = (): void => {
    this.document = null
  }
}
