import * as tf from '@tensorflow/tfjs-core'
import type { Checkpoint, MatrixPlan, VectorPlan } from '../model/checkpoint.ts'
import type { ModelConfig } from '../model/config.ts'
import { dequantize } from '../model/stored-matrix.ts'
import { planWeights, type Readers, type WeightPlans } from '../model/weight-plans.ts'
import { placed } from './backend.ts'

/** Weights as tfjs computes with them: f32. */
export const TENSORS: Readers<tf.Tensor, tf.Tensor> = {
  matrix: async (plan: MatrixPlan) => {
    const values = new Float32Array(plan.rows * plan.cols)
    for await (const piece of plan.pieces()) values.set(dequantize(piece), piece.first * plan.cols)
    return placed(tf.tensor2d(values, [plan.rows, plan.cols]))
  },
  vector: async (plan: VectorPlan) => placed(tf.tensor1d(await plan.load())),
}

/** The same model without the slots that the engine lends one that has none of its own. */
export function withoutSlots(config: ModelConfig): ModelConfig {
  const none = { slots: 0, keyGates: false, edgeSlots: false, meanSlots: false, countSlots: false }
  return { ...config, ...none, slotLayers: config.layerWindows.map(() => false) }
}

/** @throws {EngineError} `bad-weights` */
export function planWithoutSlots(config: ModelConfig, checkpoint: Checkpoint): WeightPlans {
  return planWeights(withoutSlots(config), checkpoint)
}
