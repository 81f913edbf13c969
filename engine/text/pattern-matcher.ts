/** What a pattern is being matched with. */
export interface Run {
  text: string
  /** steps that may still be taken; below zero everything fails */
  left: number
}

/** Where a match that begins here ends, or −1. */
type Match = (at: number) => number
/** A part of a pattern, once it is known what comes after it. */
type Part = (next: Match) => Match
type IsCharacter = (codePoint: number) => boolean

const FAILED = -1
const LONGEST = 4000
const SPECIAL = '.[\\'
const REFUSED_ESCAPE = /^\\[bBkAzZG1-9]/
const ESCAPE = /^\\(?:[pP]\{[^}]*\}|u\{[0-9A-Fa-f]+\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|c[A-Za-z]|[^])/u
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})/

/**
 * A pattern of JavaScript with the flag `u` as a matcher that backtracks as JavaScript's own does and counts its steps.
 * Without back references, names and anchors; what is looked back at is one character.
 *
 * @throws {Error} something that is not known here, in words
 */
export function compilePattern(source: string, run: Run): Match {
  if (source.length > LONGEST)
    throw new Error(`a pattern has ${source.length} characters, and ${LONGEST} are allowed`)
  const parser = new Parser(source, run)
  const whole = parser.alternatives()
  if (parser.rest !== '') throw new Error(`a pattern has a ${JSON.stringify(parser.rest.charAt(0))} too many`)
  return whole((at) => at)
}

class Parser {
  rest: string
  readonly #run: Run

  constructor(source: string, run: Run) {
    this.rest = source
    this.#run = run
  }

