import { EngineError } from '../errors.ts'

/** The fields of a config, each only as what it has to be. */
export class ConfigFields {
  readonly #fields: ReadonlyMap<string, unknown>
  readonly #file: string

  /** @throws {EngineError} `bad-file`: not an object */
  constructor(json: unknown, file: string) {
    this.#file = file
    if (typeof json !== 'object' || json === null || Array.isArray(json))
      throw this.bad('it is not a JSON object')
    this.#fields = new Map<string, unknown>(Object.entries(json))
  }

  /** `undefined` where it is not there, or null. */
  get(name: string): unknown {
    return this.#fields.get(name) ?? undefined
  }

  /** The fields of an object inside this one; `null` where it is not there. */
  inside(name: string): ConfigFields | null {
    const value = this.get(name)
    return value === undefined ? null : new ConfigFields(value, this.#file)
  }

  /** @throws {EngineError} `bad-file` */
  number(name: string, fallback?: number): number {
    const value = this.get(name) ?? fallback
    if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
      throw this.bad(`${name} should be a positive number and is ${JSON.stringify(value)}`)
    }
    return value
  }

  /** @throws {EngineError} `bad-file` */
  size(name: string, limit: number, fallback?: number): number {
    const value = this.number(name, fallback)
    if (!Number.isInteger(value) || value > limit) {
      throw this.bad(`${name} should be a whole number up to ${limit} and is ${value}`)
    }
    return value
  }

  bad(reason: string): EngineError {
    return new EngineError({ code: 'bad-file', file: this.#file, reason })
  }

  unsupported(reason: string): EngineError {
    return new EngineError({ code: 'unsupported-file', file: this.#file, reason })
  }
}
