import { type AttentionShape, WINDOW_ALL } from '../../kernels/attention-shape.ts'
import { type AttentionState, hybridAttendReference } from '../../kernels/hybrid-attend.ref.ts'
import { frequenciesOf, type Layer, shapeOf } from './attention.ts'
import { expectClose } from './numerics.ts'

/** The shape of the built-in model. */
export const POCKET = shapeOf(4, 4, 64, 64)
/** Nothing divides the workgroup; rows are odd, gates padded. */
export const ODD = shapeOf(9, 3, 60, 17)
export const COUNTED = shapeOf(8, 2, 64, 32, false)
export const WIDE_GROUP = shapeOf(7, 1, 128, 16)
export const NO_SLOTS = shapeOf(4, 2, 64, 0)
/** Slots as a model without trained gates reads them, at the window's edge and as means with their count. */
export const UNTRAINED = { ...ODD, edgeSlots: true, meanSlots: true, countSlots: true }
export const SHAPES = [shapeOf(1, 1, 4, 1), POCKET, ODD, COUNTED, WIDE_GROUP, NO_SLOTS, UNTRAINED]
export const WINDOWS = [0, 1, 32, 64, 257, WINDOW_ALL]

// f32 sums behind one exp, over up to 385 entries: measured at most 6.6e-7 on SwiftShader.
export const MAX_RMS = 3e-6
// Elsewhere in a text slots are rounded by other numbers: measured 6.3e-8 for three and eleven tokens.
export const MAX_PLACE_RMS = 5e-7

/** What a kernel made of the rows: for each what it attends to, and the slots after them. */
interface Attended {
  readonly output: Float32Array
  readonly keySlots: Float32Array
  readonly valueSlots: Float32Array
}

/** It is what the f64 reference makes of them. */
export function expectAttended(
  actual: Attended,
  shape: AttentionShape,
  layer: Layer,
  projections: Float64Array,
  state: AttentionState,
): void {
  const tokens = projections.length / shape.rowSize
  const expected = hybridAttendReference(shape, layer, frequenciesOf(shape), state, projections, tokens)
  const label = `window ${layer.window} at ${state.position}`
  expectClose(`output, ${label}`, actual.output, expected.output, MAX_RMS)
  if (shape.slots === 0) return
  expectClose(`keySlots, ${label}`, actual.keySlots, expected.state.slots.keySlots, MAX_RMS)
  expectClose(`valueSlots, ${label}`, actual.valueSlots, expected.state.slots.valueSlots, MAX_RMS)
}
