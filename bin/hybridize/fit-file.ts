import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import type { LayerCost } from '../../engine/hybridize/compare-forward.ts'
import { decodeFit, encodeFit, type FitState, planOfFit } from '../../engine/hybridize/fit-state.ts'
import { isRecord } from '../../engine/formats/json.ts'
import type { FitPhase, HybridizeJob } from './planned.ts'

/** What was learned so far, beside the folder that it becomes. */
export class FitFile {
  readonly path: string
  readonly #plan: unknown

  /** @param plan all that what is learned depends on */
  constructor(
    job: HybridizeJob,
    phase: FitPhase,
    plan: { readonly costs: readonly LayerCost[]; readonly steps: number },
  ) {
    this.path = `${job.out}.${phase}`
    this.#plan = { ...job, ...plan }
  }

  /** `null` where there is none, or of another plan. */
  async load(): Promise<FitState | null> {
    const bytes = await bytesOf(this.path)
    return bytes && decodeFit(bytes, this.#plan)
  }

  async save(state: FitState): Promise<void> {
    await writeFile(`${this.path}.part`, encodeFit(state, this.#plan))
    await rename(`${this.path}.part`, this.path)
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true })
  }
}

/** What the layers cost to narrow, as this job found out before it was stopped; `null` where it did not come so far. */
export async function keptCosts(job: HybridizeJob): Promise<readonly LayerCost[] | null> {
  const bytes = await bytesOf(`${job.out}.gates`)
  const plan = bytes && planOfFit(bytes)
  if (!isRecord(plan) || !Array.isArray(plan['costs'])) return null
  const isSame = Object.entries(job).every(
    ([field, value]) => JSON.stringify(plan[field]) === JSON.stringify(value),
  )
  return isSame ? (plan['costs'] as LayerCost[]) : null
}

async function bytesOf(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const bytes = await readFile(path).catch(() => null)
  return bytes && new Uint8Array(bytes)
}
