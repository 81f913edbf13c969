import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/** Ends the run on one line that any script can read: `N passed, N failed`. */
class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    // A file that cannot be loaded, or a hook that throws, fails without a test of its own.
    const broken = modules.filter(
      (module) => !module.ok() && [...module.children.allTests('failed')].length === 0,
    )
    process.stdout.write(
      `${count('passed')} passed, ${count('failed') + broken.length + errors.length} failed\n`,
    )
  }
}

export default SummaryReporter
