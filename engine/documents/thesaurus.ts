import { termOf, THE_USER } from './terms.ts'
import thesaurus from './thesaurus.json' with { type: 'json' }

let close: ReadonlyMap<string, ReadonlySet<string>> | null = null
const NONE: ReadonlySet<string> = new Set()

/**
 * Words that may say the same of a text as a term does, itself not among them: "hen" for "chicken", and the other way round.
 * Written by us, English, a head and its close words; none of what is close to those.
 */
export function closeWordsOf(term: string): ReadonlySet<string> {
  close ??= read()
  return close.get(term) ?? NONE
}

function read(): Map<string, Set<string>> {
  const pairs = new Map<string, Set<string>>()
  const add = (from: string, to: string) => {
    // "mine" is a pit, and whoever speaks.
    if (from !== to && from !== THE_USER && to !== THE_USER)
      pairs.set(from, (pairs.get(from) ?? new Set()).add(to))
  }
  for (const [head, words] of Object.entries(thesaurus))
    for (const word of words.split(' ')) {
      add(termOf(head), termOf(word))
      add(termOf(word), termOf(head))
    }
  return pairs
}
