import type { AppConfig, ModelRecord } from '@mlc-ai/web-llm'
import type { WebllmModel } from './border.ts'
import type { WebllmFailure } from './words.ts'

/** What WebLLM needs of the GPU; `null` where there is none. */
export type WebllmGpu = {
  readonly features: ReadonlySet<string>
  readonly limits: Readonly<Record<NeededLimit, number>>
} | null

type NeededLimit =
  | 'maxBufferSize'
  | 'maxStorageBufferBindingSize'
  | 'maxComputeWorkgroupStorageSize'
  | 'maxStorageBuffersPerShaderStage'

/** The least that WebLLM asks a device for, before it looks at the model. */
const NEEDED: readonly (readonly [NeededLimit, number])[] = [
  ['maxBufferSize', 1 << 28],
  ['maxStorageBufferBindingSize', 1 << 27],
  ['maxComputeWorkgroupStorageSize', 32 << 10],
  ['maxStorageBuffersPerShaderStage', 10],
]

/** The models of its list that answer in text from one folder of files. */
export function chatRecords({ model_list: records }: Pick<AppConfig, 'model_list'>): ModelRecord[] {
  return records.filter((record) => !record.model_type && record.model_manifest === undefined)
}

/** With what the GPU lacks for each, so that nothing is fetched in vain. */
export function modelsFor(records: readonly ModelRecord[], gpu: WebllmGpu): WebllmModel[] {
  return records.map((record) => ({
    id: record.model_id,
    megabytes: Math.round(record.vram_required_MB ?? 0),
    problem: problemOf(record, gpu),
  }))
}

function problemOf(record: ModelRecord, gpu: WebllmGpu): WebllmFailure | null {
  if (!gpu) return { reason: 'no-webgpu' }
  const feature = record.required_features?.find((each) => !gpu.features.has(each))
  if (feature === 'shader-f16') return { reason: 'no-f16' }
  if (feature !== undefined) return { reason: 'no-feature', feature }
  const own = [['maxStorageBufferBindingSize', record.buffer_size_required_bytes ?? 0]] as const
  const short = [...NEEDED, ...own].find(([limit, least]) => gpu.limits[limit] < least)
  if (!short) return null
  const [limit, wanted] = short
  return { reason: 'limit', limit, found: gpu.limits[limit], wanted }
}

/**
 * The same model with its files at our own origin: the page may ask nobody else, and the shell fetches from its list.
 *
 * @param base ends in `/`
 */
export function atOwnOrigin(record: ModelRecord, base: string): ModelRecord {
  const model = new URL(`${nameIn(record.model)}/resolve/main/`, base).href
  return { ...record, model, model_lib: new URL(nameIn(record.model_lib), model).href }
}

function nameIn(address: string): string {
  return address.replace(/\/$/, '').split('/').at(-1) ?? ''
}
