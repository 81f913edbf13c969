import { expect, test } from 'vitest'
import type { Contestant, Task } from '../../bin/bench/contestant.ts'
import { measure } from '../../bin/bench/measure.ts'
import { flatnessOf } from '../../bin/bench/rows.ts'
import { Written } from '../support/scripted-world.ts'

const FIRST: Task = { phase: 'decode', position: 1024 }
const LAST: Task = { phase: 'decode', position: 32768 }
const SILENT = { stderr: new Written(), interrupted: new AbortController().signal }

/** Every position takes 10 ms, and half as long again where another position was asked for just before. */
function tilted(asked: Task[]): Contestant {
  return {
    engine: 'plateau',
    attention: 'nha',
    place: 'Node',
    open: () => Promise.resolve({ backend: 'none', note: '', weightBytes: 0 }),
    prepare: () => Promise.resolve({ stateBytes: 0, dispatches: 0 }),
    time: (task) => {
      const before = asked.at(-1)
      asked.push(task)
      return Promise.resolve(before && before !== task ? 15 : 10)
    },
    timeSnapshot: () => Promise.resolve(null),
    close: () => Promise.resolve(),
  }
}

test('positions take turns to and fro, so that coming second does not look like a slope', async () => {
  const asked: Task[] = []
  const plan = { tasks: [FIRST, LAST], rounds: 2, seconds: 60 }
  const [entry] = await measure([tilted(asked)], plan, SILENT)
  // The one before is of making ready.
  expect(asked.slice(1, 5)).toEqual([FIRST, LAST, LAST, FIRST])
  expect(entry && flatnessOf(entry)).toBe(1)
})
