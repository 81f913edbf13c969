import { EngineError } from '../errors.ts'
import { isRecord } from '../formats/json.ts'
import { PUBLISHED_PATTERNS } from './gguf-pre-tokenizers.ts'
import { compilePattern, type Run } from './pattern-matcher.ts'

/** Steps that a character of text pays for; published patterns take about five. */
const STEPS_PER_CHARACTER = 100
/** What may be saved up: a tenth of a second. */
const MOST_SAVED = 1_000_000
/** One match may walk over the whole text a few times, but not one after the other. */
const WALKS = 4

/**
 * A pattern of a file that nobody here has seen, so that it ends soon whatever it is: a regular expression of JavaScript
 * can take for ever over a short text, and cannot be interrupted. The same matches, by a matcher that counts its steps.
 *
 * Every character of the text pays for some steps. What is not used is saved up to a limit, over all texts.
 *
 * @throws {EngineError} `bad-file`: a kind of rule that is not known here, or, in a match, too many steps
 */
class BoundedPattern extends RegExp {
  readonly #account: Account

  constructor(pattern: RegExp | string, flags?: string) {
    super(pattern, flags)
    this.#account = accountOf(this.source)
  }

  override exec(text: string): RegExpExecArray | null {
    const { lastIndex } = this
    const found = this.#account.match(text, lastIndex)
    this.lastIndex = found?.[1] ?? 0
    if (found === null) return null
    const [start, end] = found
    return Object.assign([text.slice(start, end)] as [string], { index: start, input: text })
  }
}

/** The steps that all uses of one pattern share. */
class Account {
  #saved = MOST_SAVED
  readonly #run: Run
  readonly #matches: (at: number) => number

  constructor(source: string) {
    this.#run = { text: '', left: 0 }
    this.#matches = compilePattern(source, this.#run)
  }

  /** The first match from here on, as [start, end]. */
  match(text: string, from: number): readonly [number, number] | null {
    const limit = this.#saved + WALKS * text.length
    this.#run.text = text
    this.#run.left = limit
    let start = from
    let end = -1
    try {
      for (; start <= text.length; start += (text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1) {
        end = this.#matches(start)
        if (end >= 0 || start === text.length) break
      }
    } catch (error) {
      // Groups in groups go deep before they go on for long.
      if (error instanceof RangeError) throw tooLong()
      throw error
    }
    if (this.#run.left < 0) throw tooLong()
    const walked = Math.max(1, (end < 0 ? text.length : end) - from)
    const saved = this.#saved + STEPS_PER_CHARACTER * walked - (limit - this.#run.left)
    this.#saved = Math.min(MOST_SAVED, saved)
    return end < 0 ? null : [start, end]
  }
}

const accounts = new Map<string, Account>()

function accountOf(source: string): Account {
  const known = accounts.get(source)
  if (known) return known
  const account = new Account(source)
  accounts.set(source, account)
  return account
}

/**
 * Replace what the library made of patterns that no published model of the families here has.
 *
 * @param part of a tokenizer of @huggingface/tokenizers: its normalizer or its pre-tokenizer; changed in place
 * @throws {EngineError} `bad-file`: a pattern has a kind of rule that is not known here
 */
export function boundPatterns(part: unknown): void {
  if (Array.isArray(part)) part.forEach(boundPatterns)
  // The library's parts are functions with fields.
  else if (part !== null && (typeof part === 'object' || typeof part === 'function')) {
    const { config, pattern, ...others }: Fields = { ...part }
    const given = isRecord(config) && isRecord(config['pattern']) ? config['pattern']['Regex'] : undefined
    if (pattern instanceof RegExp && typeof given === 'string' && !PUBLISHED_PATTERNS.has(given))
      Reflect.set(part, 'pattern', new BoundedPattern(pattern))
    for (const value of Object.values(others)) if (Array.isArray(value)) boundPatterns(value)
  }
}

interface Fields {
  readonly config?: unknown
  readonly pattern?: unknown
}

function tooLong(): EngineError {
  const reason = 'a pattern that it splits text with takes too many steps'
  return new EngineError({ code: 'bad-file', file: 'tokenizer.json', reason })
}
