import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseConfig } from '../../engine/model/config.ts'
import { raceGemv } from '../../kernels/gemv-race.ts'
import { type GemvSchedule, subgroupLanes } from '../../kernels/gemv-schedule.ts'
import { matrixBytes, type MatrixFormat, type MatrixShape } from '../../kernels/matrix.ts'
import { adapterName } from './contestant.ts'

/** One product by itself. */
export interface KernelRow {
  readonly engine: string
  readonly backend: string
  readonly kernel: string
  readonly rows: number
  readonly cols: number
  /** vectors that are multiplied at once */
  readonly tokens: number
  readonly format: MatrixFormat
  /** the fastest; null where it was wrong, or could not run */
  readonly milliseconds: number | null
  /** of the matrix's bytes */
  readonly gigabytesPerSecond: number | null
  readonly note: string
}

/** The products of a layer of the model in `folder`, stored as `format`. */
export async function layerProducts(folder: string, format: MatrixFormat): Promise<MatrixShape[]> {
  const text = await readFile(join(folder, 'config.json'), 'utf8')
  const { hiddenSize, mlpSize } = parseConfig(JSON.parse(text))
  return [
    { rows: 2 * mlpSize, cols: hiddenSize, format },
    { rows: hiddenSize, cols: mlpSize, format },
  ]
}

/** Each product of decode with each schedule that this adapter can run, in turn, whether it would choose it or not. */
export async function timeSchedules(gpu: GPU, shapes: readonly MatrixShape[]): Promise<KernelRow[]> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) return []
  const requiredFeatures = (['subgroups'] as const).filter((name) => adapter.features.has(name))
  const device = await adapter.requestDevice({ label: 'kernels', requiredFeatures })
  const splitting: readonly GemvSchedule[] =
    subgroupLanes(device) === null ? ['workgroup'] : ['workgroup', 'subgroup']
  const backend = `WebGPU: ${adapterName(adapter.info)}, Node`
  const rows: KernelRow[] = []
  for (const shape of shapes) {
    for (const { schedule, milliseconds } of await raceGemv(device, shape, ['whole', ...splitting])) {
      rows.push(
        kernelRow(
          { engine: 'plateau', backend, kernel: `gemv, ${schedule}`, tokens: 1 },
          shape,
          milliseconds,
        ),
      )
    }
  }
  device.destroy()
  return rows
}

export function kernelRow(
  who: Pick<KernelRow, 'engine' | 'backend' | 'kernel' | 'tokens'>,
  shape: MatrixShape,
  milliseconds: number | null,
  note = '',
): KernelRow {
  const { weightBytes, scaleBytes } = matrixBytes(shape)
  const rate = milliseconds === null ? null : (weightBytes + scaleBytes) / milliseconds / 1e6
  return {
    ...who,
    ...shape,
    milliseconds: milliseconds === null ? null : Number(milliseconds.toPrecision(4)),
    gigabytesPerSecond: rate === null ? null : Number(rate.toPrecision(3)),
    note: milliseconds === null && note === '' ? 'its sums were not those of the others' : note,
  }
}
