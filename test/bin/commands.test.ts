import { describe, expect, test } from 'vitest'
import { runCommandLine } from '../../bin/command-line.ts'
import { POCKET } from '../../bin/root.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'

const quiet = () => new ScriptedWorld({ answer: () => ({ text: 'ok' }) })

describe('plateau logits', () => {
  test('prints the 20 largest, largest first, the lower id first among equals', async () => {
    const world = quiet()
    world.logits = Float32Array.from({ length: 50 }, (_, id) => (id === 7 || id === 3 ? 9 : -id))
    expect(await runCommandLine(['logits', '--ids', '1, 2,3', '--json'], world)).toBe(0)
    const { top } = JSON.parse(world.stdout.text) as { top: [number, number][] }
    expect(top).toHaveLength(20)
    expect(top.slice(0, 4)).toEqual([
      [3, 9],
      [7, 9],
      [0, 0],
      [1, -1],
    ])
    expect(world.askedIds).toEqual([[1, 2, 3]])
    expect(world.engine.disposed).toBe(true)
  })
})

describe('plateau doctor', () => {
  test('--json prints the GPU check as it is; exit code 0 with an adapter', async () => {
    const world = quiet()
    expect(await runCommandLine(['doctor', '--json'], world)).toBe(0)
    expect(JSON.parse(world.stdout.text)).toEqual(world.gpu)
  })

  test('--model says what it takes, as in the ledger: Pocket has a memory of 614,400 bytes', async () => {
    const world = quiet()
    const doctor = ['doctor', '--model', POCKET]
    expect(await runCommandLine([...doctor, '--json'], world)).toBe(0)
    const { fit, ...report } = JSON.parse(world.stdout.text) as { fit: Record<string, number> }
    expect(report).toEqual(world.gpu)
    expect(fit).toMatchObject({ state: 614_400, isConstant: true })
    expect(await runCommandLine([...doctor, '--quant', 'f16', '--window', 'all'], world)).toBe(0)
    expect(world.stdout.text).toMatch(/The model takes .* of GPU memory:\n {2}weights .*MB\n.*and growing\n/)
    expect(world.loadedFolders).toEqual([])
    expect(await runCommandLine(['doctor', '--window', '8'], world)).toBe(2)
    expect(world.stderr.text).toBe('--window says something about a model; name it with --model.\n')
  })

  test('without an adapter it says what to do; exit code 1', async () => {
    const world = quiet()
    world.gpu = { ...world.gpu, available: false, hint: 'no adapter was found; update the graphics driver.' }
    expect(await runCommandLine(['doctor'], world)).toBe(1)
    expect(world.stdout.text).toContain(
      'No GPU can be used here: no adapter was found; update the graphics driver.',
    )
  })
})

describe('plateau --help', () => {
  test('lists every command, and each command its options', async () => {
    const world = quiet()
    expect(await runCommandLine(['--help'], world)).toBe(0)
    expect(world.stdout.text).toMatch(
      /chat .*\n.*read .*\n.*compare .*\n.*logits .*\n.*recall .*\n.*bench .*\n.*download .*\n.*import .*\n.*hybridize .*\n.*serve .*\n.*doctor /,
    )
    const from = world.stdout.text.length
    expect(await runCommandLine(['chat', '--help'], world)).toBe(0)
    for (const option of [
      'prompt',
      'system',
      'model',
      'attention',
      'window',
      'max-tokens',
      'temperature',
      'seed',
      'read',
      'json',
    ])
      expect(world.stdout.text.slice(from)).toContain(`--${option} `)
  })
})