  alternatives(): Part {
    const parts = [this.#sequence()]
    while (this.#take('|')) parts.push(this.#sequence())
    const [only] = parts
    if (parts.length === 1 && only) return only
    return (next) => {
      const matches = parts.map((part) => part(next))
      return (at) => {
        for (const match of matches) {
          const end = this.#step() ? match(at) : FAILED
          if (end >= 0) return end
        }
        return FAILED
      }
    }
  }

  #sequence(): Part {
    const parts: Part[] = []
    while (this.rest !== '' && !this.rest.startsWith('|') && !this.rest.startsWith(')'))
      parts.push(this.#item())
    return (next) => parts.reduceRight((after, part) => part(after), next)
  }

  #item(): Part {
    if (this.#take('(?=')) return this.#lookingAhead(true)
    if (this.#take('(?!')) return this.#lookingAhead(false)
    if (this.#take('(?<=')) return this.#lookingBack(true)
    if (this.#take('(?<!')) return this.#lookingBack(false)
    if (this.#take('(?:')) return this.#repeatedGroup(this.#closed(this.alternatives()))
    if (this.rest.startsWith('(?')) throw unknown(this.rest.slice(0, 4))
    if (this.#take('(')) return this.#repeatedGroup(this.#closed(this.alternatives()))
    return this.#repeatedCharacter(this.#character())
  }

  #closed<T>(inner: T): T {
    if (!this.#take(')')) throw new Error('a pattern has a bracket that is not closed')
    return inner
  }

  #lookingAhead(wanted: boolean): Part {
    const inner = this.#closed(this.alternatives())((at) => at)
    return (next) => (at) => (inner(at) >= 0 === wanted ? next(at) : FAILED)
  }

  #lookingBack(wanted: boolean): Part {
    const isThere = this.#closed(this.#character())
    return (next) => (at) => {
      const before = at === 0 ? undefined : this.#run.text.codePointAt(this.#before(at))
      return (before !== undefined && isThere(before)) === wanted ? next(at) : FAILED
    }
  }

  /** One character: itself, an escape, a class or a dot; what it stands for is asked of JavaScript. */
  #character(): IsCharacter {
    const atom = this.#atom()
    const pattern = new RegExp(`^(?:${atom})$`, 'u')
    const known = new Map<number, boolean>()
    return (codePoint) => {
      const found = known.get(codePoint)
      if (found !== undefined) return found
      const is = pattern.test(String.fromCodePoint(codePoint))
      known.set(codePoint, is)
      return is
    }
  }

  #atom(): string {
    if (REFUSED_ESCAPE.test(this.rest)) throw unknown(this.rest.slice(0, 2))
    const escape = ESCAPE.exec(this.rest)?.[0]
    if (escape !== undefined) return this.#cut(escape.length)
    if (this.rest.startsWith('[')) {
      let length = 1
      while (length < this.rest.length && this.rest.charAt(length) !== ']')
        length += this.rest.charAt(length) === '\\' ? 2 : 1
      return this.#cut(length + 1)
    }
    const character = String.fromCodePoint(this.rest.codePointAt(0) ?? 0)
    if ('^$*+?{}])'.includes(character)) throw unknown(character)
    this.#cut(character.length)
    return SPECIAL.includes(character) || character === '/' ? character.replace('/', '\\/') : character
  }

  #repeatedCharacter(is: IsCharacter): Part {
    const { least, most, isLazy } = this.#quantifier()
    return (next) => (at) => {
      let end = at
      let count = 0
      const goesOn = (): boolean => {
        const codePoint = this.#step() ? this.#run.text.codePointAt(end) : undefined
        if (count >= most || codePoint === undefined || !is(codePoint)) return false
        end += codePoint > 0xffff ? 2 : 1
        count++
        return true
      }
      const goal = isLazy ? least : most
      while (count < goal && goesOn());
      if (count < least) return FAILED
      while (this.#step()) {
        const found = next(end)
        if (found >= 0) return found
        if (isLazy ? !goesOn() : count-- === least) return FAILED
        if (!isLazy) end = this.#before(end)
      }
      return FAILED
    }
  }

  #repeatedGroup(group: Part): Part {
    const { least, most, isLazy } = this.#quantifier()
    if (least === 1 && most === 1) return group
    return (next) => {
      const repeat = (at: number, count: number): number => {
        if (!this.#step()) return FAILED
        const again = () =>
          count < most
            ? group((end) => (end === at && count >= least ? FAILED : repeat(end, count + 1)))(at)
            : FAILED
        const after = () => (count < least ? FAILED : next(at))
        const found = isLazy ? after() : again()
        if (found >= 0) return found
        return isLazy ? again() : after()
      }
      return (at) => repeat(at, 0)
    }
  }

  #quantifier(): { readonly least: number; readonly most: number; readonly isLazy: boolean } {
    const text = QUANTIFIER.exec(this.rest)?.[0]
    if (text === undefined) return { least: 1, most: 1, isLazy: false }
    this.#cut(text.length)
    const isLazy = this.#take('?')
    if (text === '*') return { least: 0, most: Infinity, isLazy }
    if (text === '+') return { least: 1, most: Infinity, isLazy }
    if (text === '?') return { least: 0, most: 1, isLazy }
    const [least = '', most] = text.slice(1, -1).split(',')
    return {
      least: Number(least),
      most: most === undefined ? Number(least) : Number(most || Infinity),
      isLazy,
    }
  }

  #before(at: number): number {
    const { text } = this.#run
    const isPair = at > 1 && (text.charCodeAt(at - 1) & 0xfc00) === 0xdc00
    return at - (isPair && (text.charCodeAt(at - 2) & 0xfc00) === 0xd800 ? 2 : 1)
  }

  #step(): boolean {
    return --this.#run.left >= 0
  }

  #take(text: string): boolean {
    if (!this.rest.startsWith(text)) return false
    this.#cut(text.length)
    return true
  }

  #cut(length: number): string {
    const text = this.rest.slice(0, length)
    this.rest = this.rest.slice(length)
    return text
  }
}

function unknown(what: string): Error {
  return new Error(`a pattern has ${JSON.stringify(what)}, which is not known here`)
}
