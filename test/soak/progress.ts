import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seeded } from '../support/numerics.ts'

/** What soaks keep between two runs. */
export const KEPT = join(import.meta.dirname, '../output/soak')

/** The beginning of a hash, for names of what is kept. */
export function shortHash(of: string | Uint8Array): string {
  return createHash('sha256').update(of).digest('hex').slice(0, 8)
}

/** Of Pocket's weights: what was found with others does not count. */
export function pocketHash(): string {
  return shortHash(readFileSync(join(import.meta.dirname, '../../assets/pocket/model.safetensors')))
}

/**
 * What a soak has done so far, in a file below test/output, so that it goes on where it was ended. Delete the file to
 * begin anew.
 */
export class Progress<Kept> {
  readonly #path: string
  #kept: Record<string, Kept>

  constructor(name: string) {
    this.#path = join(KEPT, `${name}.json`)
    try {
      this.#kept = JSON.parse(readFileSync(this.#path, 'utf8')) as Record<string, Kept>
    } catch {
      this.#kept = {}
    }
  }

  get(part: string): Kept | undefined {
    return this.#kept[part]
  }

  set(part: string, kept: Kept): void {
    this.#kept = { ...this.#kept, [part]: kept }
    mkdirSync(KEPT, { recursive: true })
    writeFileSync(`${this.#path}.new`, JSON.stringify(this.#kept, null, 1))
    renameSync(`${this.#path}.new`, this.#path)
  }
}

/** What a row that counts has come to. */
export interface Counted {
  readonly done: number
  readonly wrong: readonly string[]
}

/** Of each row that is kept: `MINUTES=20 npm run soak` ends one after so long, and the next run goes on there. */
export const MINUTES = Number(process.env['MINUTES'] ?? Infinity)

/**
 * Do something until it has been done `goal` times, over as many runs as that takes. Each time has its own number, from
 * 0, and its own random source, so that any of them can be done again alone.
 *
 * @param each returns what went wrong, `null` for nothing
 */
export async function count(
  what: string,
  goal: number,
  each: (number: number, random: () => number) => Promise<string | null>,
): Promise<Counted> {
  // A file of its own: rows may be counted by several processes at once.
  const progress = new Progress<Counted>(what.replace(/[^a-z0-9]+/gi, '-'))
  const end = performance.now() + MINUTES * 60_000
  let counted = progress.get(what) ?? { done: 0, wrong: [] }
  while (counted.done < goal && performance.now() < end) {
    const number = counted.done
    const wrong = await each(number, seeded(Math.imul(number + 1, 0x9e3779b1)))
    const all = wrong === null ? counted.wrong : [...counted.wrong, `${number}: ${wrong}`]
    counted = { done: number + 1, wrong: all }
    progress.set(what, counted)
  }
  return counted
}
