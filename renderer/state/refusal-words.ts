import { getLocale } from '#locale'
import english from '../messages/shell.en.json' with { type: 'json' }
import german from '../messages/shell.de.json' with { type: 'json' }

/** A sentence of the shell with names for what changes in it, and the same in German. */
interface Sentence {
  readonly pattern: RegExp
  readonly names: readonly string[]
  readonly german: string
}

let sentences: readonly Sentence[] | null = null

/**
 * What the shell says no with, in the window's language. The shell speaks English, as the terminal does, so a sentence is
 * known by its words; one that is not known stays as it comes.
 */
export function sayRefusal(sentence: string): string {
  if (getLocale() === 'en') return sentence
  sentences ??= (Object.keys(english) as (keyof typeof english)[])
    .toSorted((a, b) => wordsIn(english[b]) - wordsIn(english[a]))
    .map((key) => compile(english[key], german[key]))
  for (const { pattern, names, german: words } of sentences) {
    const match = pattern.exec(sentence)
    if (!match) continue
    const values = new Map(names.map((name, i) => [name, match[i + 1] ?? '']))
    // A reason within it may be a sentence of its own.
    return words.replace(/\{(\w+)\}/g, (_, name: string) => sayRefusal(values.get(name) ?? ''))
  }
  return sentence
}

function compile(sentence: string, words: string): Sentence {
  const names: string[] = []
  const pattern = sentence
    .split(/(\{\w+\})/)
    .map((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1]
      if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
      names.push(name)
      return '([^]*?)'
    })
    .join('')
  return { pattern: new RegExp(`^${pattern}$`), names, german: words }
}

/** Those that say more are tried first. */
function wordsIn(sentence: string): number {
  return sentence.replace(/\{\w+\}/g, '').length
}
