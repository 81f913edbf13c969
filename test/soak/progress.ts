import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, '../output/soak')

/**
 * What a soak has done so far, in a file below test/output, so that it goes on where it was ended. Delete the file to
 * begin anew.
 */
export class Progress<Kept> {
  readonly #path: string
  #kept: Record<string, Kept>

  constructor(name: string) {
    this.#path = join(FOLDER, `${name}.json`)
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
    mkdirSync(FOLDER, { recursive: true })
    writeFileSync(`${this.#path}.new`, JSON.stringify(this.#kept, null, 1))
    renameSync(`${this.#path}.new`, this.#path)
  }
}
