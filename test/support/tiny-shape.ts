import type { BenchShape } from '../../bin/bench/shapes.ts'

/** The smallest shape that bench's writers take whole: widths in groups of 32. */
export const TINY_SHAPE: BenchShape = {
  modelType: 'llama_nha',
  hiddenSize: 64,
  layers: 2,
  queryHeads: 4,
  kvHeads: 2,
  headDim: 16,
  mlpSize: 96,
  // At least as many as the tokenizer of the folder that lends it has.
  vocabSize: 4096,
}
