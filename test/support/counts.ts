import { TestRunner } from 'vitest'

export type Counts = Record<string, number>

declare module 'vitest' {
  interface TaskMeta {
    /** how often what was done or found, printed at the end of the run */
    counts?: Counts
  }
}

/** Count something in the test that is running; `summary-reporter.ts` prints the sums of the whole run. */
export function count(what: string, times: number): void {
  const test = TestRunner.getCurrentTest()
  if (!test) throw new Error(`"${what}" is counted outside a test`)
  add((test.meta.counts ??= {}), what, times)
}

export function add(counts: Counts, what: string, times: number): void {
  counts[what] = (counts[what] ?? 0) + times
}
