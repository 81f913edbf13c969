import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { decodeFit, encodeFit, type FitState } from '../../engine/hybridize/fit-state.ts'

/** What was learned so far, beside the folder that it becomes. */
export class FitFile {
  readonly #path: string
  readonly #plan: unknown

  constructor(path: string, plan: unknown) {
    this.#path = path
    this.#plan = plan
  }

  /** `null` where there is none, or of another plan. */
  async load(): Promise<FitState | null> {
    const bytes = await readFile(this.#path).catch(() => null)
    return bytes && decodeFit(new Uint8Array(bytes), this.#plan)
  }

  async save(state: FitState): Promise<void> {
    await writeFile(`${this.#path}.part`, encodeFit(state, this.#plan))
    await rename(`${this.#path}.part`, this.#path)
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true })
  }
}
