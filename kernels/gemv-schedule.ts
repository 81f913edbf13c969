import split from './gemv-split.wgsl?raw'
import subgroup from './gemv-subgroup.wgsl?raw'
import whole from './gemv-whole.wgsl?raw'
import workgroup from './gemv-workgroup.wgsl?raw'
import { checkWorkgroups, KernelShapeError, runsOnCpu } from './kernel.ts'
import { matrixSource } from './matrix-source.ts'
import { type MatrixShape } from './matrix.ts'

/**
 * Who multiplies eight rows of a matrix by a vector, in decode. whole: one invocation. subgroup: a workgroup that is one
 * subgroup. workgroup: 64 invocations that meet in their workgroup's memory. The same sums in another order.
 */
export type GemvSchedule = 'whole' | 'subgroup' | 'workgroup'

/** `total` before what it is added to: directives come first in WGSL. */
const SOURCES: Readonly<Record<GemvSchedule, string>> = {
  whole,
  subgroup: `${subgroup}\n${split}`,
  workgroup: `${workgroup}\n${split}`,
}

/** Rows of a unit: as many as share one sum of squares. */
export const UNIT_ROWS = 8
const WORKGROUP_LANES = 64

/**
 * The schedules that can be the best on this device, the likeliest first. On a GPU made of CPU threads it is always the
 * first: there a barrier costs a fiber per invocation, and neighbouring reads gain nothing.
 */
export function gemvSchedules(device: GPUDevice): readonly GemvSchedule[] {
  if (runsOnCpu(device)) return ['whole']
  return subgroupLanes(device) === null ? ['workgroup', 'whole'] : ['subgroup', 'workgroup', 'whole']
}

/** Invocations of a subgroup, where it has only one size here and may be used. */
export function subgroupLanes(device: GPUDevice): number | null {
  if (!device.features.has('subgroups')) return null
  const { subgroupMinSize, subgroupMaxSize } = device.adapterInfo
  return subgroupMinSize === subgroupMaxSize ? subgroupMinSize : null
}

/** The parts of a gemv pipeline that its schedule decides. */
export interface GemvPlan {
  /** WGSL to prepend: the schedule and the matrix's format */
  readonly source: string
  readonly constants: Readonly<Record<string, number>>
  readonly workgroups: number
}

/** @throws {KernelShapeError} more workgroups than the device runs, or no subgroups of one size */
export function planGemv(
  device: GPUDevice,
  label: string,
  { rows, format }: MatrixShape,
  schedule: GemvSchedule,
): GemvPlan {
  const units = Math.ceil(rows / UNIT_ROWS)
  const { lanes, workgroupSize } = sizesOf(device, label, schedule)
  const workgroups = Math.ceil((units * lanes) / workgroupSize)
  checkWorkgroups(device, label, 'rows', workgroups)
  return {
    source: `${SOURCES[schedule]}\n${matrixSource(format)}`,
    constants: { lanes, workgroupSize },
    workgroups,
  }
}

function sizesOf(
  device: GPUDevice,
  label: string,
  schedule: GemvSchedule,
): { lanes: number; workgroupSize: number } {
  // A warp where there are warps, else so few that 192 rows keep two cores busy.
  if (schedule === 'whole') return { lanes: 1, workgroupSize: runsOnCpu(device) ? 4 : 32 }
  const lanes = schedule === 'workgroup' ? WORKGROUP_LANES : subgroupLanes(device)
  if (lanes === null) throw new KernelShapeError(label, 'the device has no subgroups of one size')
  return { lanes, workgroupSize: lanes }
}
