import { EngineError } from '../errors.ts'
import { isRecord } from './json.ts'
import type { Tensor } from './tensor.ts'

const MAX_SHARDS = 1000
/** A plain file name: an index may not lead out of its folder. */
const SHARD_NAME = /^[\w-][\w.-]*\.safetensors$/

/**
 * Which file each tensor is in, from a model.safetensors.index.json.
 *
 * @throws {EngineError} `bad-file`
 */
export function readShardIndex(index: unknown, file: string): ReadonlyMap<string, string> {
  const fail = (reason: string): never => {
    throw new EngineError({ code: 'bad-file', file, reason })
  }
  const map = isRecord(index) ? index['weight_map'] : undefined
  if (!isRecord(map)) return fail('it has no weight_map')
  const fileOf = new Map<string, string>()
  for (const [tensor, name] of Object.entries(map)) {
    if (typeof name !== 'string' || !SHARD_NAME.test(name)) {
      fail(
        `it puts a tensor into ${JSON.stringify(name).slice(0, 80)}, which is not the name of a weight file`,
      )
    } else fileOf.set(tensor, name)
  }
  const shards = new Set(fileOf.values()).size
  if (shards === 0) fail('it lists no tensor')
  if (shards > MAX_SHARDS) fail(`it lists ${shards} files, more than ${MAX_SHARDS}`)
  return fileOf
}

/**
 * The tensors of all shards: each in the file where the index says, and none that it does not list.
 *
 * @throws {EngineError} `bad-file`
 */
export function mergeShards(
  fileOf: ReadonlyMap<string, string>,
  shards: ReadonlyMap<string, ReadonlyMap<string, Tensor>>,
): Map<string, Tensor> {
  const merged = new Map<string, Tensor>()
  for (const [file, tensors] of shards) {
    for (const [name, tensor] of tensors) {
      if (fileOf.get(name) !== file) {
        const reason = `the index does not say that it holds ${name.slice(0, 100)}`
        throw new EngineError({ code: 'bad-file', file, reason })
      }
      merged.set(name, tensor)
    }
  }
  for (const [name, file] of fileOf) {
    if (!merged.has(name)) {
      const reason = `the index says that it holds ${name.slice(0, 100)}, and it does not`
      throw new EngineError({ code: 'bad-file', file, reason })
    }
  }
  return merged
}
