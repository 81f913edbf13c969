import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-web'
import { afterAll, beforeAll, test } from 'vitest'
import { type OnnxDecoder, writeOnnxDecoder } from '../../bin/bench/onnx/decoder.ts'
import { writeRandomModel } from '../../bin/bench/random-model.ts'
import { modelFolder } from '../../bin/model-folder.ts'
import { POCKET } from '../../bin/root.ts'
import { loadEngine } from '../../engine/engine.ts'
import { expectClose } from '../support/numerics.ts'
import { TINY_SHAPE } from '../support/tiny-shape.ts'

/** f32 there, f64 with an f16 window here: measured up to 3.3e-4 of relative RMS, on the three families and formats. */
const MAX_RMS = 1e-3
const CAPACITY = 16
const IDS = [5, 9, 77, 1023, 6]

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plateau-onnx-'))
})

afterAll(() => rm(folder, { recursive: true }))

test.each([
  ['llama_nha', 'q4'],
  ['qwen2_nha', 'q8'],
  ['qwen3_nha', 'q8'],
] as const)(
  'the ONNX decoder of %s in %s gives our logits, read at once and token by token',
  async (modelType, quant) => {
    await writeRandomModel(folder, { ...TINY_SHAPE, modelType }, quant, POCKET)
    const engine = await loadEngine({ gpu: null, forceCpu: true, files: modelFolder(folder) })
    const ours = Float64Array.from(await engine.logits(IDS, { attention: 'full', window: null }))
    engine.dispose()
    const decoder = await writeOnnxDecoder(folder, folder, { capacity: CAPACITY, accuracyLevel: 1 })
    const session = await InferenceSession.create(await readFile(join(folder, 'model.onnx')), {
      externalData: [{ path: 'model.data', data: await readFile(join(folder, 'model.data')) }],
      executionProviders: ['wasm'],
    })
    const read = reader(session, decoder)
    expectClose('at once', await read(IDS, 0), ours, MAX_RMS)
    await read(IDS.slice(0, 4), 0)
    expectClose('then one token', await read(IDS.slice(4), 4), ours, MAX_RMS)
    await session.release()
  },
)

/** Logits after the last of the tokens; keys and values go from call to call. */
function reader(session: InferenceSession, { layers, kvHeads, headDim, capacity }: OnnxDecoder) {
  const empty = () =>
    new Tensor('float32', new Float32Array(kvHeads * capacity * headDim), [1, kvHeads, capacity, headDim])
  const names = Array.from({ length: layers }, (_, layer) => [`${layer}.key`, `${layer}.value`]).flat()
  let memory = new Map<string, Tensor>(names.map((name) => [name, empty()]))
  return async (tokens: readonly number[], position: number): Promise<Float32Array> => {
    const end = position + tokens.length
    const results = await session.run({
      input_ids: new Tensor('int64', BigInt64Array.from(tokens, BigInt), [1, tokens.length]),
      seqlens_k: new Tensor('int32', Int32Array.of(end - 1), [1]),
      total_sequence_length: new Tensor('int32', Int32Array.of(end), [1]),
      ...Object.fromEntries([...memory].map(([name, tensor]) => [`past.${name}`, tensor])),
    })
    memory = new Map(names.map((name) => [name, results[`present.${name}`] as Tensor]))
    return results['logits']!.data as Float32Array
  }
}
