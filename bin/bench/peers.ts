import { mkdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Attention } from '../../engine/protocol.ts'
import { CommandError } from '../command.ts'
import { ROOT } from '../root.ts'
import { type BenchBrowser, openBenchBrowser } from './chromium.ts'
import type { Contestant } from './contestant.ts'
import { writeGgufModel } from './gguf/model.ts'
import { LlamaCpp } from './llama-cpp.ts'
import type { Plan } from './measure.ts'
import { writeOnnxDecoder } from './onnx/decoder.ts'
import type { Versions } from './report.ts'

export interface Peers {
  readonly contestants: readonly Contestant[]
  readonly versions: Versions
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
  readonly attentions: readonly Attention[]
  readonly peers: boolean
  readonly plan: Plan
}): Promise<Peers> {
  const { folder, work, attentions, peers, plan } = options
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
    for (const attention of attentions) contestants.push(await page.ours(attention))
    if (peers)
      contestants.push(await onnxRuntime(browser, folder, work, plan), await llamaCpp(folder, work, plan))
    return { contestants, versions: { chromium: browser.version }, close: () => browser.close() }
  } catch (error) {
    await browser.close()
    throw error
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
    const reason = error instanceof Error ? error.message : String(error)
    return absent('onnxruntime-web', 'Chromium', reason)
  }
}

async function llamaCpp(folder: string, work: string, { tasks }: Plan): Promise<Contestant> {
  try {
    const path = join(work, 'model.gguf')
    const weightBytes = await writeGgufModel(folder, path)
    return new LlamaCpp(path, weightBytes, Math.max(...tasks.map(({ position }) => position)))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return absent('llama.cpp', 'Node', reason)
  }
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
