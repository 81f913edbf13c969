import { stat } from 'node:fs/promises'
import type { Description, Job, JobMessage } from '../electron/models/jobs.ts'
import type { FitWords } from '../electron/models/model-bridge.ts'
import { describe, EngineError } from '../engine/errors.ts'
import { readGguf } from '../engine/formats/gguf.ts'
import { GgufMetadata } from '../engine/formats/gguf-metadata.ts'
import { Checkpoint } from '../engine/model/checkpoint.ts'
import { parseConfig } from '../engine/model/config.ts'
import { fitOf } from '../engine/model/fit.ts'
import { ggufConfig, renameTensors } from '../engine/model/gguf-config.ts'
import { CommandError } from './command.ts'
import { importInto } from './import-model.ts'
import { modelFolder } from './model-folder.ts'

const NEVER = new AbortController().signal

/** The library's work on files that may be hostile, done in a process of its own that can be killed at any moment. */
export async function runModelJob(
  job: Job,
  onProgress: (done: number, total: number, fit?: FitWords) => void,
): Promise<JobMessage> {
  try {
    if (job.type === 'fit') {
      // It is large, and no other job needs it.
      const { fitModel } = await import('./hybridize/fit-model.ts')
      await fitModel(job, onProgress)
      return { type: 'done', description: null }
    }
    if (job.type === 'describe') return { type: 'done', description: await describeGguf(job.path) }
    const source = await stat(job.source).catch(() => null)
    if (!source) return { type: 'refused', sentence: `There is no file or folder ${job.source}.` }
    if (source.isFile() && !job.source.toLowerCase().endsWith('.gguf')) {
      const sentence = `${job.source} is no GGUF file; of a model in several files choose the folder.`
      return { type: 'refused', sentence }
    }
    await importInto(job, NEVER, onProgress)
    return { type: 'done', description: null }
  } catch (error) {
    return { type: 'refused', sentence: sentenceOf(error) }
  }
}

/** The config that a GGUF file stands for, and the type that most of its bytes have. */
async function describeGguf(path: string): Promise<Description> {
  const files = modelFolder(path)
  const file = await files.open(files.gguf ?? '')
  try {
    const gguf = await readGguf(file)
    const metadata = new GgufMetadata(file.name, gguf)
    const config = await ggufConfig(metadata, gguf.tensors)
    const parsed = parseConfig(config, file.name)
    const checkpoint = new Checkpoint(renameTensors(metadata, gguf.tensors, parsed.headDim))
    const { weights } = fitOf(parsed, checkpoint)
    const bytes = new Map<string, number>()
    for (const { type, byteLength } of gguf.tensors.values())
      bytes.set(type, (bytes.get(type) ?? 0) + byteLength)
    const [most] = [...bytes].sort(([, a], [, b]) => b - a)
    return { format: most?.[0] ?? '', config, weightBytes: weights }
  } finally {
    await file.close()
  }
}

function sentenceOf(error: unknown): string {
  if (error instanceof EngineError) return describe(error.failure)
  if (error instanceof CommandError) return error.message
  return `The model could not be read: ${error instanceof Error ? error.message : String(error)}.`
}
