import { m } from '#messages'
import type { InstalledModel } from '../../electron/models/model-bridge.ts'
import { toFailure } from '../../engine/errors.ts'
import { type ModelConfig, parseConfig } from '../../engine/model/config.ts'
import { FAMILIES } from '../../engine/model/families.ts'
import { fitOf, type FitOptions } from '../../engine/model/fit.ts'
import type { MatrixFormat } from '../../kernels/matrix.ts'
import { sayFailure } from '../state/failure-words.ts'
import { formatBytes } from '../state/format.ts'
import type { CatalogueEntry } from '../state/model-catalogue.ts'
import { formatWords } from './words.ts'

/** The hub has most models as bf16. */
const BYTES_PER_PARAMETER = 2

/** How matrices that are stored so lie on the GPU. */
const ON_GPU: Readonly<Record<string, MatrixFormat>> = {
  q4: 'q4',
  q8: 'q8',
  f16: 'f16',
  bf16: 'f16',
  f32: 'f32',
}

/** Whether models of this `model_type` run here. */
export function canRun(modelType: string): boolean {
  return Object.hasOwn(FAMILIES, modelType)
}

/** Why a model with this config cannot run here, one sentence; empty when it can, or there is none to look at. */
export function problemOf(config: unknown): string {
  if (config === null) return ''
  try {
    parseConfig(config)
    return ''
  } catch (error) {
    return sayFailure(toFailure(error))
  }
}

/** What a model that is here is and takes. */
export function installedWords(model: InstalledModel, options: FitOptions): string {
  const { format, bytes, config, weightBytes } = model
  return [
    formatWords(format),
    m.models_on_disk({ size: formatBytes(bytes) }),
    memoryWords(config, format, options, weightBytes),
  ]
    .filter(Boolean)
    .join(' · ')
}

/**
 * What a model takes of the GPU, with one conversation: `142 MB of memory`; empty where that cannot be told.
 *
 * @param weightBytes of the weights, where their format alone does not say
 */
export function memoryWords(
  config: unknown,
  format: string,
  options: FitOptions,
  weightBytes: number | null = null,
): string {
  const parsed = parsedOrNull(config)
  const onGpu = ON_GPU[format]
  if (parsed === null || (onGpu === undefined && weightBytes === null)) return ''
  const { weights, state, scratch, isConstant } = fitOf(parsed, onGpu ?? 'q8', options)
  const total = formatBytes((weightBytes ?? weights) + state + scratch)
  return isConstant ? m.models_of_memory({ size: total }) : m.models_of_memory_growing({ size: total })
}

/** What a model of the catalogue is to fetch, before the hub is asked: as pinned, else as its config says. */
export function bytesToFetch({ config, files }: Pick<CatalogueEntry, 'config' | 'files'>): number {
  if (files.length === 0) return parameters(config) * BYTES_PER_PARAMETER
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** Numbers in the weights of a model; 0 where its config cannot be read. */
export function parameters(config: unknown): number {
  const parsed = parsedOrNull(config)
  if (parsed === null) return 0
  const { layers, hiddenSize: c, mlpSize, queryHeads, kvHeads, headDim, tiedHead, vocabSize } = parsed
  const layer = 2 * c * queryHeads * headDim + 2 * c * kvHeads * headDim + 3 * c * mlpSize + 2 * c
  return layers * layer + (tiedHead ? 1 : 2) * vocabSize * c + c
}

function parsedOrNull(config: unknown): ModelConfig | null {
  try {
    return parseConfig(config)
  } catch {
    return null
  }
}
