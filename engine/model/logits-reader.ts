import { createArgmax } from '../../kernels/argmax.ts'
import { createDrawToken, DRAW_BYTES, writeDraw } from '../../kernels/draw-token.ts'
import type { Dispatch } from '../../kernels/kernel.ts'
import { createTopK } from '../../kernels/top-k.ts'
import type { Candidates, Draw } from '../text/sampler.ts'
import type { KernelCache } from './kernel-cache.ts'
import type { Account } from './ledger.ts'

/** Logits that top-k hands back; a sampler that wants more gets all of them. */
export const TOP = 256

/** How many logits are wanted; 'drawn' is one of the TOP, drawn on the GPU. */
export type Selection = number | 'drawn'

/** Brings the largest logits back from the GPU: one id for greedy, TOP for a cut distribution, else all. */
export interface LogitsReader {
  /** u32 [2]: what the selection of one logit leaves, its id and its bits */
  readonly best: GPUBuffer
  /** Compile the selection that is asked for; `encode` needs it, and a chat needs one of them only. */
  prepare(selection: Selection): Promise<void>
  /** The number that the next draw to be submitted takes. */
  writeDraw(draw: Draw, number: number): void
  /** Record the selection that is asked for. */
  encode(pass: GPUComputePassEncoder, selection: Selection): void
  /** Record the copy that `read` waits for: after the pass with the selection, last of all. */
  finish(encoder: GPUCommandEncoder, selection: Selection): GPUCommandBuffer
  /** Submit and wait. The result is overwritten by the next read. */
  read(commands: GPUCommandBuffer, selection: Selection): Promise<Candidates>
}

/** Bytes of the buffers that `createLogitsReader` makes. */
export function resultBytes(vocabSize: number): number {
  const top = Math.min(TOP, vocabSize)
  return DRAW_BYTES + 8 + 8 * top + Math.max(8 * top, 4 * vocabSize)
}

/** @param logits f32 [V] */
export function createLogitsReader(
  cache: KernelCache,
  account: Account,
  logits: GPUBuffer,
  vocabSize: number,
): LogitsReader {
  const top = Math.min(TOP, vocabSize)
  const best = account.create('argmax_result', 8)
  const topIds = account.create('top_ids', 4 * top)
  const topLogits = account.create('top_logits', 4 * top)
  const staging = account.create(
    'readback',
    Math.max(8 * top, 4 * vocabSize),
    GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  )
  let findBest: Dispatch | null = null
  let findTop: Dispatch | null = null
  let drawOne: Dispatch | null = null
  const { UNIFORM, COPY_DST } = GPUBufferUsage
  const draw = account.create('draw', DRAW_BYTES, UNIFORM | COPY_DST)
  const drawWords = new ArrayBuffer(DRAW_BYTES)

  const countOf = (selection: Selection) =>
    selection === 'drawn' || selection <= 1 ? 1 : selection <= top ? top : vocabSize
  const everyId = Uint32Array.from({ length: vocabSize }, (_, id) => id)
  const ids = new Uint32Array(top)
  const values = new Float32Array(vocabSize)

  return {
    best,
    prepare: async (selection) => {
      const isDrawn = selection === 'drawn'
      if (!isDrawn && selection > top) return
      if (!isDrawn && selection <= 1) {
        const argmax = await cache.get(createArgmax, { size: vocabSize })
        findBest ??= argmax.bind({ logits, result: best })
        return
      }
      const topK = await cache.get(createTopK, { size: vocabSize, count: top })
      findTop ??= topK.bind({ logits, ids: topIds, values: topLogits })
      if (!isDrawn) return
      const drawToken = await cache.get(createDrawToken, { count: top })
      drawOne ??= drawToken.bind({ draw, ids: topIds, values: topLogits, result: best })
    },
    writeDraw: (settings, number) => {
      writeDraw(drawWords, settings, number)
      cache.device.queue.writeBuffer(draw, 0, drawWords)
    },
    encode: (pass, selection) => {
      const isDrawn = selection === 'drawn'
      if (!isDrawn && selection > top) return
      const find = !isDrawn && selection <= 1 ? findBest : findTop
      if (!find || (isDrawn && !drawOne))
        throw new Error(`the selection of ${selection} logits was not prepared`)
      find.encode(pass, 1)
      if (isDrawn) drawOne?.encode(pass, 1)
    },
    finish: (encoder, selection) => {
      const count = countOf(selection)
      if (count === 1) encoder.copyBufferToBuffer(best, 0, staging, 0, 8)
      else if (count === top) {
        encoder.copyBufferToBuffer(topIds, 0, staging, 0, 4 * top)
        encoder.copyBufferToBuffer(topLogits, 0, staging, 4 * top, 4 * top)
      } else encoder.copyBufferToBuffer(logits, 0, staging, 0, 4 * vocabSize)
      return encoder.finish()
    },
    read: async (commands, selection) => {
      const count = countOf(selection)
      cache.device.queue.submit([commands])
      const all = count === vocabSize && count !== top
      const bytes = all ? 4 * count : 8 * count
      await staging.mapAsync(GPUMapMode.READ, 0, bytes)
      const mapped = staging.getMappedRange(0, bytes)
      if (!all) ids.set(new Uint32Array(mapped, 0, count))
      values.set(new Float32Array(mapped, all ? 0 : 4 * count, count))
      staging.unmap()
      return { ids: all ? everyId : ids, logits: values, count }
    },
  }
}
