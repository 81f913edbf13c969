import type { Job } from '../../electron/models/jobs.ts'
import type { FitWords } from '../../electron/models/model-bridge.ts'
import type { DocumentFile } from '../../engine/documents/document.ts'
import { extract } from '../../engine/documents/extract.ts'
import { loadEngine } from '../../engine/engine.ts'
import { findGpu } from '../gpu.ts'
import { modelFolder } from '../model-folder.ts'
import { hasVulkanHardware } from '../vulkan.ts'
import { thinned } from './loss-curve.ts'
import { type HybridizeJob, planned } from './planned.ts'
import { hybridizeAndAsk } from './run.ts'

/** Conversations in which recall is measured. */
const ROUNDS = 5
/** A curve needs no more points. */
const MOST_POINTS = 200
const TELL_MILLISECONDS = 200

/**
 * The library's fit: what `plateau hybridize` does, told to the window. It is ended by ending the process, and goes on
 * from the files that it keeps beside the new folder.
 */
export async function fitModel(
  { source, out, stage, tokens, texts }: Extract<Job, { type: 'fit' }>,
  onProgress: (done: number, total: number, fit: FitWords) => void,
): Promise<void> {
  const job: HybridizeJob = planned({ model: source, text: texts, out, stage, tokens })
  // A software driver would be found by starting this process again, which whoever listens to it would not hear.
  const gpu = process.platform === 'linux' && !hasVulkanHardware() ? null : await findGpu()
  const world = {
    interrupted: new AbortController().signal,
    // Files of other types were read by the window.
    extract: (file: DocumentFile) => extract(file),
    loadEngine: (model: string) =>
      loadEngine({ gpu, forceCpu: gpu === null, files: modelFolder(model), onProgress: () => undefined }),
    stderr: process.stderr,
  }
  let toldAt = -Infinity
  let toldPhase = ''
  await hybridizeAndAsk(job, ROUNDS, world, gpu, ({ phase, done, total, losses }) => {
    const now = performance.now()
    if (phase === toldPhase && now - toldAt < TELL_MILLISECONDS && done < total) return
    toldAt = now
    toldPhase = phase
    onProgress(done, total, { phase, losses: thinned(losses, MOST_POINTS) })
  })
}
