import { Marked, type MarkedOptions, type TokenizerExtension, type Tokens } from 'marked'

/** A formula in TeX. */
export interface MathToken extends Tokens.Generic {
  readonly type: 'math'
  readonly raw: string
  readonly text: string
  /** on a line of its own */
  readonly display: boolean
}

/** Longer ones stay text: nobody writes them, and they take time to lay out. */
const LONGEST = 2000

/** Between `$$` or `\[ \]`, alone in its paragraph; no empty line inside. */
const DISPLAY = /^(?:\$\$((?:(?!\n\s*\n)[^$])+?)\$\$|\\\[((?:(?!\n\s*\n)[^])+?)\\\]) *(?:\n|$)/

/**
 * Inside a line: `\( \)`, `\[ \]`, `$$ $$`, and `$ $` by pandoc's rule, which leaves prices alone: no space after the
 * first and before the last, no digit after the last.
 */
const INLINE =
  /^(?:\\\(((?:(?!\n\s*\n)[^])+?)\\\)|\\\[((?:(?!\n\s*\n)[^])+?)\\\]|\$\$([^$\n]+?)\$\$|\$(?!\s)((?:\\[^\n]|[^$\n\\])+?)(?<!\s)\$(?!\d))/

function token(match: RegExpExecArray | null, display: boolean): MathToken | undefined {
  if (!match) return undefined
  // Of the groups one has matched.
  return { type: 'math', raw: match[0], text: match.slice(1).join('').trim(), display }
}

const EXTENSIONS: TokenizerExtension[] = [
  {
    name: 'math',
    level: 'block',
    start: (source) => source.match(/(?:^|\n)(?:\$\$|\\\[)/)?.index,
    tokenizer: (source) => token(DISPLAY.exec(source.slice(0, LONGEST)), true),
  },
  {
    name: 'math',
    level: 'inline',
    start: (source) => source.match(/\$|\\[([]/)?.index,
    tokenizer: (source) => {
      const found = token(INLINE.exec(source.slice(0, LONGEST)), false)
      return found && { ...found, display: /^(?:\$\$|\\\[)/.test(found.raw) }
    },
  },
]

/** How marked reads a message: as GitHub does, with formulas. */
export const MARKED_OPTIONS: MarkedOptions = new Marked({ gfm: true, extensions: EXTENSIONS }).defaults
