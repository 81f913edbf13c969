import type { Reporter, SerializedError, TestModule } from 'vitest/node'
import type { Counts } from './counts.ts'

/**
 * Prints what was counted (`counts.ts`), a line each, and ends the run on one that any script can read: `N passed,
 * N failed`.
 */
class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    // A file that cannot be loaded, or a hook that throws, fails without a test of its own.
    const broken = modules.filter(
      (module) => !module.ok() && [...module.children.allTests('failed')].length === 0,
    )
    for (const [what, times] of sums(tests)) process.stdout.write(`counted: ${what}, ${times}\n`)
    process.stdout.write(
      `${count('passed')} passed, ${count('failed') + broken.length + errors.length} failed\n`,
    )
  }
}

function sums(tests: readonly { meta(): { readonly counts?: Counts } }[]): ReadonlyMap<string, number> {
  const all = new Map<string, number>()
  for (const test of tests)
    for (const [what, times] of Object.entries(test.meta().counts ?? {}))
      all.set(what, (all.get(what) ?? 0) + times)
  return all
}

export default SummaryReporter
