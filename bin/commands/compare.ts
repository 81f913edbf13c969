import { writeFile } from 'node:fs/promises'
import {
  describeStop,
  type Moment,
  pageMessages,
  race,
  reportOf,
  type Run,
  type Task,
} from '../../engine/compare/race.ts'
import type { ChatMessage } from '../../engine/protocol.ts'
import { parseOptions, wholeNumber } from '../arguments.ts'
import { type Command, CommandError, Interrupted, UsageError } from '../command.ts'
import { figure } from '../compare/figure.ts'
import { plot } from '../compare/plot.ts'
import { openSide, parseSide } from '../compare/side.ts'
import { readDocument } from '../documents/file.ts'
import { formatBytes, formatCount } from '../format.ts'
import { reasonOf } from '../model-folder.ts'
import { Progress } from '../progress.ts'
import { POCKET } from '../root.ts'

/** The share of the largest buffer the GPU gives that one state may take. */
const LIMIT_SHARE = 0.5
/** Where there is no GPU to ask. */
const LIMIT_WITHOUT_GPU = 2 ** 29
/** Asked of documents where no question is given. */
const QUESTION = 'What is this text about?'

export const compare: Command = {
  summary: 'the same question to two memories, side by side: bytes, speed and answers',
  help: `plateau compare --prompt TEXT | --read FILE ... [options]

The same weights read the same documents and answer the same question, with one memory and with another, in turns of a
page. Answers are greedy. Twelve times on the way each side is closed, opened again from its saved memory and asked: that
is the time to the first token after reopening. A memory that grows stops, and says so, before it takes more than the limit.

  --prompt TEXT           the question (default with --read: ${QUESTION})
  --read FILE             read a document first (txt, md, html, pdf, docx or epub); may be given more than once
  --left SIDE             nha, nha:W, window-only, window-only:W, full or remote; W is a number, all, one for each layer,
                          or lean, balanced or faithful (default: nha); remote is the server elsewhere that the window's
                          settings name, its key in PLATEAU_REMOTE_KEY: what it reads leaves this computer
  --right SIDE            the same (default: full)
  --system TEXT           the system prompt
  --model DIR             a model folder (default: the built-in Pocket)
  --max-tokens N          the longest answer (default: 64)
  --tokens N              read about so many tokens of the documents (default: all)
  --limit-mb N            the limit for each memory, in megabytes (default: half of what the GPU gives one buffer)
  --chart FILE            draw bytes and milliseconds against length, as SVG
  --json                  print one JSON document: left and right, each with its series
`,
  needsGpu: () => true,
  async run(args, world) {
    const values = parseOptions('compare', args, {
      prompt: { type: 'string' },
      read: { type: 'string', multiple: true, default: [] },
      left: { type: 'string', default: 'nha' },
      right: { type: 'string', default: 'full' },
      system: { type: 'string', default: '' },
      model: { type: 'string', default: POCKET },
      'max-tokens': { type: 'string', default: '64' },
      tokens: { type: 'string' },
      'limit-mb': { type: 'string' },
      chart: { type: 'string' },
      json: { type: 'boolean', default: false },
    })
    if (values.prompt === undefined && values.read.length === 0)
      throw new UsageError('Give a question or a document: --prompt "What is my name?" or --read FILE.')
    const sides = [parseSide('left', values.left), parseSide('right', values.right)]
    const maxNewTokens = wholeNumber('max-tokens', values['max-tokens'], 1)
    const limit = values['limit-mb'] === undefined ? null : wholeNumber('limit-mb', values['limit-mb'], 1)
    const longest = values.tokens === undefined ? Infinity : wholeNumber('tokens', values.tokens, 1)
    const messages: ChatMessage[] = []
    for (const path of values.read) messages.push(...pageMessages(await readDocument(path, world)))

    const engine = await world.loadEngine(values.model, () => undefined)
    try {
      const most = engine.info.gpu.limits['maxBufferSize']
      const limitBytes = limit === null ? (most ? most * LIMIT_SHARE : LIMIT_WITHOUT_GPU) : limit * 1e6
      const prompt = values.prompt ?? QUESTION
      const task: Task = { messages, prompt, maxNewTokens, longest, limitBytes }
      const progress = new Progress(world.stderr, 'Comparing')
      const contestants = []
      let runs: readonly Run[]
      try {
        for (const side of sides) contestants.push(await openSide(engine, side, values.system))
        runs = await race(contestants, task, world.interrupted, (_, run) =>
          progress.show(run.share, 1, `${run.name}: ${formatCount(run.position)} tokens`),
        )
      } finally {
        progress.clear()
        for (const contestant of contestants) await contestant.close()
      }
      if (world.interrupted.aborted) throw new Interrupted()
      const [left, right] = runs.map(reportOf)
      world.stdout.write(values.json ? `${JSON.stringify({ left, right })}\n` : words(runs))
      if (values.chart !== undefined) await writeChart(values.chart, figure(runs, limitBytes))
      return 0
    } finally {
      engine.dispose()
    }
  },
}

function words(runs: readonly Run[]): string {
  const asTime = (milliseconds: number) => `${milliseconds.toFixed(1)} ms`
  const charts = [
    chart('Memory', runs, ({ stateBytes }) => stateBytes, formatBytes),
    chart('Time per token', runs, perToken, asTime),
    chart('First token after reopening', runs, ({ firstTokenMs }) => firstTokenMs, asTime),
  ]
  return [...charts, ...runs.map(about)].filter((part) => part !== '').join('\n')
}

/** Of answers: reading is another kind of work. */
function perToken({ phase, msPerToken }: Moment): number | null {
  return phase === 'reading' ? null : msPerToken
}

function chart(
  title: string,
  runs: readonly Run[],
  valueOf: (moment: Moment) => number | null,
  format: (value: number) => string,
): string {
  const lines = runs.map(({ name, series }) => ({
    name,
    points: series.flatMap((moment) => {
      const value = valueOf(moment)
      return value === null ? [] : [[moment.position, value] as const]
    }),
  }))
  return plot(title, lines, (position) => (position === 0 ? '0' : `${formatCount(position)} tokens`), format)
}

function about(run: Run): string {
  const { name, text, stop, position, stateBytes, msPerToken, firstTokenMs } = run
  const figures = [
    ...(stateBytes === null ? [] : [`${formatBytes(stateBytes)} at position ${formatCount(position)}`]),
    ...(firstTokenMs === null ? [] : [`first token after ${Math.round(firstTokenMs)} ms`]),
    ...(msPerToken === null ? [] : [`${msPerToken.toFixed(1)} ms per token`]),
  ]
  const said = text === '' && !stop ? ['It said nothing.'] : [text]
  const lines = [stop ? describeStop(stop) : '', ...said].filter((line) => line !== '')
  return `${name}: ${figures.join(' · ')}\n${lines.join('\n')}\n`
}

async function writeChart(path: string, svg: string): Promise<void> {
  try {
    await writeFile(path, svg)
  } catch (error) {
    throw new CommandError(`The chart could not be written to ${path}: ${reasonOf(error)}.`)
  }
}
