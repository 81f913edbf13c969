import { EngineError } from '../errors.ts'
import type { Gguf } from './gguf.ts'
import type { GgufValue } from './gguf-cursor.ts'

/** The values of a GGUF file by key, each only as what it has to be. */
export class GgufMetadata {
  readonly file: string
  readonly #values: ReadonlyMap<string, GgufValue>

  constructor(file: string, { metadata }: Gguf) {
    this.file = file
    this.#values = metadata
  }

  /** @throws {EngineError} `bad-file` */
  text(key: string): string | null {
    const value = this.#values.get(key) ?? null
    if (value !== null && typeof value !== 'string') throw this.bad(`${key} is not a text`)
    return value
  }

  /** @throws {EngineError} `bad-file` */
  number(key: string): number | null {
    const value = this.#values.get(key) ?? null
    if (value !== null && typeof value !== 'number') throw this.bad(`${key} is not a number`)
    return value
  }

  /** @throws {EngineError} `bad-file` */
  boolean(key: string): boolean | null {
    const value = this.#values.get(key) ?? null
    if (value !== null && typeof value !== 'boolean') throw this.bad(`${key} is not true or false`)
    return value
  }

  /** @throws {EngineError} `bad-file` */
  texts(key: string): readonly string[] | null {
    const value = this.#values.get(key) ?? null
    if (value === null) return null
    if (!Array.isArray(value)) throw this.bad(`${key} is not a list of texts`)
    return value as readonly string[]
  }

  /** @throws {EngineError} `bad-file` */
  numbers(key: string): ArrayLike<number> | null {
    const value = this.#values.get(key) ?? null
    if (value === null) return null
    if (!ArrayBuffer.isView(value)) throw this.bad(`${key} is not a list of numbers`)
    return value
  }

  bad(reason: string): EngineError {
    return new EngineError({ code: 'bad-file', file: this.file, reason })
  }

  unsupported(reason: string): EngineError {
    return new EngineError({ code: 'unsupported-file', file: this.file, reason })
  }
}
