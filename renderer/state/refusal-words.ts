import { getLocale } from '#locale'
import english from '../messages/shell.en.json' with { type: 'json' }
import german from '../messages/shell.de.json' with { type: 'json' }
import englishOfEngine from '../messages/engine.en.json' with { type: 'json' }
import germanOfEngine from '../messages/engine.de.json' with { type: 'json' }
import englishOfWindow from '../messages/window.en.json' with { type: 'json' }
import germanOfWindow from '../messages/window.de.json' with { type: 'json' }

/** No sentence of ours is longer; what a stranger wrote is not searched without an end. */
const LONGEST = 2000

/** A sentence of the shell with names for what changes in it, and the same in German. */
interface Sentence {
  readonly pattern: RegExp
  readonly names: readonly string[]
  readonly german: string
}

let sentences: readonly Sentence[] | null = null

/**
 * What the shell says no with, an engine's failure as the shell words it, or the reason in such a failure, in the window's
 * language. Shell and engine speak English, as the terminal does, so a sentence is known by its words; one that is not
 * known stays as it comes.
 */
export function sayRefusal(sentence: string): string {
  if (getLocale() === 'en' || sentence.length > LONGEST) return sentence
  sentences ??= [
    ...pairsOf(english, german),
    ...pairsOf(englishOfEngine, germanOfEngine),
    ...pairsOf(englishOfWindow, germanOfWindow, 'window_failure_'),
  ]
    .toSorted(([a], [b]) => wordsIn(b) - wordsIn(a))
    .map(([known, words]) => compile(known, words))
  for (const { pattern, names, german: words } of sentences) {
    const match = pattern.exec(sentence)
    if (!match) continue
    const values = new Map(names.map((name, i) => [name, match[i + 1] ?? '']))
    // A reason within it may be a sentence of its own.
    return words.replace(/\{(\w+)\}/g, (_, name: string) => sayRefusal(values.get(name) ?? ''))
  }
  return sentence
}

/** Those whose names begin so, of two languages. */
function pairsOf<Key extends string>(
  from: Readonly<Record<Key, unknown>>,
  to: Readonly<Record<Key, unknown>>,
  prefix = '',
): (readonly [string, string])[] {
  return (Object.keys(from) as Key[]).flatMap((key) => {
    const [known, words] = [from[key], to[key]]
    const isOurs = key.startsWith(prefix) && typeof known === 'string' && typeof words === 'string'
    return isOurs ? [[known, words] as const] : []
  })
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
