import { expect, test } from 'vitest'
import { FAULT_SCRIPTS, runFaultScript } from '../support/fault-scripts.ts'

const SCRIPTS = Object.entries(FAULT_SCRIPTS)

test.each([
  ...SCRIPTS.map(([name, script]) => ['fails once', name, 'once', script] as const),
  ...SCRIPTS.slice(0, 1).map(([name, script]) => ['finds the disk full', name, 'full', script] as const),
])('the N-th operation of the disk %s, for every N: %s', async (_, _name, fault, script) => {
  let failAt = 1
  for (let failed = true; failed; failAt++) {
    const run = await runFaultScript(script, failAt, fault)
    expect(run.wrong, `operation ${failAt}`).toBe('')
    failed = run.failed
  }
  expect(failAt).toBeGreaterThan(50)
})

test.each(
  SCRIPTS.flatMap(([name, script]) =>
    (['back', 'ahead'] as const).map((jump) => [jump, name, script] as const),
  ),
)('the clock is set %s at its N-th look, for every N: %s', async (jump, _, script) => {
  let failAt = 1
  for (let failed = true; failed; failAt++) {
    const run = await runFaultScript(script, failAt, jump)
    expect(run.wrong, `look ${failAt}`).toBe('')
    failed = run.failed
  }
  expect(failAt).toBeGreaterThan(3)
})
