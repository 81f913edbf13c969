import { join } from 'node:path'
import { dataFolder } from '../electron/data-folder.ts'
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
  // Whoever read our output has had enough, as `head` does.
  process.stdout.on('error', () => process.exit(0))
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
