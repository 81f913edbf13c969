import { writeFile } from 'node:fs/promises'
import { onOrOff, parseOptions, wholeNumber } from '../arguments.ts'
import { type Command, CommandError, UsageError, type World } from '../command.ts'
import { readDocument } from '../documents/file.ts'
import { formatCount } from '../format.ts'
import { reasonOf } from '../model-folder.ts'
import { Progress } from '../progress.ts'
import { chart } from '../recall/chart.ts'
import { type Finding, FULL_LONGEST, measure, type Mode, MODES, type Plan } from '../recall/measure.ts'
import { refusalsOf, type Report, rowsOf, table, updatesOf } from '../recall/report.ts'
import { POCKET } from '../root.ts'

/** More would use up the names that training knows. */
const MOST_FACTS = 64

export const recall: Command = {
  summary: 'how many facts the model still knows after other text',
  help: `plateau recall [options]

Tells the model facts, once each, reads it other text, and asks for each fact in turn from the same memory. An answer
is greedy, and right when the value stands in it. Half of the facts have names and values that Pocket's training knows,
half have unseen and invented ones. One more fact is told anew with another value, after the others: the latest counts.
Facts that were never told are asked for too. Shares come with 95 % intervals.

  --model DIR         a model folder (default: the built-in Pocket)
  --attention LIST    of ${MODES.join(', ')} (default: all)
                      window-only: the slots are off; slots-random: noise takes the place of what they hold just
                      before a question; full: every token is kept, measured up to ${formatCount(FULL_LONGEST)} tokens
  --distances LIST    tokens between the last telling and the questions (default: 40,160,500,2000)
  --facts LIST        facts told in one conversation, ${MOST_FACTS} at most (default: 1,4,16)
  --rounds LIST       conversations for each of them: one number for all, or one each (default: 5)
  --seed S            the same seed on the same device gives the same report (default: 1)
  --filler FILE       a document to read in between (default: prose and small talk of our own)
  --lookup on|off     put the words that a question asks for back into the window before it is answered (default: off)
  --chart FILE        draw right answers against distance, as SVG
  --json              print one JSON document
`,
  needsGpu: () => true,
  async run(args, world) {
    const values = parseOptions('recall', args, {
      model: { type: 'string', default: POCKET },
      attention: { type: 'string', default: MODES.join(',') },
      distances: { type: 'string', default: '40,160,500,2000' },
      facts: { type: 'string', default: '1,4,16' },
      rounds: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      filler: { type: 'string' },
      lookup: { type: 'string', default: 'off' },
      chart: { type: 'string' },
      json: { type: 'boolean', default: false },
    })
    const facts = list(values.facts).map(factCount)
    const plan: Plan = {
      modes: list(values.attention).map(mode),
      distances: list(values.distances).map((text) => wholeNumber('distances', text, 0)),
      facts,
      rounds: roundsOf(values.rounds, facts.length),
      seed: wholeNumber('seed', values.seed, 0),
      filler: values.filler === undefined ? null : await readFiller(values.filler, world),
      lookup: onOrOff('lookup', values.lookup),
    }
    const engine = await world.loadEngine(values.model, () => undefined)
    try {
      const progress = new Progress(world.stderr, 'Measuring')
      const findings: Finding[] = []
      const show = (done: number, total: number) =>
        progress.show(done, total, `${formatCount(findings.length)} answers`)
      try {
        for await (const finding of measure(engine, plan, world.interrupted, show)) findings.push(finding)
      } finally {
        progress.clear()
      }
      const { seed, rounds } = plan
      const rows = rowsOf(findings)
      const report: Report = {
        model: engine.info.modelName,
        seed,
        rounds,
        rows,
        updates: updatesOf(findings),
        refusals: refusalsOf(findings),
      }
      world.stdout.write(values.json ? `${JSON.stringify(report)}\n` : table(report))
      // Last: a folder that cannot be written to must not cost an hour's report.
      if (values.chart !== undefined) await writeChart(values.chart, chart(report))
      return 0
    } finally {
      engine.dispose()
    }
  },
}

/** Each once, as given. */
function list(text: string): string[] {
  return [...new Set(text.split(',').map((item) => item.trim()))]
}

function mode(text: string): Mode {
  const found = MODES.find((name) => name === text)
  if (!found) throw new UsageError(`--attention must be of ${MODES.join(', ')}, not "${text}".`)
  return found
}

function factCount(text: string): number {
  const count = wholeNumber('facts', text, 1)
  if (count > MOST_FACTS) throw new UsageError(`--facts must be at most ${MOST_FACTS}, not ${text}.`)
  return count
}

/** Few facts need many conversations for as many answers as many facts give in one. */
function roundsOf(text: string, counts: number): number[] {
  const rounds = text.split(',').map((item) => wholeNumber('rounds', item.trim(), 1))
  const [first = 1] = rounds
  if (rounds.length === 1) return Array.from({ length: counts }, () => first)
  if (rounds.length === counts) return rounds
  throw new UsageError(`--rounds must be one number, or one for each of --facts, not "${text}".`)
}

async function readFiller(path: string, world: World): Promise<string> {
  const { text } = await readDocument(path, world)
  if (text.trim() === '')
    throw new CommandError(`The file ${path} is empty, so there is nothing to read in between.`)
  return text
}

async function writeChart(path: string, svg: string): Promise<void> {
  try {
    await writeFile(path, svg)
  } catch (error) {
    throw new CommandError(`The chart could not be written to ${path}: ${reasonOf(error)}.`)
  }
}
