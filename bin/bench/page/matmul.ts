import { createGemm } from '../../../kernels/gemm.ts'
import { matrixBytes, type MatrixShape } from '../../../kernels/matrix.ts'
import { adapterName, timed } from '../contestant.ts'

const PACKAGES = '/packages/@tensorflow'
const ROUNDS = 5

/** The part of tfjs that is asked. */
interface Tensor {
  data(): Promise<ArrayLike<number>>
  dispose(): void
}
interface Tensorflow {
  setBackend(name: string): Promise<boolean>
  ready(): Promise<void>
  getBackend(): string
  randomUniform(shape: readonly number[], least: number, most: number): Tensor
  matMul(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor
  slice(tensor: Tensor, begin: readonly number[], size: readonly number[]): Tensor
}

/** Fastest milliseconds of a product of f32 by f32, T vectors at once, in turn; with what each ran on. */
export interface Matmul {
  readonly ours: { readonly backend: string; readonly milliseconds: number }
  readonly tfjs: { readonly backend: string; readonly milliseconds: number }
}

/** @throws tfjs has no WebGPU here */
export async function timeMatmul({ rows, cols }: MatrixShape, tokens: number): Promise<Matmul> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) throw new Error('no adapter was found')
  const name = adapterName(adapter.info)
  const ours = await prepareOurs(await adapter.requestDevice(), { rows, cols, format: 'f32' }, tokens)
  const tfjs = await prepareTfjs(rows, cols, tokens)
  let [best, bestTfjs] = [Infinity, Infinity]
  // The first of each is not counted: shaders are compiled in it.
  for (let round = 0; round <= ROUNDS; round++) {
    const [time, timeTfjs] = [await timed(ours), await timed(tfjs.run)]
    if (round === 0) continue
    best = Math.min(best, time)
    bestTfjs = Math.min(bestTfjs, timeTfjs)
  }
  return {
    ours: { backend: `WebGPU: ${name}, Chromium`, milliseconds: best },
    tfjs: {
      backend: `${tfjs.backend === 'webgpu' ? `WebGPU: ${name}` : tfjs.backend}, Chromium`,
      milliseconds: bestTfjs,
    },
  }
}

async function prepareOurs(
  device: GPUDevice,
  shape: MatrixShape,
  tokens: number,
): Promise<() => Promise<void>> {
  const buffer = (size: number, usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC): GPUBuffer =>
    device.createBuffer({ size, usage: usage | GPUBufferUsage.COPY_DST })
  const step = buffer(8, GPUBufferUsage.UNIFORM)
  device.queue.writeBuffer(step, 0, Uint32Array.of(0, tokens))
  const kernel = await createGemm(device, shape, { bias: false, accumulate: false })
  const output = buffer(4 * tokens * shape.rows)
  const weight = buffer(matrixBytes(shape).weightBytes)
  const staging = buffer(4, GPUBufferUsage.MAP_READ)
  const dispatches = kernel.bind({
    step,
    matrix: { shape, weight, scales: null },
    input: buffer(4 * tokens * shape.cols),
    bias: null,
    output,
  })
  return async () => {
    const encoder = device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    for (const dispatch of dispatches) dispatch.encode(pass, tokens)
    pass.end()
    encoder.copyBufferToBuffer(output, 0, staging, 0, 4)
    device.queue.submit([encoder.finish()])
    await staging.mapAsync(GPUMapMode.READ)
    staging.unmap()
  }
}

async function prepareTfjs(
  rows: number,
  cols: number,
  tokens: number,
): Promise<{ backend: string; run: () => Promise<void> }> {
  await script(`${PACKAGES}/tfjs-core/dist/tf-core.min.js`)
  await script(`${PACKAGES}/tfjs-backend-webgpu/dist/tf-backend-webgpu.min.js`)
  const tf = Reflect.get(globalThis, 'tf') as Tensorflow | undefined
  if (!tf) throw new Error('tfjs did not load')
  if (!(await tf.setBackend('webgpu'))) throw new Error('tfjs did not start its WebGPU backend')
  await tf.ready()
  const weight = tf.randomUniform([rows, cols], -1, 1)
  const input = tf.randomUniform([tokens, cols], -1, 1)
  return {
    backend: tf.getBackend(),
    run: async () => {
      const product = tf.matMul(input, weight, false, true)
      const first = tf.slice(product, [0, 0], [1, 1])
      await first.data()
      first.dispose()
      product.dispose()
    },
  }
}

function script(source: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const element = document.createElement('script')
    element.src = source
    element.onload = () => resolve()
    element.onerror = () => reject(new Error(`${source} was not found`))
    document.head.append(element)
  })
}
