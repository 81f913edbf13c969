import { asksForPeople, countWords, describeCount, describeNames, namesIn, wordsToCount } from './counting.ts'
import { pagesOfText } from './paging.ts'

const MOST_NAMES = 20

/**
 * The answer to a question about documents that code can answer and a model would guess: how often words occur, who is
 * named. `null` for any other question, and where there is no document.
 */
export function answerByCode(
  message: string,
  documents: readonly { readonly name: string; readonly text: string }[],
): string | null {
  if (documents.length === 0) return null
  const words = wordsToCount(message)
  if (words === null && !asksForPeople(message)) return null
  return documents
    .map(({ name, text }) => {
      const pages = pagesOfText(text)
      return words === null
        ? describeNames(namesIn(text, pages, MOST_NAMES), name)
        : describeCount(countWords(text, pages, words), name, pages.length)
    })
    .join('\n\n')
}
