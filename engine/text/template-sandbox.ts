import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja'
import { EngineError } from '../errors.ts'

type Evaluate = Interpreter['evaluate']

// The longest published templates have 20,000 characters.
const MAX_SOURCE = 2 ** 17
// The library's lexer takes time quadratic in a run of whitespace: 1,000 is a millisecond, 100,000 half a minute.
const LONG_BLANK = /\s{1000}/
// Llama 3's template takes about 60 a message. The slowest known, loops in loops, take 15 µs each.
const MAX_STEPS = 200_000
const MAX_LENGTH = 1_000_000
// What a step that works on a long string or list counts for, so that time goes with steps.
const CHARACTERS_PER_STEP = 256
const ELEMENTS_PER_STEP = 64

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
)

/**
 * Compile a Jinja template so that rendering ends soon and stays small, whatever the template does.
 *
 * Bounded: its source, the steps of one rendering, and the length of every string and list on the way.
 *
 * @throws {EngineError} `bad-chat-template`, here or from the returned function: too large, wrong syntax, or what the
 *   template itself raises
 */
export function compileTemplate(source: string): (variables: Record<string, unknown>) => string {
  if (source.length > MAX_SOURCE) {
    throw bad(`it has ${source.length} characters, and ${MAX_SOURCE} are allowed`)
  }
  if (LONG_BLANK.test(source)) throw bad('it has a thousand blanks in a row')
  const program = attempt(() => parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true })))
  return (variables) =>
    attempt(() => {
      const budget = new Budget()
      const { value } = new BoundedInterpreter(createGlobals(variables, budget), budget).run(program)
      return typeof value === 'string' ? value : ''
    })
}

class Budget {
  #left = MAX_STEPS

  spend(steps: number): void {
    this.#left -= steps
    // Written so that NaN is over the budget too.
    if (!(this.#left >= 0)) throw new Error(`it takes more than ${MAX_STEPS} steps`)
  }
}

class BoundedInterpreter extends Interpreter {
  readonly #budget: Budget

  constructor(environment: Environment, budget: Budget) {
    super(environment)
    this.#budget = budget
  }

  override evaluate(...[statement, environment]: Parameters<Evaluate>): ReturnType<Evaluate> {
    const result = super.evaluate(statement, environment)
    const { value } = result
    let steps = 1
    if (typeof value === 'string') steps += value.length / CHARACTERS_PER_STEP
    else if (Array.isArray(value)) steps += value.length / ELEMENTS_PER_STEP
    if ((typeof value === 'string' || Array.isArray(value)) && value.length > MAX_LENGTH) {
      throw new Error(`it makes something longer than ${MAX_LENGTH}`)
    }
    this.#budget.spend(steps)
    return result
  }
}

/** The names the library's own `Template` defines, with a `range` that has an end. */
function createGlobals(variables: Record<string, unknown>, budget: Budget): Environment {
  const globals: Record<string, unknown> = {
    true: true,
    True: true,
    false: false,
    False: false,
    none: null,
    None: null,
    raise_exception: (message: unknown) => {
      throw new Error(String(message))
    },
    range: (first: number, last?: number, step = 1) => {
      const [start, stop] = last === undefined ? [0, first] : [first, last]
      const length = Math.max(0, Math.ceil((stop - start) / step))
      budget.spend(length)
      return Array.from({ length }, (_, i) => start + i * step)
    },
    strftime_now: (format: unknown) => formatDate(new Date(), String(format)),
    ...variables,
  }
  const environment = new Environment()
  for (const [name, value] of Object.entries(globals)) environment.set(name, value)
  return environment
}

/** Python's strftime as far as chat templates use it, in English as there. */
function formatDate(date: Date, format: string): string {
  const month = MONTHS[date.getMonth()] ?? ''
  const twoDigits = (value: number) => String(value).padStart(2, '0')
  const fields: Record<string, string> = {
    '%Y': String(date.getFullYear()),
    '%m': twoDigits(date.getMonth() + 1),
    '%d': twoDigits(date.getDate()),
    '%B': month,
    '%b': month.slice(0, 3),
    '%H': twoDigits(date.getHours()),
    '%M': twoDigits(date.getMinutes()),
    '%S': twoDigits(date.getSeconds()),
    '%%': '%',
  }
  return format.replace(/%./g, (field) => fields[field] ?? field)
}

function attempt<Result>(run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    if (error instanceof EngineError) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw bad(
      message
        .replace(/\s+/g, ' ')
        .replace(/[ .]+$/, '')
        .slice(0, 200),
    )
  }
}

function bad(reason: string): EngineError {
  return new EngineError({ code: 'bad-chat-template', reason })
}
