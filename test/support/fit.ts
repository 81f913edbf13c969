import { expect } from 'vitest'
import { fitOf, type FitOptions } from '../../engine/model/fit.ts'
import type { Checkpoint } from '../../engine/model/checkpoint.ts'
import type { Model, Sequence } from '../../engine/model/sequence.ts'
import type { MatrixFormat } from '../../kernels/matrix.ts'

/** What may be missing from the number for fit. Measured 0: it is the same sums. */
const TOLERANCE = 0.01

/** The number for fit, computed from the config alone, is what the ledger says with this one conversation open. */
export function expectFit(
  model: Model,
  sequence: Sequence,
  quant: MatrixFormat | Checkpoint,
  options: FitOptions,
): void {
  const fit = fitOf(model.config, quant, options)
  const expected = { weights: model.weightBytes, state: sequence.stateBytes, scratch: model.scratchBytes }
  for (const part of ['weights', 'state', 'scratch'] as const) {
    const off = Math.abs(fit[part] - expected[part])
    expect(off, `${part}: ${fit[part]} of ${expected[part]}`).toBeLessThanOrEqual(TOLERANCE * expected[part])
  }
  expect(fit.total).toBe(fit.weights + fit.state + fit.scratch)
}
