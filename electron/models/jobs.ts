import { Refusal } from '../conversations.ts'
import type { ArrivalQuant, FitStage, FitWords } from './model-bridge.ts'

/** Where a model was fetched from: `source.json` beside its files. */
export interface Origin {
  readonly repo: string
  readonly revision: string
}

/** What is done with the files of a model in a process of its own: they may be hostile, and converting takes long. */
export type Job =
  | { readonly type: 'describe'; readonly path: string }
  | {
      readonly type: 'import'
      readonly source: string
      readonly out: string
      readonly quant: ArrivalQuant
      /** what to call the model; empty for its own name */
      readonly name: string
      readonly origin: Origin | null
    }
  | ({ readonly type: 'fit'; readonly source: string; readonly out: string } & Fit)

/** How a model with full attention is given a memory. */
export interface Fit {
  /** gates alone, or adapters on q and k as well */
  readonly stage: FitStage
  /** to learn from */
  readonly tokens: number
  /** files to learn from: text, or .jsonl with a conversation a line */
  readonly texts: readonly string[]
}

/** What a GGUF file is. */
export interface Description {
  readonly format: string
  readonly config: unknown
  /** on the GPU */
  readonly weightBytes: number | null
}

export interface JobProgress {
  readonly done: number
  readonly total: number
  /** of a fit */
  readonly fit?: FitWords
}

export type JobMessage =
  | ({ readonly type: 'progress' } & JobProgress)
  | { readonly type: 'done'; readonly description: Description | null }
  | { readonly type: 'refused'; readonly sentence: string }

/**
 * Do a job. Aborted, it ends at once; what it had written to `OUT.part` may stay.
 *
 * @returns what was described; `null` for everything else
 * @throws {Refusal}, or the signal's reason
 */
export type RunJob = (
  job: Job,
  onProgress: (done: number, total: number, fit?: FitWords) => void,
  signal: AbortSignal,
) => Promise<Description | null>

/** The process of one job. */
export interface JobProcess {
  post(job: Job): void
  onMessage(listener: (message: JobMessage) => void): void
  onExit(listener: () => void): void
  kill(): void
}

/** Jobs in processes that `start` starts, one for each. */
export function jobsIn(start: () => JobProcess): RunJob {
  return (job, onProgress, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const child = start()
      const end = (settle: () => void) => {
        signal.removeEventListener('abort', stop)
        settle()
        child.kill()
      }
      const stop = () => end(() => reject(signal.reason as Error))
      signal.addEventListener('abort', stop)
      child.onMessage((message) => {
        if (message.type === 'progress') onProgress(message.done, message.total, message.fit)
        else if (message.type === 'done') end(() => resolve(message.description))
        else end(() => reject(new Refusal(message.sentence)))
      })
      child.onExit(() =>
        end(() =>
          reject(
            new Refusal('Reading the model ended before its time; there may be too little memory for it.'),
          ),
        ),
      )
      child.post(job)
    })
}
