import { type AttentionShape, checkAttentionShape } from './attention-shape.ts'
import headNormNone from './head-norm-none.wgsl?raw'
import headNormWithin from './head-norm-within.wgsl?raw'
import laneCode from './hybrid-attend-lane.wgsl?raw'
import lanesCode from './hybrid-attend-lanes.wgsl?raw'
import mergeCode from './hybrid-attend-merge.wgsl?raw'
import gate from './slot-gate.wgsl?raw'
import mean from './slot-mean.wgsl?raw'
import scoresCode from './hybrid-attend-scores.wgsl?raw'
import valuesCode from './hybrid-attend-values.wgsl?raw'
import windowHalf from './window-half.wgsl?raw'
import { bindGroup, compile, type Kernel, KernelShapeError, runsOnCpu } from './kernel.ts'
import { checkEpsilon } from './rms-norm.ts'

export interface HybridAttendBuffers {
  /** uniform { position, tokens } */
  readonly step: GPUBuffer
  /** uniform { window, slotsOn, sinks } */
  readonly layer: GPUBuffer
  /** f32 `[q | k | v | z]`, in */
  readonly projections: GPUBuffer
  /** f16 `[S + capacity, H, D]`, without RoPE, in and out; its size gives the capacity */
  readonly windowKeys: GPUBuffer
  /** f16 `[S + capacity, H, D]`, in and out */
  readonly windowValues: GPUBuffer
  /** f16 `[S + capacity, H, M padded to even]`, natural log, in and out; any buffer when slots are off */
  readonly windowGates: GPUBuffer
  /** f32 `[H, D, M]`, mass and count behind it with `meanSlots`; updated in place; any buffer of 16 bytes or more when M = 0 */
  readonly keySlots: GPUBuffer
  /** f32 `[H, M, D]`, updated in place; any buffer of 16 bytes or more when M = 0 */
  readonly valueSlots: GPUBuffer
  /** f32 `[rows, D/2, 2]` from `createRopeTable`, in; rows at least min(W, capacity) + S, with `edgeSlots` one more */
  readonly ropeTable: GPUBuffer
  /** scratch of at least `attendScratchBytes(shape, S + capacity).scores`; layers may share it */
  readonly scores: GPUBuffer
  /** scratch of at least `attendScratchBytes(shape, S + capacity).partials`; layers may share it */
  readonly partials: GPUBuffer
  /** f32 `[D]`, bound as a uniform: the weights of the norms of q and k; null exactly where they have none */
  readonly queryNorm: GPUBuffer | null
  /** likewise */
  readonly keyNorm: GPUBuffer | null
  /** f32 `[Q, D]`, out */
  readonly output: GPUBuffer
}

const WORKGROUP_SIZE = 64
/** Columns of 4 dimensions in a workgroup of hybrid_attend_values, at most. */
const COLUMNS = 16
/** On a GPU so many lanes share a column's entries, and few columns make many workgroups: 32 bytes of a row each. */
const LANES = 32
const SHARED_COLUMNS = 4
/** More than the slots and the window of any preset, so that theirs need no merging. */
const SPLIT_SIZE = 8192

type ScratchShape = Pick<AttentionShape, 'queryHeads' | 'kvHeads' | 'headDim' | 'slots'>

/** The most columns that a workgroup can have so that all its invocations have one. */
function workgroupColumns(columns: number, lanes: number): number {
  let most = Math.min(columns, lanes > 1 ? SHARED_COLUMNS : COLUMNS)
  while (columns % most !== 0) most--
  return most
}

/** Bytes of the two scratch buffers for a ring of so many rows. */
export function attendScratchBytes(shape: ScratchShape, rows: number): { scores: number; partials: number } {
  const { queryHeads, kvHeads, headDim, slots } = shape
  const { row, splits } = scratchShape(shape, rows)
  const shares = kvHeads * Math.ceil(slots / 4) * 4
  return { scores: (queryHeads * row + shares) * 4, partials: splits * queryHeads * (headDim + 2) * 4 }
}

function scratchShape({ slots }: ScratchShape, rows: number): { row: number; splits: number } {
  const row = Math.ceil(slots / 4) * 4 + Math.ceil(rows / 4) * 4
  return { row, splits: Math.ceil(row / SPLIT_SIZE) }
}

/**
 * One decode step of a layer's attention: fold the leaving token into the slots, attend to slots and window with one
 * softmax, by distance only, and put the new token into the ring.
 *
 *     keySlots[m] += s[m] · (k_j − keySlots[m])      valueSlots[m] += s[m] · (v_j − valueSlots[m])      j = t − W ≥ S
 *     scores = D^−½ · [ q·keySlots[m] | q·R(j − t)·k_j for max(0, t−W+1) <= j <= t ]
 *     output = softmax(scores) · [ valueSlots | values ]
 *
 * R is RoPE, rotate-half, applied to the stored key at read time from the table. The first S tokens are sinks: they stay
 * when they leave the window, at its edge: token j < S is scored at distance min(t, W + S − 1) − j. Slots are read when
 * `slotsOn`, M > 0, W is not WINDOW_ALL and, with `maskEmptySlots`, t >= W + S. A token that sees nothing gets 0. Two
 * dispatches: scores and values; where slots and ring hold more than 8,192 entries the values are split and a third one
 * merges them. A step of 0 tokens leaves slots, ring and output as they are. On a GPU `lanes` invocations share a column's
 * entries; one made of CPU threads has one for all of them.
 *
 * Other reads, for slots that no training has met (measured in DECISIONS.md). `edgeSlots`: a slot scores as if it stood at
 * distance W + S, so keys are folded as R(−(W + S))·k_j. `meanSlots`: a slot is divided by its mass, c[m] ← α[m]·c[m] + s[m]: it
 * takes s[m] / c[m] instead of s[m]. `countSlots`: log(n[m] / M) is added to its score, n[m] ← α[m]·n[m] + 1.
 *
 * With `headNorm` the projections are those before `head_norm`: every reader of a query divides its products by the query's
 * root mean square, and a key is normed where it enters the ring. The weights are uniforms, since a stage has eight storage
 * buffers at most.
 *
 * s = 1 − exp(logGate): the same update as α·K̃ + s·k, with one rounding less; a gate that keeps everything leaves the
 * slots bit-identical. Slots are rounded up or down at random, by a hash of j, so that what is less than their last bit is
 * not lost. The new token's key, value and log gate are rounded to f16 as `window_write` does it.
 *
 * Traffic: `H·(W·2·D f16 + 2·M·D f32)` read and the slots written once; about `4·Q·(W + M)·D` flops.
 * Oracle: `hybrid-attend.ref.ts`. Source: NHA, arXiv 2510.07019, the slot update and the joint softmax.
 *
 * @throws {KernelShapeError} the attention shape is one that the kernels do not support, a scratch is too small, or epsilon
 *   is negative; from `bind`: the norms' weights are missing or not wanted
 */
