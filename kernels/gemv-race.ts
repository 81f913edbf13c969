import { type GemvSchedule } from './gemv-schedule.ts'
import { createGemv, squaresBytes } from './gemv.ts'
import { type Dispatch } from './kernel.ts'
import { matrixBytes, type MatrixShape } from './matrix.ts'

/** What one product took with a schedule, the fastest of its rounds; null where its sums were wrong. */
export interface GemvTime {
  readonly schedule: GemvSchedule
  readonly milliseconds: number | null
}

const ROUNDS = 3
/** A round lasts about this long, so that the clock's steps and the way to the GPU do not count. */
const ROUND_MILLISECONDS = 4
const MOST_PRODUCTS = 256
/** Relative RMS between the sums of two schedules: 1e-7 is rounding, an invocation that is missing 0.1. */
const SAME_RMS = 1e-4
/** Two f16 of 2^-6: sums stay far from the ends of f32. */
const SCALES = 0x2400_2400

/**
 * Multiply a matrix of this shape by a vector with each schedule, in turn, and compare the sums with those of the first
 * one: who is quick by being wrong is out. A few milliseconds for each, and what compiling takes.
 *
 * @throws {KernelShapeError} as `createGemv`; {Error} there is no room for it; and whatever a lost device throws
 */
export async function raceGemv(
  device: GPUDevice,
  shape: MatrixShape,
  schedules: readonly GemvSchedule[],
): Promise<GemvTime[]> {
  const track = await layTrack(device, shape)
  try {
    const options = { epsilon: 0, bias: false }
    const kernels = await Promise.all(
      schedules.map((schedule) => createGemv(device, shape, { ...options, schedule })),
    )
    const matrix = { shape, weight: track.weight, scales: hasScales(shape) ? track.scales : null }
    const runners = kernels.map((kernel) => {
      const dispatch = kernel.bind({ ...track, matrix, bias: null })
      return { dispatch, products: 1, best: Infinity }
    })
    let believed: Float32Array | null = null
    for (const runner of runners) {
      await timeProducts(device, runner.dispatch, 1)
      const sums = await readSums(device, track)
      believed ??= sums
      if (!isSame(sums, believed)) runner.products = 0
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const runner of runners.filter(({ products }) => products > 0)) {
        const milliseconds = await timeProducts(device, runner.dispatch, runner.products)
        const each = milliseconds / runner.products
        runner.best = Math.min(runner.best, each)
        runner.products = Math.max(1, Math.min(MOST_PRODUCTS, Math.ceil(ROUND_MILLISECONDS / each)))
      }
    }
    return runners.flatMap(({ best }, i) => {
      const schedule = schedules[i]
      return schedule ? [{ schedule, milliseconds: best === Infinity ? null : best }] : []
    })
  } finally {
    remove(track)
  }
}

type Track = ReturnType<typeof makeTrack>

/** @throws {Error} there is no room for it */
async function layTrack(device: GPUDevice, shape: MatrixShape): Promise<Track> {
  device.pushErrorScope('out-of-memory')
  let track: Track
  let refused: GPUError | null = null
  try {
    track = makeTrack(device, shape)
  } finally {
    refused = await device.popErrorScope()
  }
  if (!refused) return track
  remove(track)
  throw new Error(`gemv_race: ${refused.message}`)
}

function remove(track: Track): void {
  for (const buffer of Object.values(track)) buffer.destroy()
}

/** A matrix of this shape and what a product with it needs. */
function makeTrack(device: GPUDevice, shape: MatrixShape) {
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage
  const filled = (bytes: number, word: (i: number) => number): GPUBuffer => {
    const size = 16 * Math.max(1, Math.ceil(bytes / 16))
    const buffer = device.createBuffer({ label: 'gemv_race', size, usage: STORAGE, mappedAtCreation: true })
    new Uint32Array(buffer.getMappedRange()).forEach((_, i, words) => (words[i] = word(i)))
    buffer.unmap()
    return buffer
  }
  const { weightBytes, scaleBytes } = matrixBytes(shape)
  const size = 4 * shape.rows
  // Any bits are weights where they are integers.
  const constant = shape.format === 'f16' ? SCALES : bitsOf(2 ** -6)
  return {
    weight: filled(weightBytes, hasScales(shape) ? (i) => Math.imul(i + 1, 0x9e3779b1) : () => constant),
    scales: filled(scaleBytes, () => SCALES),
    weighted: filled(4 * shape.cols, (i) => bitsOf(((i * 37) % 101) - 50)),
    squares: filled(squaresBytes(shape.cols), () => bitsOf(8)),
    output: device.createBuffer({ label: 'gemv_race', size, usage: STORAGE | COPY_SRC }),
    staging: device.createBuffer({ label: 'gemv_race', size, usage: MAP_READ | COPY_DST }),
  }
}

function hasScales({ format }: MatrixShape): boolean {
  return format === 'q8' || format === 'q4'
}

function bitsOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0
}

async function timeProducts(device: GPUDevice, dispatch: Dispatch, products: number): Promise<number> {
  const encoder = device.createCommandEncoder({ label: 'gemv_race' })
  const pass = encoder.beginComputePass({ label: 'gemv_race' })
  for (let i = 0; i < products; i++) dispatch.encode(pass, 1)
  pass.end()
  const commands = encoder.finish()
  const start = performance.now()
  device.queue.submit([commands])
  await device.queue.onSubmittedWorkDone()
  return performance.now() - start
}

async function readSums(device: GPUDevice, { output, staging }: Track): Promise<Float32Array> {
  const encoder = device.createCommandEncoder({ label: 'gemv_race' })
  encoder.copyBufferToBuffer(output, 0, staging, 0, output.size)
  device.queue.submit([encoder.finish()])
  await staging.mapAsync(GPUMapMode.READ)
  const sums = new Float32Array(staging.getMappedRange().slice(0))
  staging.unmap()
  return sums
}

function isSame(sums: Float32Array, believed: Float32Array): boolean {
  let squared = 0
  let base = 0
  for (const [i, value] of believed.entries()) {
    squared += ((sums[i] ?? NaN) - value) ** 2
    base += value ** 2
  }
  return squared <= SAME_RMS ** 2 * base
}
