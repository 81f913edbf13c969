/** How a document was read; each left out where it is not known. */
export interface WasRead {
  /** of the memory, that it took */
  readonly tokens?: number
  /** what was left out of it and why, a sentence each */
  readonly notes?: readonly string[]
}

const MOST_NOTES = 20
const LONGEST_NOTE = 2000

/** Only what is known, from inside or outside. What is no number or sentence is not known. */
export function wasRead(fields: { readonly tokens?: unknown; readonly notes?: unknown }): WasRead {
  const { tokens } = fields
  const given: readonly unknown[] = Array.isArray(fields.notes) ? fields.notes : []
  const notes = given
    .filter((note): note is string => typeof note === 'string' && note.length <= LONGEST_NOTE)
    .slice(0, MOST_NOTES)
  return {
    ...(typeof tokens === 'number' && Number.isSafeInteger(tokens) && tokens >= 0 ? { tokens } : {}),
    ...(notes.length > 0 ? { notes } : {}),
  }
}
