import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runCommandLine } from '../../bin/command-line.ts'
import { SCRIPTED_STATE_BYTES } from '../support/scripted-engine.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'
import { temporaryFolder } from '../support/test-bridge.ts'

const echo = () => new ScriptedWorld({ answer: (message, turn) => ({ text: `Turn ${turn}: ${message}` }) })

describe('plateau chat --prompt', () => {
  test('prints the answer on stdout and the figures on stderr', async () => {
    const world = echo()
    expect(await runCommandLine(['chat', '--prompt', 'Hello'], world)).toBe(0)
    expect(world.stdout.text).toBe('Turn 1: Hello\n')
    expect(world.stderr.text).toMatch(
      /^prompt 8 tokens at 250 tok\/s · answer 3 tokens at 50 tok\/s · memory 412\.7 kB/,
    )
    expect(world.engine.disposed).toBe(true)
  })

  test('--json prints one object with exactly the documented fields, and nothing else on stdout', async () => {
    const world = echo()
    expect(await runCommandLine(['chat', '--prompt', 'Hello', '--json'], world)).toBe(0)
    expect(JSON.parse(world.stdout.text)).toEqual({
      text: 'Turn 1: Hello',
      finishReason: 'stop',
      promptTokens: 8,
      newTokens: 3,
      position: 11,
      stateBytes: SCRIPTED_STATE_BYTES,
      weightBytes: 11_204_608,
      prefillTokensPerSecond: 250,
      decodeTokensPerSecond: 50,
      adapter: 'SwiftShader Device (Subzero)',
      attention: 'nha',
      window: 64,
    })
    expect(world.stderr.text).toBe('')
  })

  test('options reach the engine; what is not given is left to the model', async () => {
    const world = echo()
    const args = ['--system', 'Be brief.', '--model', '/models/mine', '--window', '0', '--max-tokens', '2']
    await runCommandLine(['chat', '--prompt', 'a', ...args, '--temperature', '0', '--seed', '7'], world)
    expect(world.loadedFolders).toEqual(['/models/mine'])
    expect(world.openedWith).toEqual([{ attention: 'nha', window: 0, system: 'Be brief.' }])
    expect(world.engine.opened[0]?.requests).toEqual([
      { message: 'a', maxNewTokens: 2, sampling: { temperature: 0, seed: 7 } },
    ])

    const plain = echo()
    await runCommandLine(['chat', '--prompt', 'a'], plain)
    expect(plain.loadedFolders[0]).toMatch(/assets\/pocket$/)
    expect(plain.engine.opened[0]?.requests[0]?.sampling).toEqual({})
  })

  test('--window takes one for each layer, all, and a preset; --json reports the longest', async () => {
    const world = echo()
    await runCommandLine(['chat', '--prompt', 'a', '--window', '64, 0,512,2', '--json'], world)
    expect(world.openedWith[0]?.window).toEqual([64, 0, 512, 2])
    expect(JSON.parse(world.stdout.text)).toMatchObject({ window: 512 })
    await runCommandLine(['chat', '--prompt', 'a', '--window', 'all'], world)
    expect(world.openedWith[1]?.window).toBe(0xffffffff)
    await runCommandLine(['chat', '--prompt', 'a', '--window', 'lean'], world)
    expect(world.openedWith[2]?.window).toEqual([64, 64, 64, 2048])
  })

  test('full attention reports no window', async () => {
    const world = echo()
    await runCommandLine(['chat', '--prompt', 'a', '--attention', 'full', '--json'], world)
    expect(JSON.parse(world.stdout.text)).toMatchObject({ attention: 'full', window: null })
  })

  test('--read takes each file into memory first, in order, and shows how far it is on stderr', async () => {
    const folder = temporaryFolder()
    await writeFile(join(folder, 'one.txt'), 'First.')
    await writeFile(join(folder, 'two.txt'), 'Second, mit Umlaut: ü.')
    const world = echo()
    const args = ['--read', join(folder, 'one.txt'), '--read', join(folder, 'two.txt')]
    expect(await runCommandLine(['chat', ...args, '--prompt', 'x', '--json'], world)).toBe(0)
    expect(world.documents).toEqual([
      { name: 'one.txt', text: 'First.' },
      { name: 'two.txt', text: 'Second, mit Umlaut: ü.' },
    ])
    expect(world.stderr.text).toContain('Reading one.txt 50 % · 50 tokens')
    expect(world.stderr.text).toContain('Reading two.txt 100 % · 100 tokens')
  })

  test('Ctrl-C keeps what was said and leaves with 130', async () => {
    const world = new ScriptedWorld({
      answer: () => ({ text: 'one two three four' }),
      pause: async () => {
        if (world.stdout.text.includes('two')) world.interrupt.abort()
        await Promise.resolve()
      },
    })
    expect(await runCommandLine(['chat', '--prompt', 'count'], world)).toBe(130)
    expect(world.stdout.text).toMatch(/^one two /)
    expect(world.stdout.text).not.toContain('four')
  })
})

test('on a terminal the last word comes too where the answer fails', async () => {
  const world = new ScriptedWorld({
    answer: () => ({
      text: 'one two three',
      failure: { code: 'out-of-memory', wantedBytes: 9000, owner: 'conversation memory' },
    }),
  }).atTerminal()
  expect(await runCommandLine(['chat', '--prompt', 'count'], world)).toBe(1)
  expect(world.stdout.text).toBe('one two three')
})

describe('plateau chat from a pipe', () => {
  test('each line is a message of one conversation; blank lines are nothing', async () => {
    const world = echo()
    world.stdin.end('Hello\n\n  \nAgain')
    expect(await runCommandLine(['chat'], world)).toBe(0)
    expect(world.stdout.text).toBe('Turn 1: Hello\nTurn 2: Again\n')
    expect(world.openedWith).toHaveLength(1)
  })

  test('with --json each answer is an object on a line of its own', async () => {
    const world = echo()
    world.stdin.end('a\nb\n')
    await runCommandLine(['chat', '--json'], world)
    const objects = world.stdout.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { text: string; position: number })
    expect(objects.map(({ text }) => text)).toEqual(['Turn 1: a', 'Turn 2: b'])
    expect(objects[1]!.position).toBeGreaterThan(objects[0]!.position)
  })

  test('a line of 1 MB arrives whole', async () => {
    const world = new ScriptedWorld({ answer: (message) => ({ text: String(message.length) }) })
    world.stdin.end('x'.repeat(1_000_000))
    expect(await runCommandLine(['chat'], world)).toBe(0)
    expect(world.stdout.text).toBe('1000000\n')
    expect(world.stderr.text).toContain('Reading the prompt 50 %')
  })

  test('an empty pipe is one sentence and exit code 1', async () => {
    const world = echo()
    world.stdin.end('')
    expect(await runCommandLine(['chat'], world)).toBe(1)
    expect(world.stderr.text).toBe('There is nothing to answer: the prompt is empty.\n')
    expect(world.stdout.text).toBe('')
  })
})
