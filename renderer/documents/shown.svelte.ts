import type { NamedText } from './read-whole.ts'

/** The page that is looked at beside the chat. */
export class Shown {
  document: NamedText | null = $state.raw(null)
  page = $state(1)
  /** words on the page that are looked for; empty for none */
  quote = $state('')

  /** What was left out of the document and why, a sentence each. */
  get notes(): readonly string[] {
    return this.document?.notes ?? []
  }

  readonly show = (
    { name, text, tokens, notes }: NamedText,
    { page, quote }: { readonly page: number; readonly quote: string } = { page: 1, quote: '' },
  ): void => {
    this.document = { name, text, ...(tokens === undefined ? {} : { tokens }), ...(notes ? { notes } : {}) }
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
