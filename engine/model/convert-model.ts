import { type MatrixFormat, SCALE_COLS } from '../../kernels/matrix.ts'
import { EngineError } from '../errors.ts'
import type { ModelFolder } from '../model-folder.ts'
import { createTokenizer } from '../text/tokenizer.ts'
import { Checkpoint, type MatrixPlan } from './checkpoint.ts'
import { parseConfig } from './config.ts'
import { planWeights } from './weight-plans.ts'

/** A model as it will be written: settings ready, weights converted one tensor at a time while they are taken. */
export interface ConvertedModel {
  /** by file name: config.json and its kin */
  readonly settings: ReadonlyMap<string, unknown>
  readonly tensors: number
  readonly weightBytes: number
  /** model.safetensors from first byte to last, `weightBytes` in all */
  weights(): AsyncGenerator<Uint8Array<ArrayBuffer>>
}

interface Entry {
  readonly name: string
  readonly dtype: 'F32' | 'F16' | 'I8' | 'U8'
  readonly shape: readonly number[]
  readonly byteLength: number
}

/** A tensor of the source, and the one or two that it becomes. */
interface Step {
  readonly entries: readonly Entry[]
  load(): Promise<readonly Uint8Array<ArrayBuffer>[]>
}

const DTYPES = { f32: 'F32', f16: 'F16', q8: 'I8', q4: 'U8' } as const

/**
 * A model of any source in our own form: safetensors whose matrices are f16, or int8 or 4 bits in groups of 32 with
 * `…_scale` beside them, and whose vectors are f32.
 *
 * @throws {EngineError} what loading the model would be refused with
 */
export function convertModel(folder: ModelFolder, format: MatrixFormat): ConvertedModel {
  const config = parseConfig(folder.config, folder.configFile)
  const checkpoint = new Checkpoint(folder.tensors, format)
  planWeights(config, checkpoint)
  createTokenizer(folder)

  const passedOver = new Set(checkpoint.unused)
  const steps: Step[] = []
  for (const [name, { type, shape }] of folder.tensors) {
    if (passedOver.has(name) || name.endsWith('.weight_scale')) continue
    const [rows = 0, cols] = shape
    if (cols === undefined) steps.push(vectorStep(name, rows, checkpoint))
    else steps.push(matrixStep(name, checkpoint.matrix(name, rows, type === 'U8' ? 2 * cols : cols)))
  }
  const header = writeHeader(steps.flatMap(({ entries }) => entries))
  const dataBytes = sum(steps.flatMap(({ entries }) => entries.map(({ byteLength }) => byteLength)))
  return {
    settings: new Map<string, unknown>([
      ['config.json', ownConfig(folder, format)],
      ['tokenizer.json', folder.tokenizer],
      ['tokenizer_config.json', folder.tokenizerConfig],
      ['generation_config.json', folder.generationConfig],
    ]),
    tensors: steps.length,
    weightBytes: header.length + dataBytes,
    async *weights() {
      yield header
      for (const step of steps) yield* await step.load()
    },
  }
}

function vectorStep(name: string, length: number, checkpoint: Checkpoint): Step {
  const plan = checkpoint.vector(name, length)
  return {
    entries: [{ name, dtype: 'F32', shape: [length], byteLength: 4 * length }],
    load: async () => [new Uint8Array((await plan.load()).buffer)],
  }
}

function matrixStep(name: string, plan: MatrixPlan): Step {
  const { rows, cols, format, bytes } = plan
  const entries: Entry[] = [
    {
      name,
      dtype: DTYPES[format],
      shape: [rows, format === 'q4' ? cols / 2 : cols],
      byteLength: bytes.values,
    },
  ]
  if (bytes.scales > 0) {
    const groups = [rows, cols / SCALE_COLS]
    const shape = format === 'q4' ? [...groups, 2] : groups
    entries.push({ name: `${name}_scale`, dtype: 'F16', shape, byteLength: bytes.scales })
  }
  return {
    entries,
    load: async () => {
      const { values, scales } = await plan.load()
      return scales ? [values, scales] : [values]
    },
  }
}

/** u64 length | JSON, padded with blanks so that the data begins at a multiple of 8. */
function writeHeader(entries: readonly Entry[]): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } }
  let end = 0
  for (const { name, dtype, shape, byteLength } of entries) {
    header[name] = { dtype, shape, data_offsets: [end, end + byteLength] }
    end += byteLength
  }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const length = Math.ceil(text.length / 8) * 8
  const bytes = new Uint8Array(8 + length).fill(0x20)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true)
  bytes.set(text, 8)
  return bytes
}

function ownConfig({ config, name }: ModelFolder, format: MatrixFormat): Record<string, unknown> {
  if (typeof config !== 'object' || config === null) {
    throw new EngineError({ code: 'internal', message: 'a config that was read is no object' })
  }
  const fields: Record<string, unknown> = { ...config }
  const isNamed = typeof fields['_name_or_path'] === 'string' && fields['_name_or_path'] !== ''
  // What the source said about its own quantisation, and its dtype, are no longer so.
  const old = ['quantization', 'quantization_config', 'torch_dtype', 'dtype']
  const kept = Object.fromEntries(Object.entries(fields).filter(([field]) => !old.includes(field)))
  return {
    ...kept,
    ...(isNamed ? {} : { _name_or_path: name }),
    torch_dtype: 'float16',
    ...(format === 'q8' || format === 'q4' ? { quantization: { format, group_size: SCALE_COLS } } : {}),
  }
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0)
}
