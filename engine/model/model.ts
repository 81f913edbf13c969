import { windowBytes } from '../../kernels/attention-shape.ts'
import { createEmbed } from '../../kernels/embed.ts'
import { createFeedToken, ENDS_BYTES, endWords, MOST_ENDS } from '../../kernels/feed-token.ts'
import { createGemv, squaresBytes } from '../../kernels/gemv.ts'
import { runsOnCpu, STEP_BYTES, UNUSED_BYTES } from '../../kernels/kernel.ts'
import { createRmsWeigh } from '../../kernels/rms-weigh.ts'
import { slotPrefillBytes } from '../../kernels/slot-scores-prefill.ts'
import { EngineError, type EngineFailure } from '../errors.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { ModelConfig } from './config.ts'
import { CHUNK, CHUNK_ON_CPU, GpuSequence } from './gpu-sequence.ts'
import { allocating } from './gpu.ts'
import { GemvChoices, type KeptChoices } from './gemv-choice.ts'
import { KernelCache } from './kernel-cache.ts'
import { createLayerKernels, type Scratch } from './layer.ts'
import { type Account, Ledger } from './ledger.ts'
import { createLogitsReader, resultBytes } from './logits-reader.ts'
import { PacedQueue } from './paced-queue.ts'
import type { Ends, Feed, ModelScratch, Parts, Taps } from './parts.ts'
import type { Model, SavedState, SequenceOptions } from './sequence.ts'
import { planWeights, type WeightPlans } from './weight-plans.ts'
import { layerShapes, type ModelWeights, shapeOf, uploadWeights } from './weights.ts'

export interface GpuModelOptions {
  readonly device: GPUDevice
  readonly lost: Promise<EngineFailure>
  readonly config: ModelConfig
  readonly checkpoint: Checkpoint
  /** the clock that prefill is paced by; `performance.now` where it is left out */
  readonly now?: () => number
  /** tokens that end a turn; left out, none is read before it is known */
  readonly endsOfTurn?: readonly number[]
  /** what was found out about the device in an earlier run */
  readonly choices?: KeptChoices | undefined
  readonly onProgress: (phase: 'upload' | 'compile', loaded: number, total: number) => void
}

export interface GpuModel extends Model {
  readonly ledger: Ledger
  /** @param taps what prefill also leaves, for who asks for it; it takes a dispatch a layer */
  createSequence(options: SequenceOptions, saved?: SavedState, taps?: Taps): Promise<GpuSequence>
}

/**
 * A model on the GPU: weights uploaded, every pipeline compiled, every scratch buffer made. Pipelines are compiled by
 * the GPU's own threads while this one reads and weaves the weights.
 *
 * @throws {EngineError} `bad-weights`, `out-of-memory`; nothing stays on the GPU then
 */
export async function createGpuModel(options: GpuModelOptions): Promise<GpuModel> {
  const { device, config, checkpoint, onProgress } = options
  const ledger = new Ledger(device)
  const weightAccount = ledger.open('weights')
  const scratchAccount = ledger.open('scratch')
  try {
    const plans = planWeights(config, checkpoint)
    const cache = new KernelCache(device, new GemvChoices(device, options.choices ?? null))
    let compiled = 0
    let uploaded = false
    const compiling = compileAll(cache, config, plans, () => {
      compiled++
      if (uploaded) onProgress('compile', compiled, config.layers + 1)
    })
    // Who is told of a failure waits for it further down.
    compiling.catch(() => undefined)
    const weights = await uploadWeights(weightAccount, device, plans, (loaded, total) => {
      onProgress('upload', loaded, total)
    })
    uploaded = true
    onProgress('compile', compiled, config.layers + 1)
    const scratch = await createScratch(ledger, scratchAccount, config, weights)
    const reader = await allocating(device, 'working memory', resultBytes(config.vocabSize), () =>
      createLogitsReader(cache, scratchAccount, scratch.logits, config.vocabSize),
    )
    const endKernels = await compiling
    const ends = bindEnds(endKernels, weights, scratch)
    const feed = bindFeed(endKernels, options, scratch, reader.best)
    const queue = new PacedQueue(device, options.now ?? (() => performance.now()))
    const newest = { sequence: null }
    const fate: { failure: EngineFailure | null } = { failure: null }
    void options.lost.then((failure) => (fate.failure = failure))
    const parts: Parts = {
      ...{ ledger, config, weights, cache, scratch, ends, reader, queue, feed, newest },
      ...{ lost: options.lost, fate },
    }
    return {
      config,
      ledger,
      get weightBytes() {
        return ledger.bytes('weights')
      },
      get scratchBytes() {
        return ledger.bytes('scratch')
      },
      chunkTokens: runsOnCpu(device) ? CHUNK_ON_CPU : CHUNK,
      createSequence: (sequence, saved, taps) => GpuSequence.create(parts, sequence, saved, taps),
      dispose: () => {
        weightAccount.close()
        scratchAccount.close()
      },
    }
  } catch (error) {
    weightAccount.close()
    scratchAccount.close()
    // What a mapped buffer that is refused throws: the uniforms of the kernels are.
    const isRefused = error instanceof RangeError
    throw isRefused
      ? new EngineError({ code: 'out-of-memory', wantedBytes: 32, owner: 'working memory' })
      : error
  }
}

