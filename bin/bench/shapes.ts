/** A model's shape: enough to write weights of it that nobody trained. */
export interface BenchShape {
  /** without `_nha` it has no gates */
  readonly modelType: 'llama' | 'qwen2' | 'qwen3' | 'llama_nha' | 'qwen2_nha' | 'qwen3_nha'
  /** C */
  readonly hiddenSize: number
  /** L */
  readonly layers: number
  /** Q */
  readonly queryHeads: number
  /** H */
  readonly kvHeads: number
  /** D */
  readonly headDim: number
  /** F */
  readonly mlpSize: number
  /** V */
  readonly vocabSize: number
}

/** M and W of every layer: the lean preset. */
export const SLOTS = 64
export const WINDOW = 64

/** The shapes of published models, from their config.json; all share embedding and head. */
export const SHAPES: Readonly<Record<string, BenchShape>> = {
  'smollm2-135m': {
    modelType: 'llama_nha',
    hiddenSize: 576,
    layers: 30,
    queryHeads: 9,
    kvHeads: 3,
    headDim: 64,
    mlpSize: 1536,
    vocabSize: 49152,
  },
  'qwen2.5-0.5b': {
    modelType: 'qwen2_nha',
    hiddenSize: 896,
    layers: 24,
    queryHeads: 14,
    kvHeads: 2,
    headDim: 64,
    mlpSize: 4864,
    vocabSize: 151936,
  },
  'qwen3-0.6b': {
    modelType: 'qwen3_nha',
    hiddenSize: 1024,
    layers: 28,
    queryHeads: 16,
    kvHeads: 8,
    headDim: 128,
    mlpSize: 3072,
    vocabSize: 151936,
  },
  'llama-3.2-1b': {
    modelType: 'llama_nha',
    hiddenSize: 2048,
    layers: 16,
    queryHeads: 32,
    kvHeads: 8,
    headDim: 64,
    mlpSize: 8192,
    vocabSize: 128256,
  },
}
