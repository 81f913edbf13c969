import { invented, pick, SEEN, UNSEEN, type WordClass } from './words.ts'

/**
 * A kind of fact, in the plain phrasings of assets/pocket/train/facts.py: `{v}` is the value, `{n}` a person's name,
 * `{x}` a fixed part (dog, sister, door).
 */
interface Kind {
  readonly value: WordClass | 'code'
  readonly fixed?: WordClass
  readonly tell: string
  /** tells another value later */
  readonly change?: string
  readonly ask: readonly [string, string]
}

const KINDS: readonly Kind[] = [
  {
    value: 'name',
    tell: 'My name is {v}.',
    change: 'Actually, my name is {v}.',
    ask: ['What is my name?', "What's my name?"],
  },
  {
    value: 'city',
    tell: 'I live in {v}.',
    change: 'Actually, I live in {v} now.',
    ask: ['Where do I live?', 'Which city do I live in?'],
  },
  { value: 'city', tell: 'I come from {v}.', ask: ['Where do I come from?', 'Where am I from?'] },
  {
    value: 'pet',
    fixed: 'animal',
    tell: 'My {x} is called {v}.',
    change: 'Actually, my {x} is called {v}.',
    ask: ['What is my {x} called?', 'What is the name of my {x}?'],
  },
  {
    value: 'name',
    fixed: 'relative',
    tell: 'My {x} is called {v}.',
    change: 'Actually, my {x} is called {v}.',
    ask: ['What is my {x} called?', "What is my {x}'s name?"],
  },
  {
    value: 'city',
    tell: '{n} lives in {v}.',
    change: 'Actually, {n} lives in {v} now.',
    ask: ['Where does {n} live?', 'Which city does {n} live in?'],
  },
  { value: 'city', tell: '{n} comes from {v}.', ask: ['Where does {n} come from?', 'Where is {n} from?'] },
  { value: 'name', tell: '{n} is married to {v}.', ask: ['Who is {n} married to?', 'Who did {n} marry?'] },
  {
    value: 'pet',
    fixed: 'animal',
    tell: "{n}'s {x} is called {v}.",
    ask: ["What is {n}'s {x} called?", "What is the name of {n}'s {x}?"],
  },
  {
    value: 'code',
    tell: 'The number of {n} is {v}.',
    ask: ['What is the number of {n}?', "What is {n}'s number?"],
  },
  {
    value: 'code',
    fixed: 'lock',
    tell: 'The code of the {x} is {v}.',
    change: 'The code of the {x} is now {v}.',
    ask: ['What is the code of the {x}?', 'What is the {x} code?'],
  },
  {
    value: 'place',
    fixed: 'thing',
    tell: 'The {x} is in the {v}.',
    change: 'The {x} is now in the {v}.',
    ask: ['Where is the {x}?', 'Where did I put the {x}?'],
  },
  {
    value: 'name',
    fixed: 'goods',
    tell: 'The {x} belongs to {v}.',
    change: 'The {x} now belongs to {v}.',
    ask: ['Who does the {x} belong to?', 'Who owns the {x}?'],
  },
  {
    value: 'city',
    fixed: 'land',
    tell: 'The capital of {x} is {v}.',
    ask: ['What is the capital of {x}?', 'Which city is the capital of {x}?'],
  },
]

export interface Fact {
  readonly tell: string
  readonly ask: string
  readonly value: string
  /** names and value stand in the training lists */
  readonly seen: boolean
}

/** A fact of which the latest value counts: `tell` comes after `first`, which told another value. */
export interface Updated extends Fact {
  readonly first: string
}

export interface World {
  readonly told: readonly Fact[]
  readonly updated: Updated
  /** of the same kinds, about things of which nothing was said */
  readonly untold: readonly Fact[]
}

/** What facts of one world must not share, or an answer that mixes them up could be right. */
class Taken {
  readonly #subjects = new Set<string>()
  readonly #names = new Set<string>()
  readonly #fixed = new Set<string>()

  /** False when something is taken already; nothing is taken then. */
  take(subject: string, names: readonly string[], fixed: string): boolean {
    if (this.#subjects.has(subject) || this.#names.has(fixed) || new Set(names).size < names.length)
      return false
    if (names.some((name) => this.#names.has(name) || this.#fixed.has(name))) return false
    this.#subjects.add(subject)
    for (const name of names) this.#names.add(name)
    if (fixed !== '') this.#fixed.add(fixed)
    return true
  }

  takeName(name: string): boolean {
    return this.take(`a value ${name}`, [name], '')
  }
}

/**
 * Facts of which no two share a question or a name. Seen and unseen ones take turns, beginning with seen ones where
 * `firstSeen` says so.
 */
export function drawWorld(random: () => number, told: number, untold: number, firstSeen: boolean): World {
  const taken = new Taken()
  const facts = Array.from({ length: told + untold }, (_, i) =>
    drawFact(random, (i % 2 === 0) === firstSeen, taken),
  )
  const updated = drawUpdated(random, firstSeen, taken)
  return { told: facts.slice(0, told), updated, untold: facts.slice(told) }
}

function drawUpdated(random: () => number, seen: boolean, taken: Taken): Updated {
  for (;;) {
    const { kind, fill, value, ask } = drawForm(random, seen, taken)
    const latest = drawValue(random, kind, seen)
    if (kind.change === undefined || latest === value || !taken.takeName(latest)) continue
    return { first: fill(kind.tell, value), tell: fill(kind.change, latest), ask, value: latest, seen }
  }
}

function drawFact(random: () => number, seen: boolean, taken: Taken): Fact {
  const { kind, fill, value, ask } = drawForm(random, seen, taken)
  return { tell: fill(kind.tell, value), ask, value, seen }
}

interface Form {
  readonly kind: Kind
  readonly fill: (form: string, value: string) => string
  readonly value: string
  readonly ask: string
}

function drawForm(random: () => number, seen: boolean, taken: Taken): Form {
  for (;;) {
    const kind = pick(random, KINDS)
    const person = kind.tell.includes('{n}') ? word(random, 'name', seen) : ''
    const fixed = kind.fixed ? word(random, kind.fixed, seen) : ''
    const value = drawValue(random, kind, seen)
    const fill = (form: string, v: string) =>
      form.replaceAll('{n}', person).replaceAll('{x}', fixed).replaceAll('{v}', v)
    const subject = fill(kind.tell, '')
    const ask = fill(pick(random, kind.ask), '')
    const names = person === '' ? [value] : [person, value]
    if (taken.take(subject, names, fixed)) return { kind, fill, value, ask }
  }
}

function drawValue(random: () => number, { value }: Kind, seen: boolean): string {
  return value === 'code' ? code(random) : word(random, value, seen)
}

function word(random: () => number, kind: WordClass, seen: boolean): string {
  // Relatives and animals are closed lists: it is the names beside them that are new.
  if (seen || kind === 'animal' || kind === 'relative') return pick(random, SEEN[kind])
  const list = UNSEEN[kind]
  const mayBeInvented = kind === 'name' || kind === 'city' || !list
  if (list && !(mayBeInvented && random() < 0.5)) return pick(random, list)
  return invented(random)
}

/** Any four digits: never learned by heart, seen or not. */
function code(random: () => number): string {
  return String(Math.floor(random() * 10_000)).padStart(4, '0')
}
