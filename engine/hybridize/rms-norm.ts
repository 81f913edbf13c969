import * as tf from '@tensorflow/tfjs-core'

/** x·w / sqrt(mean x² + ε) over the last axis */
export function rmsNorm(x: tf.Tensor, weight: tf.Tensor, epsilon: number): tf.Tensor {
  const width = x.shape.at(-1) ?? 1
  const mean = tf.mul(tf.sum(tf.square(x), -1, true), 1 / width)
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(mean, epsilon))), weight)
}