async function createScratch(
  ledger: Ledger,
  account: Account,
  config: ModelConfig,
  weights: ModelWeights,
): Promise<ModelScratch> {
  const { hiddenSize, mlpSize, queryHeads, kvHeads, headDim, slots, vocabSize } = config
  const rowSize = Math.max(...weights.layers.map((layer) => layer.projections.shape.rows))
  const chunk = windowBytes({ kvHeads, headDim, slots }, CHUNK)
  const prefill = slotPrefillBytes(config, CHUNK)
  const row = 3 * hiddenSize + rowSize + queryHeads * headDim + 3 * mlpSize
  return allocating(ledger.device, 'working memory', 4 * row * CHUNK, () => {
    const { UNIFORM, STORAGE, COPY_DST } = GPUBufferUsage
    const step = account.create('step', STEP_BYTES, UNIFORM | STORAGE | COPY_DST)
    const set = (tokens: number): Scratch => ({
      step,
      tokens: account.create('tokens', 4 * tokens),
      residual: account.create('residual', 4 * tokens * hiddenSize),
      projections: account.create('projections', 4 * tokens * rowSize),
      attended: account.create('attended', 4 * tokens * queryHeads * headDim),
      activated: account.create('activated', 4 * tokens * mlpSize),
    })
    return {
      decode: {
        ...set(1),
        weighted: account.create('weighted', 4 * hiddenSize),
        squares: account.create('squares', squaresBytes(hiddenSize)),
      },
      prefill: {
        ...set(CHUNK),
        normed: account.create('normed', 4 * CHUNK * hiddenSize),
        gateUp: account.create('gate_up', 4 * CHUNK * 2 * mlpSize),
        chunkKeys: account.create('chunk_keys', chunk.keys),
        chunkValues: account.create('chunk_values', chunk.values),
        chunkGates: account.create('chunk_gates', chunk.gates || UNUSED_BYTES),
        slotShares: account.create('slot_shares', prefill.slotShares || UNUSED_BYTES),
        slotWeights: account.create('slot_weights', prefill.slotWeights || UNUSED_BYTES),
      },
      logits: account.create('logits', 4 * vocabSize),
      endsOfTurn: account.create('ends_of_turn', ENDS_BYTES, UNIFORM | COPY_DST),
    }
  })
}

/** Compile what every sequence needs; `onCompiled` is called for each layer, and once for the ends. */
async function compileAll(
  cache: KernelCache,
  config: ModelConfig,
  { layers, ends }: WeightPlans,
  onCompiled: () => void,
): Promise<EndKernels> {
  const [kernels] = await Promise.all([
    createEndKernels(cache, config, ends).finally(onCompiled),
    ...layers.map((plan, i) => {
      const slots = config.slotLayers[i] ? config.slots : 0
      return createLayerKernels(cache, config, layerShapes(plan), slots).finally(onCompiled)
    }),
  ])
  return kernels
}

/** Where a turn may end with more tokens than a step can tell apart, none is read ahead. */
function bindFeed(
  { feed }: EndKernels,
  { device, endsOfTurn: ends = [] }: GpuModelOptions,
  { decode: { step, tokens }, endsOfTurn }: ModelScratch,
  result: GPUBuffer,
): Feed | null {
  if (ends.length === 0 || ends.length > MOST_ENDS) return null
  device.queue.writeBuffer(endsOfTurn, 0, endWords(ends))
  return { ends, dispatch: feed.bind({ step, result, ends: endsOfTurn, tokens }) }
}

type EndKernels = Awaited<ReturnType<typeof createEndKernels>>

async function createEndKernels(
  cache: KernelCache,
  { hiddenSize: size, normEpsilon: epsilon }: ModelConfig,
  { embedding, head }: WeightPlans['ends'],
) {
  const [embed, weigh, project, feed] = await Promise.all([
    cache.get(createEmbed, shapeOf(embedding)),
    cache.get(createRmsWeigh, { size }),
    cache.product(createGemv, shapeOf(head ?? embedding), { epsilon, bias: false }),
    cache.get(createFeedToken),
  ])
  return { embed, weigh, project, feed }
}

function bindEnds(
  { embed, weigh, project }: EndKernels,
  weights: ModelWeights,
  { decode, prefill, logits }: ModelScratch,
): Ends {
  const table = weights.embedding
  const { step, residual, weighted, squares } = decode
  const { finalNorm } = weights
  const firstNorm = weights.layers[0]?.inputNorm ?? finalNorm
  return {
    embedOne: embed.bind({ step, tokens: decode.tokens, table, residual }),
    embedMany: embed.bind({ step, tokens: prefill.tokens, table, residual: prefill.residual }),
    weighFirst: weigh.bind({ residual, norm: firstNorm, weighted, squares }),
    weighLast: weigh.bind({ residual, norm: finalNorm, weighted, squares }),
    head: project.bind({ matrix: weights.head, weighted, squares, bias: null, output: logits }),
  }
}
