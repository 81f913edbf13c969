import type { InstalledModel } from '../../electron/models/model-bridge.ts'
import { describe, toFailure } from '../../engine/errors.ts'
import { parseConfig } from '../../engine/model/config.ts'
import { formatBytes } from '../state/format.ts'
import { formatWords } from './words.ts'

/** Why a model with this config cannot run here, one sentence; empty when it can, or there is none to look at. */
export function problemOf(config: unknown): string {
  if (config === null) return ''
  try {
    parseConfig(config)
    return ''
  } catch (error) {
    return describe(toFailure(error))
  }
}

/** What a model that is here is and takes. */
export function installedWords({ format, bytes, config }: InstalledModel): string {
  return [formatWords(format), `${formatBytes(bytes)} on the disk`, memoryWords(config, format)]
    .filter(Boolean)
    .join(' · ')
}

/** `needs 142 MB of memory`; empty where that cannot be told. */
export function memoryWords(_config: unknown, _format: string): string {
  return ''
}

/** Numbers in the weights of a model; 0 where its config cannot be read. */
export function parameters(config: unknown): number {
  try {
    const { layers, hiddenSize: c, mlpSize, queryHeads, kvHeads, headDim, ...rest } = parseConfig(config)
    const layer = 2 * c * queryHeads * headDim + 2 * c * kvHeads * headDim + 3 * c * mlpSize + 2 * c
    return layers * layer + (rest.tiedHead ? 1 : 2) * rest.vocabSize * c + c
  } catch {
    return 0
  }
}
