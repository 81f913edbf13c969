import { parseOptions, wholeNumber } from '../arguments.ts'
import { type Command, UsageError } from '../command.ts'
import { type Moment, parseSide, type Run, runSide, type Task } from '../compare/side.ts'
import { plot } from '../compare/plot.ts'
import { readDocument } from '../documents.ts'
import { formatBytes, formatCount } from '../format.ts'
import { POCKET } from '../root.ts'

/** The share of the largest buffer the GPU gives that one state may take. */
const LIMIT_SHARE = 0.5
/** Where there is no GPU to ask. */
const LIMIT_WITHOUT_GPU = 2 ** 29

export const compare: Command = {
  summary: 'the same question to two memories, side by side: bytes, speed and answers',
  help: `plateau compare --prompt TEXT [options]

The same weights read the same documents and answer the same question, with one memory and then with another. Answers
are greedy. A memory that grows stops, and says so, before it takes more than half of what the GPU gives one buffer.

  --prompt TEXT           the question (needed)
  --read FILE             read a document first (txt, md, html, pdf, docx or epub); may be given more than once
  --left SIDE             nha, nha:W, window-only, window-only:W or full; W is a number, all, one for each layer, or
                          lean, balanced or faithful (default: nha)
  --right SIDE            the same (default: full)
  --system TEXT           the system prompt
  --model DIR             a model folder (default: the built-in Pocket)
  --max-tokens N          the longest answer (default: 64)
  --limit-mb N            another limit for each memory, in megabytes
  --json                  print one JSON document: left and right, each with its series
`,
  async run(args, world) {
    const values = parseOptions('compare', args, {
      prompt: { type: 'string' },
      read: { type: 'string', multiple: true, default: [] },
      left: { type: 'string', default: 'nha' },
      right: { type: 'string', default: 'full' },
      system: { type: 'string', default: '' },
      model: { type: 'string', default: POCKET },
      'max-tokens': { type: 'string', default: '64' },
      'limit-mb': { type: 'string' },
      json: { type: 'boolean', default: false },
    })
    if (values.prompt === undefined)
      throw new UsageError('--prompt is missing: give the question, as in --prompt "What is my name?".')
    const sides = { left: parseSide('left', values.left), right: parseSide('right', values.right) }
    const maxNewTokens = wholeNumber('max-tokens', values['max-tokens'], 1)
    const limit = values['limit-mb'] === undefined ? null : wholeNumber('limit-mb', values['limit-mb'], 1)
    const documents = []
    for (const path of values.read) documents.push(await readDocument(path, world))

    const engine = await world.loadEngine(values.model, () => undefined)
    try {
      const most = engine.info.gpu.limits['maxBufferSize']
      const limitBytes = limit === null ? (most ? most * LIMIT_SHARE : LIMIT_WITHOUT_GPU) : limit * 1e6
      const task: Task = { documents, prompt: values.prompt, system: values.system, maxNewTokens, limitBytes }
      const left = await runSide(engine, sides.left, task, world)
      const right = await runSide(engine, sides.right, task, world)
      world.stdout.write(values.json ? `${JSON.stringify({ left, right })}\n` : words([left, right]))
      return 0
    } finally {
      engine.dispose()
    }
  },
}

function words(runs: readonly Run[]): string {
  const charts = [
    chart('Memory', runs, ({ stateBytes }) => stateBytes, formatBytes),
    chart(
      'Time per token',
      runs,
      ({ msPerToken }) => msPerToken,
      (milliseconds) => `${milliseconds.toFixed(1)} ms`,
    ),
  ]
  return [...charts, ...runs.map(about)].join('\n')
}

function chart(
  title: string,
  runs: readonly Run[],
  valueOf: (moment: Moment) => number,
  format: (value: number) => string,
): string {
  const lines = runs.map(({ name, series }) => ({
    name,
    points: series.map((moment) => [moment.position, valueOf(moment)] as const),
  }))
  return plot(title, lines, (position) => (position === 0 ? '0' : `${formatCount(position)} tokens`), format)
}

function about(run: Run): string {
  const { name, text, stopped, position, stateBytes, msPerToken, firstTokenMs } = run
  const figures = [
    `${formatBytes(stateBytes)} at position ${formatCount(position)}`,
    ...(firstTokenMs === null ? [] : [`first token after ${Math.round(firstTokenMs)} ms`]),
    ...(msPerToken === null ? [] : [`${msPerToken.toFixed(1)} ms per token`]),
  ]
  return `${name}: ${figures.join(' · ')}\n${[stopped, text].filter((line) => line !== '').join('\n')}\n`
}
