import { mkdir, readFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseConfig } from '../../engine/model/config.ts'
import type { MatrixShape } from '../../kernels/matrix.ts'
import { CommandError } from '../command.ts'
import { ROOT } from '../root.ts'
import { type BenchBrowser, openBenchBrowser } from './chromium.ts'
import type { Contestant } from './contestant.ts'
import { writeGgufModel } from './gguf/model.ts'
import { kernelRow, type KernelRow } from './kernels.ts'
import { LlamaCpp } from './llama-cpp.ts'
import type { Plan } from './measure.ts'
import type { MeasuredOptions } from './ours.ts'
import { writeOnnxDecoder } from './onnx/decoder.ts'
import type { Versions } from './report.ts'

export interface Peers {
  readonly contestants: readonly Contestant[]
  readonly versions: Versions
  /** ours and tfjs on products of this shape */
  timeMatmul(shape: MatrixShape): Promise<KernelRow[]>
  close(): Promise<void>
}

/** Tokens beyond the last position that are decoded there. */
const ROOM = 512

/**
 * Ours and others in a page of Chromium.
 *
 * @param folder the model; `work` takes what is written for this
 * @throws {CommandError} there is no Chromium, or this is no clone with its development packages
 */
export async function gatherPeers(options: {
  readonly folder: string
  readonly work: string
  readonly memories: readonly MeasuredOptions[]
  readonly peers: boolean
  readonly plan: Plan
}): Promise<Peers> {
  const { folder, work, memories, peers, plan } = options
  if (
    !['vite', 'playwright-core', 'onnxruntime-web'].every((name) =>
      existsSync(join(ROOT, 'node_modules', name)),
    )
  )
    throw new CommandError(
      '--peers and --in chromium come with a clone of the repository and `npm ci`, not with the installed app',
    )
  const browser = await openBenchBrowser(join(work, 'page'))
  try {
    const page = await browser.page()
    await page.loadOurs(browser.share('model', folder))
    const contestants: Contestant[] = []
    for (const memory of memories) contestants.push(await page.ours(memory))
    if (peers) {
      const gguf = await ggufModel(folder, work)
      contestants.push(
        await onnxRuntime(browser, folder, work, plan),
        llamaCpp(gguf, plan),
        await wllama(browser, gguf),
      )
    }
    return {
      contestants,
      versions: { chromium: browser.version },
      timeMatmul: (shape) => timeMatmul(browser, shape),
      close: () => browser.close(),
    }
  } catch (error) {
    await browser.close()
    throw error
  }
}

/** Of a chunk of prefill. */
const MATMUL_TOKENS = 128

async function timeMatmul(browser: BenchBrowser, { rows, cols }: MatrixShape): Promise<KernelRow[]> {
  const shape = { rows, cols, format: 'f32' } as const
  const common = { kernel: 'matmul', tokens: MATMUL_TOKENS }
  try {
    const { ours, tfjs } = await (await browser.page()).matmul(shape, MATMUL_TOKENS)
    return [
      kernelRow({ ...common, engine: 'plateau', backend: ours.backend }, shape, ours.milliseconds),
      kernelRow({ ...common, engine: 'tfjs', backend: tfjs.backend }, shape, tfjs.milliseconds),
    ]
  } catch (error) {
    return [kernelRow({ ...common, engine: 'tfjs', backend: 'none' }, shape, null, reasonOf(error))]
  }
}

async function onnxRuntime(
  browser: BenchBrowser,
  folder: string,
  work: string,
  { tasks }: Plan,
): Promise<Contestant> {
  try {
    const target = join(work, 'onnx')
    await mkdir(target)
    const capacity = Math.max(...tasks.map(({ position }) => position)) + ROOM
    const decoder = await writeOnnxDecoder(folder, target, { capacity, accuracyLevel: 4 })
    // A page of its own: its 4 GiB of WebAssembly memory and its device are nobody else's.
    const page = await browser.page()
    return await page.onnxRuntime(browser.share('onnx', target), decoder)
  } catch (error) {
    return absent('onnxruntime-web', 'Chromium', reasonOf(error))
  }
}

/** The model as a GGUF file, or why there is none. */
type GgufModel =
  | {
      readonly folder: string
      readonly name: string
      readonly weightBytes: number
      readonly stateBytesPerToken: number
    }
  | { readonly refused: string }

async function ggufModel(folder: string, work: string): Promise<GgufModel> {
  try {
    const target = join(work, 'gguf')
    await mkdir(target)
    const name = 'model.gguf'
    const weightBytes = await writeGgufModel(folder, join(target, name))
    const { layers, kvHeads, headDim } = parseConfig(
      JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')),
    )
    // Keys and values in f16.
    return { folder: target, name, weightBytes, stateBytesPerToken: 2 * 2 * layers * kvHeads * headDim }
  } catch (error) {
    return { refused: reasonOf(error) }
  }
}

function llamaCpp(gguf: GgufModel, { tasks }: Plan): Contestant {
  if ('refused' in gguf) return absent('llama.cpp', 'Node', gguf.refused)
  const { folder, name, weightBytes } = gguf
  return new LlamaCpp(join(folder, name), weightBytes, Math.max(...tasks.map(({ position }) => position)))
}

async function wllama(browser: BenchBrowser, gguf: GgufModel): Promise<Contestant> {
  if ('refused' in gguf) return absent('wllama', 'Chromium', gguf.refused)
  if (!existsSync(join(ROOT, 'node_modules/@wllama/wllama')))
    return absent('wllama', 'Chromium', 'the package @wllama/wllama is not installed')
  try {
    const page = await browser.page()
    const url = browser.share('gguf', gguf.folder) + gguf.name
    return await page.wllama(url, gguf.weightBytes, gguf.stateBytesPerToken)
  } catch (error) {
    return absent('wllama', 'Chromium', reasonOf(error))
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A peer that cannot run, and says why in its row. */
function absent(engine: string, place: Contestant['place'], reason: string): Contestant {
  const refuse = (): Promise<never> => Promise.reject(new CommandError(reason))
  return {
    engine,
    place,
    attention: 'full',
    open: refuse,
    prepare: refuse,
    time: refuse,
    timeSnapshot: refuse,
    close: () => Promise.resolve(),
  }
}
