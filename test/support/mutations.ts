import { EngineError } from '../../engine/errors.ts'
import { readGguf } from '../../engine/formats/gguf.ts'
import { fileInMemory } from '../../engine/formats/random-access.ts'
import { readSafetensors } from '../../engine/formats/safetensors.ts'
import type { Tensor } from '../../engine/formats/tensor.ts'
import { readGgufModel } from '../../engine/gguf-model.ts'
import { Checkpoint } from '../../engine/model/checkpoint.ts'
import { parseConfig } from '../../engine/model/config.ts'
import { checkUnused, endTensors, layerTensors } from '../../engine/model/tensor-names.ts'
import { createTokenizer } from '../../engine/text/tokenizer.ts'
import { seeded } from './numerics.ts'

/** What a reader makes of a file's tensors, or nothing when it only says yes or no. */
export type Reader = (bytes: Uint8Array<ArrayBuffer>) => Promise<Iterable<Tensor> | null>

export const gguf: Reader = async (bytes) => (await readGguf(fileInMemory('m.gguf', bytes))).tensors.values()

/** What is accepted covers the data exactly once. */
export const safetensors: Reader = async (bytes) => {
  const tensors = [...(await readSafetensors(fileInMemory('model.safetensors', bytes))).values()]
  const covered = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true))
  if (start + covered !== bytes.length) throw new Error(`${covered} bytes covered of ${bytes.length - start}`)
  return tensors
}

/** Everything that is read of a GGUF model before its first weight goes to the GPU. */
export const wholeModel: Reader = async (bytes) => {
  const folder = await readGgufModel(fileInMemory('m.gguf', bytes), 'm')
  const config = parseConfig(folder.config, folder.configFile)
  const checkpoint = new Checkpoint(folder.tensors)
  for (let layer = 0; layer < config.layers; layer++) layerTensors(checkpoint, config, layer)
  endTensors(checkpoint, config)
  checkUnused(checkpoint)
  createTokenizer(folder)
  return null
}

/** The sentence a file is refused with; `null` where it is accepted. @throws whatever is no sentence */
export async function refusal(read: Reader, bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  try {
    checkInside(await read(bytes), bytes.length)
    return null
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    const { failure } = error
    if (failure.code === 'internal') throw error
    return 'reason' in failure ? failure.reason : failure.code
  }
}

/**
 * Change bytes of a file, and sometimes its length, over and over: it is refused with a sentence, or its tensors lie in it.
 *
 * @param busy how many of the first bytes get half of the changes
 * @returns `slowest` in milliseconds of processor time
 */
export async function mutate(
  read: Reader,
  file: Uint8Array<ArrayBuffer>,
  { rounds, seed, busy = file.length }: { rounds: number; seed: number; busy?: number },
): Promise<{ refused: number; slowest: number }> {
  const random = seeded(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  let refused = 0
  let slowest = 0
  for (let round = 0; round < rounds; round++) {
    const bytes = file.slice(0, random() < 0.1 ? below(file.length + 1) : file.length)
    for (let change = below(4); change >= 0 && bytes.length > 0; change--) {
      const place = below(random() < 0.5 ? bytes.length : Math.min(bytes.length, busy))
      bytes[place] = random() < 0.5 ? below(256) : [0, 1, 2, 8, 32, 127, 128, 255][below(8)]!
    }
    const start = process.cpuUsage()
    try {
      if ((await refusal(read, bytes)) !== null) refused++
    } catch (error) {
      throw new Error(`round ${round} of seed ${seed}`, { cause: error })
    }
    const { user, system } = process.cpuUsage(start)
    slowest = Math.max(slowest, (user + system) / 1000)
  }
  return { refused, slowest }
}

/** Tensors that are accepted lie in the file, one behind the other. */
function checkInside(tensors: Iterable<Tensor> | null, length: number): void {
  let end = 0
  for (const { begin, byteLength } of [...(tensors ?? [])].sort((a, b) => a.begin - b.begin)) {
    if (begin < end || begin + byteLength > length) throw new Error(`${begin} + ${byteLength} of ${length}`)
    end = begin + byteLength
  }
}
