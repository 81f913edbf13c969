import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { chart } from '../recall/chart.ts'
import { type Finding, measure, MODES } from '../recall/measure.ts'
import { refusalsOf, rowsOf, updatesOf } from '../recall/report.ts'
import { hybridize, type Hybridized, type HybridizeWorld, type OnProgress } from './job.ts'
import type { HybridizeJob } from './planned.ts'
import { beyondWindow, conclude, type HybridizeReport, perplexities } from './report.ts'

/** Beside the files of the new model. */
const REPORT_FILE = 'hybridize.json'
const CHART_FILE = 'hybridize.svg'

/**
 * Give a model slots, ask what it recalls, and write the report into its folder: numbers, a chart and a sentence.
 *
 * @param rounds conversations in which recall is measured, of four facts each
 * @throws {Interrupted} with all that was learned saved; {CommandError}, {EngineError}
 */
export async function hybridizeAndAsk(
  job: HybridizeJob,
  rounds: number,
  world: HybridizeWorld,
  gpu: GPU | null,
  onProgress: OnProgress,
): Promise<HybridizeReport> {
  const hybridized = (await unasked(job)) ?? (await hybridize(job, world, gpu, onProgress))
  const save = async (found: readonly Finding[]): Promise<HybridizeReport> => {
    const beyond = beyondWindow(found, job.window)
    const report: HybridizeReport = {
      ...hybridized,
      model: basename(job.out),
      job,
      perplexity: perplexities(hybridized.buckets),
      beyond,
      recall: {
        model: basename(job.out),
        seed: job.seed,
        rounds: [rounds],
        rows: rowsOf(found),
        updates: updatesOf(found),
        refusals: refusalsOf(found),
      },
      conclusion: conclude(beyond, job.window),
    }
    await writeFile(join(job.out, REPORT_FILE), `${JSON.stringify(report, null, 1)}\n`)
    if (found.length > 0) await writeFile(join(job.out, CHART_FILE), chart(report.recall))
    return report
  }
  // Asking takes a while; what is known by now is kept whatever happens.
  await save([])

  const engine = await world.loadEngine(job.out, () => undefined)
  const findings: Finding[] = []
  try {
    const plan = {
      modes: MODES,
      distances: [Math.ceil(job.window / 2), 2 * job.window, 5 * job.window],
      facts: [4],
      rounds: [rounds],
      seed: job.seed,
      filler: null,
      lookup: false,
    }
    const show = (done: number, total: number) => onProgress({ phase: 'asking', done, total, losses: [] })
    for await (const finding of measure(engine, plan, world.interrupted, show)) findings.push(finding)
  } finally {
    engine.dispose()
  }
  return save(findings)
}

/** What the same job came to before it was stopped while the model was asked; `null` where it was not. */
async function unasked(job: HybridizeJob): Promise<Hybridized | null> {
  const text = await readFile(join(job.out, REPORT_FILE), 'utf8').catch(() => null)
  if (text === null) return null
  const report = JSON.parse(text) as HybridizeReport
  const isSame = JSON.stringify(report.job) === JSON.stringify(job)
  return isSame && Object.keys(report.beyond).length === 0 ? report : null
}
