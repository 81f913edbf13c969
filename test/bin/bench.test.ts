import { expect, test } from 'vitest'
import { runCommandLine } from '../../bin/command-line.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'

test('bench measures every phase and position, and ends with one JSON document', async () => {
  const world = new ScriptedWorld({ answer: () => ({ text: '' }) })
  expect(await runCommandLine(['bench', '--positions', '20,600'], world)).toBe(0)
  const lines = world.stdout.text.trimEnd().split('\n')
  const report = JSON.parse(lines.at(-1) ?? '') as { rows: { phase: string; position: number }[] }
  expect(report.rows).toMatchObject([
    { phase: 'prefill', position: 128, stateBytes: 1000 },
    { phase: 'prefill', position: 512 },
    { phase: 'decode', position: 20 },
    { phase: 'decode', position: 600 },
  ])
  expect(lines[1]).toMatch(/^prefill 128 +[\d.]+ tok\/s/)
  expect(lines.at(-2)).toMatch(/^ms\/token at the last position ÷ at the first: [\d.]+$/)
})

test('bench refuses positions that are no positions', async () => {
  const world = new ScriptedWorld({ answer: () => ({ text: '' }) })
  expect(await runCommandLine(['bench', '--positions', '20,x'], world)).toBe(2)
  expect(world.stderr.text).toBe('--positions must be a whole number of at least 1, not "x".\n')
})
