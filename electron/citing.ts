/** Words that stood somewhere before and were put back into the window for one question. */
export interface LookedUp {
  /** the document or message that they stand in */
  readonly node: number
  /** of the document; empty for a message */
  readonly name: string
  /** 1-based */
  readonly page: number
  readonly quote: string
}

/** What of documents an answer rests on. */
export interface Citing {
  /** sentences that say what it says; left out where there are none */
  readonly cited?: readonly LookedUp[]
  /** whether a document says it; left out where none was read, or nothing was asked */
  readonly inDocument?: boolean
  /** sentences that come nearest to the question, where none says what the answer says; left out where there are none */
  readonly nearest?: readonly LookedUp[]
}

/** An empty list is left out: it is what journals without look-up have. */
export function some(lookedUp: readonly LookedUp[]): { lookedUp?: readonly LookedUp[] } {
  return lookedUp.length === 0 ? {} : { lookedUp }
}

/** Only what is known of it. */
export function citing({
  cited = [],
  inDocument,
  nearest = [],
}: Omit<Citing, 'inDocument'> & { readonly inDocument?: unknown }): Citing {
  return {
    ...(cited.length > 0 ? { cited } : {}),
    ...(typeof inDocument === 'boolean' ? { inDocument } : {}),
    ...(nearest.length > 0 ? { nearest } : {}),
  }
}
