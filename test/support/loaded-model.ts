import { parseJson } from '../../engine/formats/json.ts'
import { fileInMemory } from '../../engine/formats/random-access.ts'
import { readSafetensors } from '../../engine/formats/safetensors.ts'
import { Checkpoint } from '../../engine/model/checkpoint.ts'
import { type ModelConfig, parseConfig } from '../../engine/model/config.ts'
import type { GpuModelOptions } from '../../engine/model/model.ts'
import type { Candidates } from '../../engine/text/sampler.ts'
import { seeded } from './numerics.ts'
import { TINY, type TinyModel, tinyModel } from './tiny-model.ts'

/** A tiny model's folder, read as the engine reads it. */
export async function loadTiny(
  changes: Partial<TinyModel>,
): Promise<{ config: ModelConfig; checkpoint: Checkpoint }> {
  const files = tinyModel({ ...TINY, ...changes })
  const bytes = (file: string) => files.get(file) ?? new Uint8Array()
  const weights = fileInMemory('model.safetensors', bytes('model.safetensors'))
  return {
    config: parseConfig(parseJson(new TextDecoder().decode(bytes('config.json')))),
    checkpoint: new Checkpoint(await readSafetensors(weights)),
  }
}

export function gpuOptions(device: GPUDevice, config: ModelConfig, checkpoint: Checkpoint): GpuModelOptions {
  return { device, lost: new Promise(() => undefined), config, checkpoint, onProgress: () => undefined }
}

/** Seeded token ids. */
export function tokensOf(vocabSize: number, length: number): number[] {
  const random = seeded(length)
  return Array.from({ length }, () => Math.floor(random() * vocabSize))
}

/** All logits in order of id. */
export function everyLogit({ ids, logits, count }: Candidates): Float64Array<ArrayBuffer> {
  const all = new Float64Array(count)
  for (let i = 0; i < count; i++) all[ids[i]!] = logits[i]!
  return all
}
