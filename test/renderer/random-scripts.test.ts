import { expect, test } from 'vitest'
import { seeded } from '../support/numerics.ts'
import { runWindowScript, smallestEngine } from '../support/window-scripts.ts'

const SCRIPTS = 1000
const STEPS = 6

test('1,000 random scripts of send, stop, edit, regenerate, branch, kill and restart: text and state as of a straight run, to the bit', async () => {
  const engine = await smallestEngine()
  for (let script = 1; script <= SCRIPTS; script++)
    expect(await runWindowScript(engine, seeded(script), STEPS), `script ${script}`).toBeNull()
  engine.dispose()
}, 300_000)