export async function createHybridAttend(
  device: GPUDevice,
  shape: AttentionShape,
  headNorm: { readonly epsilon: number } | null = null,
  lanes = runsOnCpu(device) ? 1 : LANES,
): Promise<Kernel<HybridAttendBuffers>> {
  const label = 'hybrid_attend'
  checkAttentionShape(label, shape)
  if (headNorm) checkEpsilon(label, headNorm.epsilon)
  const { queryHeads, kvHeads, headDim, slots } = shape
  const groupSize = queryHeads / kvHeads
  const { gateNormalizer } = shape
  const maskEmptySlots = shape.maskEmptySlots ? 1 : 0
  const sizes = {
    kvHeads,
    groupSize,
    headDim,
    slots,
    gateNormalizer,
    maskEmptySlots,
    ...(headNorm && { epsilon: headNorm.epsilon }),
  }
  const read = {
    edgeSlots: shape.edgeSlots ? 1 : 0,
    meanSlots: shape.meanSlots ? 1 : 0,
    countSlots: shape.countSlots ? 1 : 0,
  }
  const inWorkgroup = workgroupColumns(headDim / 4, lanes)
  const norm = headNorm ? `const headVectors = ${headDim / 4};\n${headNormWithin}` : headNormNone
  const shared = `${norm}\n${gate}\n${windowHalf}\n`
  const [scoring, weighing, merging] = await Promise.all([
    compile(device, {
      label: `${label}_scores`,
      code: `${mean}\n${shared}${scoresCode}`,
      constants: { ...sizes, ...read, workgroupSize: WORKGROUP_SIZE },
    }),
    compile(device, {
      label: `${label}_values`,
      code: `${shared}${lanes > 1 ? lanesCode : laneCode}\n${valuesCode}`,
      constants: {
        ...sizes,
        ...(lanes > 1 && { lanes }),
        splitSize: SPLIT_SIZE,
        workgroupColumns: inWorkgroup,
      },
    }),
    compile(device, {
      label: `${label}_merge`,
      code: mergeCode,
      constants: { queryHeads, headDim, workgroupSize: WORKGROUP_SIZE },
    }),
  ])
  return {
    label,
    bind(buffers) {
      const { step, layer, projections, windowKeys, windowValues, windowGates, keySlots, valueSlots } =
        buffers
      const rows = windowKeys.size / (kvHeads * headDim * 2)
      const { row, splits } = scratchShape(shape, rows)
      const bytes = attendScratchBytes(shape, rows)
      for (const name of ['scores', 'partials'] as const) {
        if (buffers[name].size < bytes[name]) {
          throw new KernelShapeError(label, `${name} needs ${bytes[name]} bytes, got ${buffers[name].size}`)
        }
      }
      for (const name of ['queryNorm', 'keyNorm'] as const) {
        if ((buffers[name] !== null) !== (headNorm !== null)) {
          throw new KernelShapeError(label, `${name} is ${headNorm ? 'missing' : 'not wanted'}`)
        }
      }
      const scores = { buffer: buffers.scores, size: bytes.scores }
      const partials = { buffer: buffers.partials, size: bytes.partials }
      const scoresGroup = bindGroup(device, scoring, `${label}_scores`, [
        ...[step, layer, projections, windowKeys, windowGates, keySlots, buffers.ropeTable],
        scores,
        ...[projections, null, buffers.queryNorm, buffers.keyNorm],
      ])
      const valuesGroup = bindGroup(device, weighing, `${label}_values`, [
        ...[step, layer],
        scores,
        ...[projections, valueSlots, windowKeys, windowValues, windowGates],
        partials,
        ...[buffers.output, null, buffers.keyNorm],
      ])
      const mergeGroup = bindGroup(device, merging, `${label}_merge`, [partials, buffers.output])
      return {
        label,
        encode(pass) {
          pass.setPipeline(scoring)
          pass.setBindGroup(0, scoresGroup)
          pass.dispatchWorkgroups(Math.ceil(row / 2 / WORKGROUP_SIZE), kvHeads)
          pass.setPipeline(weighing)
          pass.setBindGroup(0, valuesGroup)
          pass.dispatchWorkgroups(headDim / 4 / inWorkgroup, kvHeads, splits)
          if (splits === 1) return
          pass.setPipeline(merging)
          pass.setBindGroup(0, mergeGroup)
          pass.dispatchWorkgroups(Math.ceil((queryHeads * headDim) / 2 / WORKGROUP_SIZE))
        },
      }
    },
  }
}
