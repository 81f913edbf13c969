import { type Links, type MarkedToken, type Token, type Tokens, Lexer } from 'marked'
import { MARKED_OPTIONS, type MathToken } from './math.ts'
import { decodeEntities, safeLink } from './text.ts'

export type Inline =
  | { readonly type: 'text' | 'code'; readonly text: string }
  | { readonly type: 'strong' | 'emphasis' | 'strike'; readonly children: readonly Inline[] }
  | {
      readonly type: 'link'
      readonly href: string
      readonly host: string
      readonly children: readonly Inline[]
    }
  | { readonly type: 'image'; readonly alt: string; readonly address: string }
  | { readonly type: 'math'; readonly text: string; readonly display: boolean }
  | { readonly type: 'break' }

export interface ListItem {
  /** `null` when the item is no task */
  readonly checked: boolean | null
  readonly blocks: readonly Block[]
}

export interface Table {
  readonly type: 'table'
  readonly align: readonly ('left' | 'center' | 'right' | null)[]
  readonly header: readonly (readonly Inline[])[]
  readonly rows: readonly (readonly (readonly Inline[])[])[]
}

export type Block =
  | { readonly type: 'paragraph' | 'line'; readonly children: readonly Inline[] }
  | { readonly type: 'heading'; readonly depth: number; readonly children: readonly Inline[] }
  | { readonly type: 'code'; readonly language: string; readonly text: string }
  | { readonly type: 'quote'; readonly blocks: readonly Block[] }
  | {
      readonly type: 'list'
      readonly ordered: boolean
      readonly start: number
      readonly items: readonly ListItem[]
    }
  | Table
  | { readonly type: 'rule' }

/** Deeper quotes and lists are shown as their source: nobody writes them, and recursion has a price. */
const MAX_DEPTH = 10

/** marked's emphasis is cubic in the length of a line: `_a*` repeated costs 0.1 s at 2,000 characters, 5 s at 12,000. */
const ENDLESS_CHARACTERS = 2000

/**
 * marked's tokens, and the reference links known so far. An endless line, and nesting that overflows
 * marked's recursion, come back as one paragraph of plain text.
 */
export function lex(source: string, links: Links): { tokens: readonly Token[]; links: Links } {
  const plain = { type: 'paragraph', raw: source, text: source, tokens: [] }
  if (source.split('\n').some(({ length }) => length >= ENDLESS_CHARACTERS)) return { tokens: [plain], links }
  const lexer = new Lexer(MARKED_OPTIONS)
  Object.assign(lexer.tokens.links, links)
  try {
    const tokens = lexer.lex(source)
    return { tokens, links: tokens.links }
  } catch {
    return { tokens: [plain], links }
  }
}

/** Our own small tree from marked's tokens: nothing in it can load, run or style anything. */
export function toBlocks(tokens: readonly Token[], depth = 0): Block[] {
  return tokens.flatMap((token) => toBlock(token as MarkedToken | MathToken, depth) ?? [])
}

function toBlock(token: MarkedToken | MathToken, depth: number): Block | null {
  if (depth > MAX_DEPTH) return { type: 'line', children: [{ type: 'text', text: token.raw }] }
  switch (token.type) {
    case 'space':
    case 'def':
    case 'checkbox':
      return null
    case 'heading':
      return { type: 'heading', depth: token.depth, children: toInline(token.tokens) }
    case 'code':
      return { type: 'code', language: token.lang?.split(/\s/)[0] ?? '', text: token.text }
    case 'blockquote':
      return { type: 'quote', blocks: toBlocks(token.tokens, depth + 1) }
    case 'list':
      return toList(token, depth)
    case 'table':
      return {
        type: 'table',
        align: token.align,
        header: token.header.map((cell) => toInline(cell.tokens)),
        rows: token.rows.map((row) => row.map((cell) => toInline(cell.tokens))),
      }
    case 'hr':
      return { type: 'rule' }
    case 'text':
      return { type: 'line', children: token.tokens ? toInline(token.tokens) : [text(token.text)] }
    case 'paragraph':
      return {
        type: 'paragraph',
        children: token.tokens.length > 0 ? toInline(token.tokens) : [{ type: 'text', text: token.text }],
      }
    case 'html':
      return { type: 'paragraph', children: [{ type: 'text', text: token.raw.trimEnd() }] }
    case 'br':
    case 'codespan':
    case 'del':
    case 'em':
    case 'escape':
    case 'image':
    case 'link':
    case 'list_item':
    case 'math':
    case 'strong':
      return { type: 'paragraph', children: toInline([token]) }
    default:
      return token satisfies never
  }
}

function toList(token: Tokens.List, depth: number): Block {
  return {
    type: 'list',
    ordered: token.ordered,
    start: token.start === '' ? 1 : token.start,
    items: token.items.map((item) => ({
      checked: item.task ? (item.checked ?? false) : null,
      blocks: toBlocks(item.tokens, depth + 1),
    })),
  }
}

function toInline(tokens: readonly Token[], depth = 0): Inline[] {
  return tokens.map((token) => inline(token as MarkedToken | MathToken, depth))
}

function inline(token: MarkedToken | MathToken, depth: number): Inline {
  if (depth > MAX_DEPTH) return { type: 'text', text: token.raw }
  switch (token.type) {
    case 'strong':
      return { type: 'strong', children: toInline(token.tokens, depth + 1) }
    case 'em':
      return { type: 'emphasis', children: toInline(token.tokens, depth + 1) }
    case 'del':
      return { type: 'strike', children: toInline(token.tokens, depth + 1) }
    case 'codespan':
      return { type: 'code', text: token.text }
    case 'br':
      return { type: 'break' }
    case 'escape':
    case 'text':
      return text(token.text)
    case 'math':
      return { type: 'math', text: token.text, display: token.display }
    case 'image':
      return { type: 'image', alt: token.text, address: token.href }
    case 'link':
      return toLink(token, depth)
    case 'blockquote':
    case 'checkbox':
    case 'code':
    case 'def':
    case 'heading':
    case 'hr':
    case 'html':
    case 'list_item':
    case 'list':
    case 'paragraph':
    case 'space':
    case 'table':
    default:
      return { type: 'text', text: token.raw }
  }
}

/** Links that are not plain https keep their words and show their address, but cannot be clicked. */
function toLink(token: Tokens.Link, depth: number): Inline {
  const link = safeLink(token.href)
  if (link === null) return { type: 'text', text: token.raw }
  const children = token.autolink
    ? [{ type: 'text' as const, text: token.text }]
    : toInline(token.tokens, depth + 1)
  return { type: 'link', ...link, children }
}

function text(source: string): Inline {
  return { type: 'text', text: decodeEntities(source) }
}
