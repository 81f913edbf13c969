import { pagesOfText } from '../../engine/documents/paging.ts'
import { pageMessages } from '../../engine/compare/race.ts'
import { asHeard } from '../../engine/memory/heard.ts'
import type { ChatMessage } from '../../engine/protocol.ts'
import type { Keeping } from '../state/keeping.svelte.ts'

/** What was said and read on the way that is shown, a document page by page. */
export function saidIn({ way }: Keeping): ChatMessage[] {
  return way.flatMap((node) =>
    node.kind === 'document'
      ? pageMessages({ text: node.text, pages: pagesOfText(node.text) })
      : asHeard(node, ''),
  )
}
