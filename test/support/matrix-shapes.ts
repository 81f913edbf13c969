import { type GemvSchedule, subgroupLanes } from '../../kernels/gemv-schedule.ts'
import { type MatrixFormat, type MatrixShape } from '../../kernels/matrix.ts'

/** Shapes that a product with one vector is held to: all ones, nothing divides anything, and the shipped model's. */
export const GEMV_SHAPES: readonly MatrixShape[] = [
  { rows: 1, cols: 1, format: 'f32' },
  { rows: 129, cols: 51, format: 'f32' },
  { rows: 1, cols: 2, format: 'f16' },
  { rows: 131, cols: 54, format: 'f16' },
  { rows: 1, cols: 32, format: 'q8' },
  { rows: 131, cols: 96, format: 'q8' }, // neither the padding nor the workgroup divides the rows
  { rows: 768, cols: 192, format: 'q8' }, // the MLP of the shipped model
  { rows: 256, cols: 1024, format: 'q8' },
  { rows: 1, cols: 32, format: 'q4' },
  { rows: 131, cols: 96, format: 'q4' },
  { rows: 256, cols: 1024, format: 'q4' },
]

/**
 * Every schedule that this device can run, whether it pays here or not. gemv tries them with all formats; what differs in
 * its siblings is the end of the shader, so they try those that split a row with q8 alone: compiling is most of the test.
 */
export function runnableSchedules(device: GPUDevice, format: MatrixFormat = 'q8'): readonly GemvSchedule[] {
  if (format !== 'q8') return ['whole']
  return subgroupLanes(device) === null ? ['whole', 'workgroup'] : ['whole', 'workgroup', 'subgroup']
}
