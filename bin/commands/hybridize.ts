import { writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { largeNumber, parseOptions, quantOption, wholeNumber } from '../arguments.ts'
import { type Command, UsageError } from '../command.ts'
import { formatCount } from '../format.ts'
import { findGpu } from '../gpu.ts'
import type { HybridizeJob } from '../hybridize/job.ts'
import {
  beyondWindow,
  conclude,
  type HybridizeReport,
  hybridizeTable,
  perplexities,
} from '../hybridize/report.ts'
import { Progress } from '../progress.ts'
import { chart } from '../recall/chart.ts'
import { type Finding, measure, MODES } from '../recall/measure.ts'
import { refusalsOf, rowsOf, table, updatesOf } from '../recall/report.ts'

/** Tokens of a step, in windows: what left the window is asked for at up to this distance. */
const WINDOWS_READ = 5
/** No less than this: a multiple of what slots are computed by at once. */
const SHORTEST = 160
const WIDEST_WINDOW = 256
const MOST_SLOTS = 128
/** What stage 2 learns from where it is asked for, as a share of the tokens. */
const ADAPTER_SHARE = 0.25

const LABELS = {
  ranking: 'Ranking layers',
  gates: 'Fitting gates',
  adapters: 'Fitting adapters',
  measuring: 'Measuring',
} as const

export const hybridize: Command = {
  summary: 'give a model that has full attention slots, and report what it recalls',
  help: `plateau hybridize --model DIR --text FILE --out DIR [options]

Turns a model that was trained with full attention into one with slots and windows, on this machine: the same weights with
full attention teach gates what attention should give. The layers that cost most to narrow stay wide. The new folder is an
ordinary model, and its report is in it: hybridize.json and hybridize.svg. Ctrl-C pauses; the same command goes on.

  --model DIR         a model with full attention (needed)
  --text FILE         what to learn from; may be given more than once (needed): documents, or .jsonl with a conversation
                      {"messages": [{"role": "user", "content": "…"}, …]} a line
  --out DIR           the new folder (needed)
  --tokens N          how many to learn from, as 200k or 5M (default: 500k)
  --window W          the narrow layers' window (default: 64)
  --slots M           slots per KV head (default: 64)
  --wide-layers N     how many layers keep a window of 2,048 (default: a quarter of them)
  --sinks S           tokens from the beginning that are always kept (default: 4)
  --stage STAGE       gates, or gates+lora: low-rank adapters on q and k as well, end to end (default: gates)
  --quant Q           how weights are stored: q4, q8 or f16 (default: f16, which other programs read)
  --rounds N          conversations in which recall is measured, of four facts each (default: 5)
  --seed S            (default: 1)
  --json              print the report as one JSON document
`,
  async run(args, world) {
    const values = parseOptions('hybridize', args, {
      model: { type: 'string' },
      text: { type: 'string', multiple: true, default: [] },
      out: { type: 'string' },
      tokens: { type: 'string', default: '500k' },
      window: { type: 'string', default: '64' },
      slots: { type: 'string', default: '64' },
      'wide-layers': { type: 'string' },
      sinks: { type: 'string', default: '4' },
      stage: { type: 'string', default: 'gates' },
      quant: { type: 'string', default: 'f16' },
      rounds: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
    })
    const { model, out } = values
    if (model === undefined)
      throw new UsageError('--model is missing: the folder of a model with full attention.')
    if (out === undefined) throw new UsageError('--out is missing: the folder that the new model becomes.')
    if (values.text.length === 0) throw new UsageError('--text is missing: a file to learn from.')
    if (values.stage !== 'gates' && values.stage !== 'gates+lora')
      throw new UsageError(`--stage must be gates or gates+lora, not "${values.stage}".`)
    const slots = wholeNumber('slots', values.slots, 1)
    if (slots > MOST_SLOTS) throw new UsageError(`--slots must be at most ${MOST_SLOTS}, not ${slots}.`)
    const window = wholeNumber('window', values.window, 1)
    if (window > WIDEST_WINDOW)
      throw new UsageError(`--window must be at most ${WIDEST_WINDOW}, not ${window}.`)
    const length = Math.max(SHORTEST, Math.ceil((WINDOWS_READ * window) / 32) * 32)
    const tokens = largeNumber('tokens', values.tokens, length)
    const job: HybridizeJob = {
      model,
      text: values.text,
      out: resolve(out),
      quant: quantOption(values.quant),
      tokens,
      adapterTokens: values.stage === 'gates' ? 0 : Math.ceil(tokens * ADAPTER_SHARE),
      length,
      window,
      slots,
      sinks: wholeNumber('sinks', values.sinks, 0),
      wideLayers:
        values['wide-layers'] === undefined ? null : wholeNumber('wide-layers', values['wide-layers'], 0),
      seed: wholeNumber('seed', values.seed, 0),
    }
    const rounds = wholeNumber('rounds', values.rounds, 1)

    // It is large, and no other command needs it.
    const { hybridize: run } = await import('../hybridize/job.ts')
    let shown: { phase: keyof typeof LABELS; progress: Progress } | null = null
    const hybridized = await run(job, world, await findGpu(), (phase, done, total, loss) => {
      if (shown?.phase !== phase) {
        shown?.progress.clear()
        shown = { phase, progress: new Progress(world.stderr, LABELS[phase]) }
      }
      shown.progress.show(done, total, loss === null ? `text ${done} of ${total}` : `loss ${loss.toFixed(4)}`)
    })

    const save = async (found: readonly Finding[]): Promise<HybridizeReport> => {
      const beyond = beyondWindow(found, window)
      const report: HybridizeReport = {
        ...hybridized,
        model: basename(job.out),
        job,
        perplexity: perplexities(hybridized.buckets),
        beyond,
        recall: {
          model: basename(job.out),
          seed: job.seed,
          rounds,
          rows: rowsOf(found),
          updates: updatesOf(found),
          refusals: refusalsOf(found),
        },
        conclusion: conclude(beyond, window),
      }
      await writeFile(join(job.out, 'hybridize.json'), `${JSON.stringify(report, null, 1)}\n`)
      if (found.length > 0) await writeFile(join(job.out, 'hybridize.svg'), chart(report.recall))
      return report
    }
    // Asking takes a while; what is known by now is kept whatever happens.
    await save([])

    const engine = await world.loadEngine(job.out, () => undefined)
    const findings: Finding[] = []
    try {
      const progress = new Progress(world.stderr, 'Asking')
      const recallPlan = {
        modes: MODES,
        distances: [Math.ceil(window / 2), 2 * window, 5 * window],
        facts: [4],
        rounds,
        seed: job.seed,
        filler: null,
        lookup: false,
      }
      const show = (done: number, total: number) =>
        progress.show(done, total, `${formatCount(findings.length)} answers`)
      for await (const finding of measure(engine, recallPlan, world.interrupted, show)) findings.push(finding)
      progress.clear()
    } finally {
      engine.dispose()
    }
    const report = await save(findings)
    world.stdout.write(
      values.json ? `${JSON.stringify(report)}\n` : `${table(report.recall)}\n${hybridizeTable(report)}`,
    )
    return 0
  },
}
