import { CommandError, Interrupted, type World } from '../command.ts'
import { Progress } from '../progress.ts'
import type { Contestant, Introduction, Prepared, Snapshot, Task } from './contestant.ts'

export interface Plan {
  readonly tasks: readonly Task[]
  /** of each measurement, in turn with the others, so that a machine that drifts drifts for all of them */
  readonly rounds: number
  /** no task and no round begins later than this; one round is always made */
  readonly seconds: number
}

/** One contestant's times of one task, ms of the whole task, in the order of the rounds. */
export interface Timing {
  readonly task: Task
  readonly prepared: Prepared
  readonly times: number[]
}

/** All that was measured of one contestant, or why nothing was. */
export interface Entry {
  readonly contestant: Contestant
  readonly introduction: Introduction | null
  readonly timings: readonly Timing[]
  readonly snapshots: readonly Snapshot[]
  /** what could not be done, and the reason; without a task it is everything */
  readonly refused: readonly { readonly task: Task | null; readonly reason: string }[]
}

/** How often one round decodes at each position, where that takes less than this share of a second. */
const MOST_TOKENS = 8
const ROUND_MILLISECONDS = 1000

/** Let all contestants do all tasks, each in turn with the others. */
export async function measure(
  contestants: readonly Contestant[],
  { tasks, rounds, seconds }: Plan,
  { stderr, interrupted }: Pick<World, 'stderr' | 'interrupted'>,
): Promise<Entry[]> {
  const progress = new Progress(stderr, 'Measuring')
  const goOn = (): void => {
    if (!interrupted.aborted) return
    progress.clear()
    throw new Interrupted()
  }
  const deadline = performance.now() + 1000 * seconds
  const entries: Measuring[] = []
  for (const contestant of contestants) {
    goOn()
    progress.show(0, rounds, `${contestant.engine} is made ready`)
    entries.push(await makeReady(contestant, tasks, deadline, goOn))
  }
  const slowest = Math.max(0, ...entries.map(({ tokenMilliseconds }) => tokenMilliseconds))
  const tokens = Math.max(1, Math.min(MOST_TOKENS, Math.floor(ROUND_MILLISECONDS / Math.max(1, slowest))))
  for (let round = 0; round < rounds; round++) {
    if (round > 0 && performance.now() > deadline) break
    progress.show(round, rounds, 'rounds')
    // Token by token in turn, positions too: a machine that tires in a round tires for all of them. To and fro, since who
    // comes second is slower or faster for that alone.
    for (let i = 0; i < tokens; i++) {
      const forth = (round + i) % 2 === 0
      const due = tasks.filter(({ phase }) => i === 0 || phase === 'decode')
      for (const task of forth ? due : due.toReversed()) {
        for (const { contestant, timings } of forth ? entries : entries.toReversed()) {
          goOn()
          const timing = timings.find((one) => one.task === task)
          timing?.times.push(await contestant.time(task))
        }
      }
    }
    for (const { contestant, introduction, snapshots } of entries) {
      goOn()
      const snapshot = introduction && (await contestant.timeSnapshot())
      if (snapshot) snapshots.push(snapshot)
    }
  }
  progress.clear()
  return entries
}

interface Measuring extends Entry {
  readonly timings: Timing[]
  readonly snapshots: Snapshot[]
  /** of the first token that was timed; 0 where none was */
  readonly tokenMilliseconds: number
}

async function makeReady(
  contestant: Contestant,
  tasks: readonly Task[],
  deadline: number,
  goOn: () => void,
): Promise<Measuring> {
  const timings: Timing[] = []
  const refused: { task: Task | null; reason: string }[] = []
  let introduction: Introduction | null = null
  let tokenMilliseconds = 0
  try {
    introduction = await contestant.open()
  } catch (error) {
    refused.push({ task: null, reason: sentence(error) })
  }
  for (const task of introduction ? tasks : []) {
    goOn()
    try {
      if (performance.now() > deadline) throw new CommandError('the time of --within was over')
      timings.push({ task, prepared: await contestant.prepare(task), times: [] })
      if (task.phase === 'decode') tokenMilliseconds ||= await contestant.time(task)
    } catch (error) {
      refused.push({ task, reason: sentence(error) })
    }
  }
  return { contestant, introduction, timings, snapshots: [], refused, tokenMilliseconds }
}

function sentence(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}
