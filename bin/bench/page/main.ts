import { loadEngine } from '../../../engine/engine.ts'
import { fetchedFiles } from '../../../engine/fetched-files.ts'
import type { Answer, Contestant, Introduction, Prepared, Snapshot, Task } from '../contestant.ts'
import type { MatrixShape } from '../../../kernels/matrix.ts'
import { copyBandwidth } from '../copy-bandwidth.ts'
import type { OnnxDecoder } from '../onnx/decoder.ts'
import { type MeasuredOptions, Ours } from '../ours.ts'
import { type Matmul, timeMatmul } from './matmul.ts'
import { OnnxRuntime } from './ort.ts'
import { WllamaPeer } from './wllama.ts'

/** What Node asks of the page; contestants are known by number. */
export interface BenchPage {
  bandwidth(): Promise<number>
  loadOurs(url: string): Promise<Answer<null>>
  ours(options: MeasuredOptions): number
  onnxRuntime(url: string, decoder: OnnxDecoder): number
  wllama(url: string, weightBytes: number, stateBytesPerToken: number): number
  matmul(shape: MatrixShape, tokens: number): Promise<Answer<Matmul>>
  open(contestant: number): Promise<Answer<Introduction>>
  prepare(contestant: number, task: Task): Promise<Answer<Prepared>>
  time(contestant: number, task: Task): Promise<Answer<number>>
  timeSnapshot(contestant: number): Promise<Answer<Snapshot | null>>
  close(contestant: number): Promise<Answer<void>>
  /** of ONNX Runtime: the tokens read one call after another, logits after the last */
  logits(contestant: number, calls: readonly (readonly number[])[]): Promise<number[]>
}

let engine: Awaited<ReturnType<typeof loadEngine>> | null = null
const contestants: Contestant[] = []

async function answer<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await work() }
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) }
  }
}

function known(contestant: number): Contestant {
  const found = contestants[contestant]
  if (!found) throw new Error(`there is no contestant ${contestant}`)
  return found
}

const page: BenchPage = {
  bandwidth: () => copyBandwidth(navigator.gpu),
  loadOurs: (url) =>
    answer(async () => {
      engine = await loadEngine({ gpu: navigator.gpu, forceCpu: false, files: fetchedFiles(url) })
      return null
    }),
  ours(options) {
    if (!engine) throw new Error('the model is not loaded')
    return contestants.push(new Ours(engine, options, 'Chromium')) - 1
  },
  onnxRuntime: (url, decoder) => contestants.push(new OnnxRuntime(url, decoder)) - 1,
  wllama: (...file) => contestants.push(new WllamaPeer(...file)) - 1,
  matmul: (shape, tokens) => answer(() => timeMatmul(shape, tokens)),
  open: (contestant) => answer(() => known(contestant).open()),
  prepare: (contestant, task) => answer(() => known(contestant).prepare(task)),
  time: (contestant, task) => answer(() => known(contestant).time(task)),
  timeSnapshot: (contestant) => answer(() => known(contestant).timeSnapshot()),
  close: (contestant) => answer(() => known(contestant).close()),
  async logits(contestant, calls) {
    const one = known(contestant)
    if (!(one instanceof OnnxRuntime)) throw new Error('only ONNX Runtime is asked for logits')
    let position = 0
    let logits = new Float32Array(0)
    for (const tokens of calls) {
      logits = Float32Array.from(await one.run(tokens, position))
      position += tokens.length
    }
    return [...logits]
  },
}

Object.assign(globalThis, { benchPage: page })
