import { isRecord } from '../formats/json.ts'
import type { Bias } from './sampler.ts'
import type { Tokenizer } from './tokenizer.ts'

/** Ours, in generation_config.json; other programs pass over them. */
const WITH = 'doubts_with'
const BY = 'doubts_by'

/**
 * What a model says where it takes back an answer that it has begun, "Your dog is called... no, you have not told me", if
 * that is one token: how much its logit is raised, in nats, where what is asked for was looked up and not found. None for
 * most models.
 */
export function doubtsOf(generationConfig: unknown, tokenizer: Pick<Tokenizer, 'encode'>): Bias {
  const { [WITH]: words, [BY]: nats } = isRecord(generationConfig) ? generationConfig : {}
  const isNamed = typeof words === 'string' && typeof nats === 'number' && Number.isFinite(nats)
  const [token, ...rest] = isNamed ? tokenizer.encode(words) : []
  const isOne = token !== undefined && rest.length === 0
  return { nats: new Map(isNamed && isOne ? [[token, nats]] : []), tokens: Infinity }
}
