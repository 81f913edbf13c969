/** A stretch of a prompt: `template` may hold special tokens, `text` (a person's or a document's) never does. */
export interface PromptPiece {
  readonly kind: 'template' | 'text'
  readonly text: string
}
