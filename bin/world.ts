import { join } from 'node:path'
import { dataFolder } from '../electron/data-folder.ts'
import { diskCode } from '../electron/disk.ts'
import { HUB } from '../electron/downloads/hub.ts'
import { nodePorts } from '../electron/downloads/ports.ts'
import { loadEngine } from '../engine/engine.ts'
import { inspectGpu } from '../engine/model/gpu.ts'
import { copyBandwidth } from './bench/copy-bandwidth.ts'
import { timeSchedules } from './bench/kernels.ts'
import type { World } from './command.ts'
import { openConversations, openDocuments, serverToken } from './conversation-store.ts'
import { threadReader } from './documents/thread.ts'
import { choicesIn } from './gpu-choices.ts'
import { findGpu } from './gpu.ts'
import { modelFolder } from './model-folder.ts'

/** npm and the terminal both deliver one Ctrl-C; only a later one is a second press. */
const SAME_PRESS_MILLISECONDS = 200

/** This process, its terminal and its GPU. */
export function realWorld(): World {
  process.stdout.on('error', endWithOutput)
  // There is nobody left to tell; the exit code still says how it ended.
  process.stderr.on('error', () => undefined)
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    interrupted: watchInterrupts(),
    openConversations,
    extract: threadReader(join(import.meta.dirname, 'documents-worker.js')),
    openDocuments,
    serverToken,
    hub: { url: HUB, token: process.env['HF_TOKEN'] ?? '', ports: nodePorts },
    inspectGpu: async () => inspectGpu(await findGpu()),
    copyBandwidth: async () => {
      const gpu = await findGpu()
      return gpu ? copyBandwidth(gpu) : 0
    },
    timeSchedules: async (shapes) => {
      const gpu = await findGpu()
      return gpu ? timeSchedules(gpu, shapes) : []
    },
    loadEngine: async (model, onProgress, quant = null) =>
      loadEngine({
        gpu: await findGpu(),
        forceCpu: false,
        files: modelFolder(model),
        quant,
        choices: choicesIn(join(dataFolder(), 'gpu-choices.json')),
        onProgress,
      }),
  }
}

/** Whoever reads our output may have had enough, as `head` has; a full disk is a failure. */
function endWithOutput(error: Error): void {
  if (diskCode(error) === 'EPIPE') process.exit(0)
  process.stderr.write(`The output could not be written: ${error.message}.\n`, () => process.exit(1))
}

/** The first Ctrl-C asks the command to end; the second ends the process. */
function watchInterrupts(): AbortSignal {
  const controller = new AbortController()
  let pressedAt = Infinity
  process.on('SIGINT', () => {
    const now = performance.now()
    if (now - pressedAt > SAME_PRESS_MILLISECONDS) process.exit(130)
    pressedAt = Math.min(now, pressedAt)
    controller.abort()
  })
  return controller.signal
}
