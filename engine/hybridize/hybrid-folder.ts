import { EngineError } from '../errors.ts'
import { isRecord } from '../formats/json.ts'
import { fileInMemory } from '../formats/random-access.ts'
import type { Tensor } from '../formats/tensor.ts'
import { layerSinks } from '../model/layer-windows.ts'
import type { ModelConfig } from '../model/config.ts'
import type { ModelFolder } from '../model-folder.ts'
import { HYBRID, isHybridizable } from './hybridizable.ts'

/** @throws {EngineError} `bad-request`: the model has slots already */
export function checkHybridizable({ modelType }: ModelConfig): void {
  if (isHybridizable(modelType)) return
  const reason = `a ${modelType} model has slots already; hybridize one that was trained with full attention`
  throw new EngineError({ code: 'bad-request', reason })
}

/** Slots for a model that was trained without. */
export interface Slots {
  /** M */
  readonly slots: number
  /** W of each layer */
  readonly windows: readonly number[]
  readonly window: number
  readonly sinks: number
  readonly gateNormalizer: number
  /** by layer: g_proj, f32 [H*M, C]; a layer that is not here has no slots */
  readonly gates: ReadonlyMap<number, Float32Array<ArrayBuffer>>
  /** by name: matrices that learned, in place of the model's own */
  readonly changed: ReadonlyMap<
    string,
    { readonly shape: readonly number[]; readonly values: Float32Array<ArrayBuffer> }
  >
}

/**
 * The model with slots, under the names that the paper's code gives to config and tensors, and with our own fields beside
 * them. Its code has one window for all layers and another for every n-th: one wide layer can be said in it, more cannot.
 */
export function hybridFolder(folder: ModelFolder, config: ModelConfig, slots: Slots): ModelFolder {
  const kind = HYBRID[config.modelType]
  if (!kind || !isRecord(folder.config)) {
    throw new EngineError({ code: 'internal', message: `${config.modelType} cannot be hybridized` })
  }
  const tensors = new Map(folder.tensors)
  for (const [name, { shape, values }] of slots.changed) {
    tensors.delete(`${name}_scale`)
    tensors.set(name, inMemory(name, shape, values))
  }
  for (const [layer, gate] of slots.gates) {
    const name = `model.layers.${layer}.self_attn.g_proj.weight`
    tensors.set(name, inMemory(name, [config.kvHeads * slots.slots, config.hiddenSize], gate))
  }
  const wide = slots.windows.flatMap((window, layer) => (window > slots.window ? [layer] : []))
  // What the source said of windows that slide would be said twice.
  const old = ['sliding_window', 'use_sliding_window', 'max_window_layers', 'layer_types']
  const kept = Object.fromEntries(Object.entries(folder.config).filter(([field]) => !old.includes(field)))
  return {
    ...folder,
    tensors,
    config: {
      ...kept,
      model_type: kind.type,
      architectures: [kind.architecture],
      num_slots: slots.slots,
      window_size: slots.window,
      gate_logit_normalizer: slots.gateNormalizer,
      ...(wide.length === 1 ? { block_size: config.layers, transformer_idx: wide[0] } : {}),
      layer_windows: slots.windows,
      slot_layers: slots.windows.map((_, layer) => slots.gates.has(layer)),
      gate_bias: false,
      empty_slots: 'masked',
      sinks: layerSinks(slots, slots.window),
    },
  }
}

function inMemory(name: string, shape: readonly number[], values: Float32Array<ArrayBuffer>): Tensor {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return {
    type: 'F32',
    shape,
    file: fileInMemory(name, bytes),
    begin: 0,
    byteLength: bytes.length,
    pairedHeadDim: null,
  }
}
