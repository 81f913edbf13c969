import type { Links, Token } from 'marked'
import { type Block, lex, toBlocks } from './blocks.ts'
import { closeOpenMarks } from './text.ts'

/**
 * Markdown that arrives in pieces. Blocks that can no longer change keep their identity, so the view
 * leaves them alone; only the last block is read again: O(last block) per piece, not O(message).
 */
export class MarkdownStream {
  #finished: readonly Block[] = []
  /** source that may still change its meaning: from the start of the last block on */
  #tail = ''
  #links: Links = {}

  append(text: string): readonly Block[] {
    this.#tail = (this.#tail + text).replace(/\r\n?/g, '\n').replaceAll('\0', '\ufffd')
    const { tokens, links } = lex(this.#tail, this.#links)
    const settled = settledTokens(tokens, this.#tail)
    if (settled.length > 0) {
      this.#finished = [...this.#finished, ...toBlocks(settled)]
      this.#tail = this.#tail.slice(rawLength(settled))
      this.#links = links
    }
    const closed = closeOpenMarks(this.#tail)
    const rest = closed === this.#tail ? tokens.slice(settled.length) : lex(closed, this.#links).tokens
    return [...this.#finished, ...toBlocks(rest)]
  }

  /** All blocks of a text that will not grow any more. */
  end(): readonly Block[] {
    this.#finished = [...this.#finished, ...toBlocks(lex(this.#tail, this.#links).tokens)]
    this.#tail = ''
    return this.#finished
  }
}

/** A line that may still turn out to continue the block before it: `2` becomes `2. next item`. */
const UNDECIDED = /^\s*(?:\d{1,9}[.)]?|[-+*=_>#|`~: ]*)\s*$/

/** Every token before the last one with content; none where marked's `raw` is not the source itself. */
function settledTokens(tokens: readonly Token[], source: string): readonly Token[] {
  const last = tokens.findLastIndex((token) => token.type !== 'space' && !UNDECIDED.test(token.raw))
  const settled = tokens.slice(0, Math.max(last, 0))
  const raw = settled.map((token) => token.raw).join('')
  return source.startsWith(raw) ? settled : []
}

function rawLength(tokens: readonly Token[]): number {
  return tokens.reduce((length, token) => length + token.raw.length, 0)
}
