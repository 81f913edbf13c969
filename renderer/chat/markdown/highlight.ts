import type { createLowlight } from 'lowlight'

/** A piece of code of one kind. */
export interface Span {
  readonly text: string
  /** highlight.js's name for it, as in `keyword` or `string`; or empty */
  readonly kind: string
}

type Tree = ReturnType<ReturnType<typeof createLowlight>['highlight']>
type Node = Tree['children'][number]

/** Longer code is shown plain: to colour it again at every word takes too long. */
const LONGEST = 30_000

let loading: Promise<ReturnType<typeof createLowlight>> | null = null

/** Code in pieces that join to exactly `text`; `null` for a language that is not known. */
export async function highlight(language: string, text: string): Promise<readonly Span[] | null> {
  if (language === '' || text.length > LONGEST) return null
  loading ??= import('lowlight').then(({ common, createLowlight }) => createLowlight(common))
  const lowlight = await loading
  if (!lowlight.registered(language)) return null
  return spans(lowlight.highlight(language, text).children, '')
}

function spans(nodes: readonly Node[], kind: string): Span[] {
  return nodes.flatMap((node) => {
    if (node.type === 'text') return [{ text: node.value, kind }]
    return node.type === 'element' ? spans(node.children, kindOf(node) ?? kind) : []
  })
}

/** `hljs-keyword` is a keyword; `hljs-title function_` a title. */
function kindOf(node: Node & { readonly type: 'element' }): string | null {
  const { className } = node.properties
  const first: unknown = Array.isArray(className) ? className[0] : null
  return typeof first === 'string' ? first.replace(/^hljs-/, '') : null
}
