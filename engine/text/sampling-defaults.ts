import { isRecord } from '../formats/json.ts'
import type { Sampling } from '../protocol.ts'

/** What a model without generation_config.json gets: the defaults of most small chat models. */
const FALLBACK: Sampling = {
  temperature: 0.7,
  topK: 40,
  topP: 0.95,
  minP: 0,
  repetitionPenalty: 1,
  seed: null,
}

/** A model's own sampling from its generation_config.json; a field that makes no sense is as if it were not there. */
export function samplingDefaults(generationConfig: unknown): Sampling {
  const config = isRecord(generationConfig) ? generationConfig : {}
  const number = (name: string, fallback: number, min: number, max: number): number => {
    const value = config[name]
    return typeof value === 'number' && value >= min && value <= max ? value : fallback
  }
  return {
    temperature: config['do_sample'] === false ? 0 : number('temperature', FALLBACK.temperature, 0, 10),
    topK: Math.floor(number('top_k', FALLBACK.topK, 0, 1 << 20)),
    topP: number('top_p', FALLBACK.topP, 0.01, 1),
    minP: number('min_p', FALLBACK.minP, 0, 1),
    repetitionPenalty: number('repetition_penalty', FALLBACK.repetitionPenalty, 0.1, 10),
    seed: null,
  }
}
