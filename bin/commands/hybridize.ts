import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { largeNumber, parseOptions, quantOption, wholeNumber } from '../arguments.ts'
import { type Command, Interrupted, UsageError } from '../command.ts'
import { findGpu } from '../gpu.ts'
import type { OnProgress } from '../hybridize/job.ts'
import { lossCurve } from '../hybridize/loss-curve.ts'
import { FIT_PHASES, type HybridizeJob, planned } from '../hybridize/planned.ts'
import { hybridizeTable } from '../hybridize/report.ts'
import { Progress } from '../progress.ts'
import { table } from '../recall/report.ts'

const WIDEST_WINDOW = 256
const MOST_SLOTS = 128
const LEAST_TOKENS = 1000
/** Bars of the loss curve beside the progress bar. */
const CURVE = 16
const LABELS = {
  ranking: 'Ranking layers',
  gates: 'Fitting gates',
  adapters: 'Fitting adapters',
  measuring: 'Measuring',
  asking: 'Asking',
} as const

export const hybridize: Command = {
  summary: 'give a model that has full attention slots, and report what it recalls',
  help: `plateau hybridize --model DIR --text FILE --out DIR [options]

Turns a model that was trained with full attention into one with slots and windows, on this machine: the same weights with
full attention teach gates what attention should give. The layers that cost most to narrow stay wide. The new folder is an
ordinary model, and its report is in it: hybridize.json and hybridize.svg. Ctrl-C pauses; the same command goes on. What it
keeps until then is DIR.gates and DIR.adapters; delete them to give it up.

  --model DIR         a model with full attention (needed)
  --text FILE         what to learn from; may be given more than once (needed): documents, or .jsonl with a conversation
                      {"messages": [{"role": "user", "content": "…"}, …]} a line
  --out DIR           the new folder (needed)
  --tokens N          how many to learn from, as 40000, 500k or 5M (default: 500k: by gates alone some 40 minutes for two
                      million parameters on two cores, and longer with their number)
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
  needsGpu: () => true,
  async run(args, world) {
    const { job, rounds, json } = readJob(args)
    const { hybridizeAndAsk } = await import('../hybridize/run.ts')
    let shown: { phase: keyof typeof LABELS; progress: Progress } | null = null
    const onProgress: OnProgress = ({ phase, done, total, losses }) => {
      if (shown?.phase !== phase) {
        shown?.progress.clear()
        shown = { phase, progress: new Progress(world.stderr, LABELS[phase]) }
      }
      shown.progress.show(done, total, detailOf(phase, done, total, losses))
    }
    const making = hybridizeAndAsk(job, rounds, world, await findGpu(), onProgress)
    const report = await making.catch((error: unknown) => {
      if (error instanceof Interrupted) world.stderr.write(`${pausedWords(job.out)}\n`)
      throw error
    })
    world.stdout.write(
      json ? `${JSON.stringify(report)}\n` : `${table(report.recall)}\n${hybridizeTable(report)}`,
    )
    return 0
  },
}

/** What can be done after Ctrl-C. */
function pausedWords(out: string): string {
  const kept = FIT_PHASES.map((phase) => `${out}.${phase}`).filter((path) => existsSync(path))
  const giveUp = kept.length > 0 ? ` To give it up, delete ${kept.join(' and ')}.` : ''
  return `Paused; the same command goes on.${giveUp}`
}

/** @throws {UsageError} something is missing, or a value makes no sense */
function readJob(args: readonly string[]): { job: HybridizeJob; rounds: number; json: boolean } {
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
  const wideLayers = values['wide-layers']
  const job = planned({
    model,
    text: values.text,
    out: resolve(out),
    quant: quantOption(values.quant),
    stage: values.stage,
    tokens: largeNumber('tokens', values.tokens, LEAST_TOKENS),
    window,
    slots,
    sinks: wholeNumber('sinks', values.sinks, 0),
    wideLayers: wideLayers === undefined ? null : wholeNumber('wide-layers', wideLayers, 0),
    seed: wholeNumber('seed', values.seed, 0),
  })
  return { job, rounds: wholeNumber('rounds', values.rounds, 1), json: values.json }
}

function detailOf(
  phase: keyof typeof LABELS,
  done: number,
  total: number,
  losses: readonly number[],
): string {
  if (phase === 'asking') return ''
  if (phase === 'ranking') return `${done} of ${total} readings with one layer narrow`
  if (losses.length === 0) return `text ${done} of ${total}`
  const last = losses.slice(-20)
  return `loss ${lossCurve(losses, CURVE)} ${(last.reduce((sum, loss) => sum + loss, 0) / last.length).toFixed(4)}`
}
