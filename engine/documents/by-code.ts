import type { AskedWhole } from './asked-whole.ts'
import { countWords, namesIn } from './counting.ts'
import { pagesOfText } from './paging.ts'
import { WHOLE_WORDS } from './whole-words.ts'

const MOST_NAMES = 20

/**
 * The answer to a question about documents that code can answer and a model would guess: how often words occur, who is
 * named.
 */
export function answerByCode(
  asked: Exclude<AskedWhole, { readonly task: 'summary' }>,
  documents: readonly { readonly name: string; readonly text: string }[],
): string {
  const say = WHOLE_WORDS[asked.language]
  return documents
    .map(({ name, text }) => {
      const pages = pagesOfText(text)
      return asked.task === 'count'
        ? say.count(countWords(text, pages, asked.words), name, pages.length)
        : say.names(namesIn(text, pages, MOST_NAMES), name)
    })
    .join('\n\n')
}
