import * as tf from '@tensorflow/tfjs-core'

interface Gradient {
  readonly inputs?: string[]
  readonly outputs?: boolean[]
  readonly all?: boolean
  /** dy, what was saved, and the attributes, to the gradient of each input */
  readonly of: (
    dy: tf.Tensor,
    saved: readonly tf.Tensor[],
    attributes: Attributes,
  ) => Record<string, () => tf.Tensor>
}

/** Those of the kernels below. */
interface Attributes {
  readonly transposeA: boolean
  readonly transposeB: boolean
  readonly axis: number | number[]
  readonly begin: number[]
  readonly shape: number[]
  readonly perm: number[]
}

/** A sum over the axes that an operation had repeated. */
function narrowed(gradient: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes([...shape], gradient.shape)
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, [...shape])
}

function saved(tensors: readonly tf.Tensor[], i = 0): tf.Tensor {
  const tensor = tensors[i]
  if (!tensor) throw new Error('tfjs kept nothing for the gradient')
  return tensor
}

/** By tfjs's names of the kernels that hybridize.ts and its kin use. */
const GRADIENTS: Readonly<Record<string, Gradient>> = {
  Add: {
    inputs: ['a', 'b'],
    of: (dy, s) => ({ a: () => narrowed(dy, saved(s).shape), b: () => narrowed(dy, saved(s, 1).shape) }),
  },
  Sub: {
    inputs: ['a', 'b'],
    of: (dy, s) => ({
      a: () => narrowed(dy, saved(s).shape),
      b: () => narrowed(tf.neg(dy), saved(s, 1).shape),
    }),
  },
  Multiply: {
    inputs: ['a', 'b'],
    of: (dy, s) => ({
      a: () => narrowed(tf.mul(dy, saved(s, 1)), saved(s).shape),
      b: () => narrowed(tf.mul(dy, saved(s)), saved(s, 1).shape),
    }),
  },
  BatchMatMul: {
    inputs: ['a', 'b'],
    of: (dy, s, { transposeA, transposeB }) => ({
      a: () =>
        transposeA
          ? tf.matMul(saved(s, 1), dy, transposeB, true)
          : tf.matMul(dy, saved(s, 1), false, !transposeB),
      b: () =>
        transposeB ? tf.matMul(dy, saved(s), true, transposeA) : tf.matMul(saved(s), dy, !transposeA, false),
    }),
  },
  // What a concatenation of one tensor becomes.
  Identity: { of: (dy) => ({ x: () => dy }) },
  Neg: { of: (dy) => ({ x: () => tf.neg(dy) }) },
  Exp: { outputs: [true], of: (dy, s) => ({ x: () => tf.mul(dy, saved(s)) }) },
  Expm1: { inputs: ['x'], of: (dy, s) => ({ x: () => tf.mul(dy, tf.exp(saved(s))) }) },
  Relu: { inputs: ['x'], of: (dy, s) => ({ x: () => tf.mul(dy, tf.step(saved(s))) }) },
  Softplus: { inputs: ['x'], of: (dy, s) => ({ x: () => tf.mul(dy, tf.sigmoid(saved(s))) }) },
  Sigmoid: {
    outputs: [true],
    of: (dy, s) => ({ x: () => tf.mul(dy, tf.mul(saved(s), tf.sub(1, saved(s)))) }),
  },
  Rsqrt: {
    outputs: [true],
    of: (dy, s) => ({ x: () => tf.mul(dy, tf.mul(-0.5, tf.mul(saved(s), tf.square(saved(s))))) }),
  },
  Square: { inputs: ['x'], of: (dy, s) => ({ x: () => tf.mul(dy, tf.mul(2, saved(s))) }) },
  Softmax: {
    outputs: [true],
    of: (dy, s) => ({
      logits: () => {
        const weighted = tf.mul(dy, saved(s))
        return tf.sub(weighted, tf.mul(tf.sum(weighted, -1, true), saved(s)))
      },
    }),
  },
  LogSoftmax: {
    outputs: [true],
    of: (dy, s) => ({
      logits: () => tf.sub(dy, tf.mul(tf.sum(dy, -1, true), tf.exp(saved(s)))),
    }),
  },
  Sum: {
    inputs: ['x'],
    of: (dy, s, { axis }) => ({
      x: () => {
        const { shape } = saved(s)
        const summed = tf.util.parseAxisParam(axis, shape)
        const kept = shape.map((size, i) => (summed.includes(i) ? 1 : size))
        return tf.mul(tf.reshape(dy, kept), tf.ones(shape))
      },
    }),
  },
  Reshape: { inputs: ['x'], of: (dy, s) => ({ x: () => tf.reshape(dy, saved(s).shape) }) },
  Transpose: {
    of: (dy, _, { perm }) => ({
      x: () =>
        tf.transpose(
          dy,
          perm.map((__, i) => perm.indexOf(i)),
        ),
    }),
  },
  Slice: {
    inputs: ['x'],
    of: (dy, s, { begin }) => ({
      x: () => {
        const { shape } = saved(s)
        const around = shape.map((size, i): [number, number] => {
          const before = begin[i] ?? 0
          return [before, size - before - (dy.shape[i] ?? 0)]
        })
        return tf.pad(dy, around)
      },
    }),
  },
  Concat: {
    all: true,
    of: (dy, s, { axis }) => {
      const along = tf.util.parseAxisParam(axis, dy.shape)[0] ?? 0
      let from = 0
      const parts = s.map(({ shape }) => {
        const begin = shape.map((_, axis) => (axis === along ? from : 0))
        from += shape[along] ?? 0
        return tf.slice(dy, begin, shape)
      })
      return Object.fromEntries(parts.map((part, i) => [String(i), () => part]))
    },
  },
}

/**
 * Give tfjs the gradients of the operations that are used here. Its own come with a module that Node cannot load and a
 * few of them are wrong; these are tested against finite differences.
 */
export function registerGradients(): void {
  for (const [kernelName, { inputs, outputs, all, of }] of Object.entries(GRADIENTS)) {
    tf.registerGradient({
      kernelName,
      ...(inputs ? { inputsToSave: inputs } : {}),
      ...(outputs ? { outputsToSave: outputs } : {}),
      ...(all ? { saveAllInputs: true } : {}),
      gradFunc: (dy, tensors, attributes) => {
        if (Array.isArray(dy)) throw new Error(`${kernelName} has one output`)
        return of(dy, tensors, attributes as typeof attributes & Attributes)
      },
    })
  }
}
