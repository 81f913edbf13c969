import type * as Ort from 'onnxruntime-web'
import {
  adapterName,
  benchTokens,
  type Contestant,
  type Introduction,
  type Prepared,
  type Task,
  timed,
} from '../contestant.ts'
import { countDispatches } from '../dispatches.ts'
import type { OnnxDecoder } from '../onnx/decoder.ts'

/** The build on WebAssembly's own stack switching: the quickest of the three. */
const BUNDLE = '/packages/onnxruntime-web/dist/ort.jspi.bundle.min.mjs'

/**
 * ONNX Runtime's WebGPU on the decoder of `writeOnnxDecoder`, at its best: keys and values stay in GPU buffers that are
 * bound as inputs and outputs (no copy of them ever), and only the logits come back.
 */
export class OnnxRuntime implements Contestant {
  readonly engine = 'onnxruntime-web'
  readonly attention = 'full'
  readonly place = 'Chromium'
  readonly #url: string
  readonly #decoder: OnnxDecoder
  #ort: typeof Ort | null = null
  #session: Ort.InferenceSession | null = null
  #memory: Record<string, Ort.Tensor> = {}
  readonly #positions = new Map<number, number>()
  #turn = 0

  /** @param url the folder of model.onnx and model.data */
  constructor(url: string, decoder: OnnxDecoder) {
    this.#url = url
    this.#decoder = decoder
  }

  async open(): Promise<Introduction> {
    const ort = (await import(/* @vite-ignore */ BUNDLE)) as typeof Ort
    this.#ort = ort
    ort.env.wasm.numThreads = 1
    const bytes = async (name: string): Promise<Uint8Array> =>
      new Uint8Array(await (await fetch(this.#url + name)).arrayBuffer())
    this.#session = await ort.InferenceSession.create(await bytes('model.onnx'), {
      executionProviders: ['webgpu'],
      externalData: [{ path: 'model.data', data: await bytes('model.data') }],
    })
    const device: GPUDevice = await ort.env.webgpu.device
    const { layers, kvHeads, headDim, capacity, weightBytes } = this.#decoder
    const dims = [1, kvHeads, capacity, headDim]
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST
    for (let layer = 0; layer < layers; layer++) {
      for (const part of ['key', 'value']) {
        const buffer = device.createBuffer({ size: 4 * kvHeads * capacity * headDim, usage })
        this.#memory[`${layer}.${part}`] = ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims })
      }
    }
    return {
      backend: `WebGPU: ${adapterName(device.adapterInfo)}, Chromium`,
      note: `${ort.env.versions.web ?? ''}, keys and values bound to GPU buffers`,
      weightBytes,
    }
  }

  async prepare({ phase, position }: Task): Promise<Prepared> {
    const { layers, kvHeads, headDim } = this.#decoder
    const stateBytes = layers * 2 * kvHeads * headDim * 4 * position
    if (phase === 'prefill') {
      const dispatches = await countDispatches(() => this.run(benchTokens(position, 0), 0))
      return { stateBytes, dispatches }
    }
    // Keys that were never written are zero; they take the same time.
    this.#positions.set(position, position)
    await this.run([0], position)
    return { stateBytes, dispatches: await countDispatches(() => this.run([1], position)) }
  }

  async time({ phase, position }: Task): Promise<number> {
    this.#turn++
    if (phase === 'prefill') {
      const tokens = benchTokens(position, this.#turn)
      return timed(() => this.run(tokens, 0))
    }
    const at = this.#positions.get(position) ?? position
    this.#positions.set(position, at + 1)
    return timed(() => this.run([this.#turn % 251], at))
  }

  timeSnapshot(): Promise<null> {
    return Promise.resolve(null)
  }

  async close(): Promise<void> {
    await this.#session?.release()
    for (const tensor of Object.values(this.#memory)) tensor.dispose()
    this.#memory = {}
  }

  /** Logits after the last of `tokens`, the first of which stands at `position`. */
  async run(tokens: readonly number[], position: number): Promise<Float32Array> {
    const [ort, session] = [this.#ort, this.#session]
    if (!ort || !session) throw new Error('the session is not open')
    const end = position + tokens.length
    const feeds: Record<string, Ort.Tensor> = {
      input_ids: new ort.Tensor('int64', BigInt64Array.from(tokens, BigInt), [1, tokens.length]),
      seqlens_k: new ort.Tensor('int32', Int32Array.of(end - 1), [1]),
      total_sequence_length: new ort.Tensor('int32', Int32Array.of(end), [1]),
    }
    const fetches: Record<string, Ort.Tensor | null> = { logits: null }
    for (const [name, tensor] of Object.entries(this.#memory)) {
      feeds[`past.${name}`] = tensor
      fetches[`present.${name}`] = tensor
    }
    const { logits } = await session.run(feeds, fetches)
    if (!logits) throw new Error('ONNX Runtime gave no logits')
    return (await logits.getData()) as Float32Array
  }
}
