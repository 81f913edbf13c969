import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Job, RunJob } from '../../electron/models/jobs.ts'
import { inThisProcess } from './test-bridge.ts'
import { TINY, tinyModel } from './tiny-model.ts'

type FitJob = Extract<Job, { type: 'fit' }>

const SHARE = { asked: 40, share: 0.5, low: 0.35, high: 0.65 }
const NOTHING = { ...SHARE, share: 0, low: 0, high: 0.09 }
/** As bin/hybridize/report.ts writes it, in what the window shows. */
const REPORT = {
  job: { window: 64 },
  beyond: { nha: SHARE, 'window-only': NOTHING, 'slots-random': NOTHING, full: SHARE },
  perplexity: {
    full: { '< W': 9, '> 4W': 8.5 },
    'slots on': { '< W': 9, '> 4W': 8.71 },
    'slots off': { '< W': 9, '> 4W': null },
  },
  tokens: 100_000,
  seconds: 700,
}

/** The lines of such a chart; without words, whose letters are the system's. */
const CHART = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 240">
<style>
  svg { background: #fff } polyline { fill: none; stroke-width: 2; stroke: #0072b2 } .off { stroke: #d55e00 }
  @media (prefers-color-scheme: dark) { svg { background: #141a17 } polyline { stroke: #56b4e9 } }
</style>
<polyline points="40,20 240,40 480,90 720,110"/><polyline class="off" points="40,22 240,60 480,210 720,215"/>
</svg>`

/**
 * A library whose fits are played: each is told by `tell` how far it is, until it is paused or `finish` gives it its model.
 * Its other jobs are done.
 */
export class ScriptedFits {
  readonly jobs: FitJob[] = []
  /** what each was given to read */
  readonly texts: string[][] = []
  #tell: Parameters<RunJob>[1] = () => undefined
  #finish: () => void = () => undefined

  readonly run: RunJob = (job, onProgress, signal) => {
    if (job.type !== 'fit') return inThisProcess(job, onProgress, signal)
    this.jobs.push(job)
    this.texts.push(job.texts.map((path) => readFileSync(path, 'utf8')))
    this.#tell = onProgress
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error))
      this.#finish = () => {
        mkdirSync(job.out)
        for (const [file, bytes] of tinyModel({ ...TINY, family: 'qwen3_nha' }))
          writeFileSync(join(job.out, file), bytes)
        writeFileSync(join(job.out, 'hybridize.json'), JSON.stringify(REPORT))
        writeFileSync(join(job.out, 'hybridize.svg'), CHART)
        resolve(null)
      }
    })
  }

  tell(...progress: Parameters<Parameters<RunJob>[1]>): void {
    this.#tell(...progress)
  }

  finish(): void {
    this.#finish()
  }
}
