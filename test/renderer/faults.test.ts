import { expect, test } from 'vitest'
import { FAULT_SCRIPTS, runFaultScript } from '../support/fault-scripts.ts'

test.each(Object.entries(FAULT_SCRIPTS))(
  'the N-th operation of the disk fails, for every N: %s',
  async (_, script) => {
    let failAt = 1
    for (let failed = true; failed; failAt++) {
      const run = await runFaultScript(script, failAt, 'once')
      expect(run.wrong, `operation ${failAt}`).toBe('')
      failed = run.failed
    }
    expect(failAt).toBeGreaterThan(50)
  },
)
