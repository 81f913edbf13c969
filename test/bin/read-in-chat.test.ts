import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CommandEngine } from '../../bin/command.ts'
import { runCommandLine } from '../../bin/command-line.ts'
import { pathOf, slashCommandOf } from '../../bin/slash-command.ts'
import { LARGEST_FILE } from '../../engine/documents/document.ts'
import { DocumentError } from '../../engine/documents/failure.ts'
import { EngineError, type EngineFailure } from '../../engine/errors.ts'
import { ReadingWorld } from '../support/reading-world.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'
import { temporaryFolder, testConversations } from '../support/test-bridge.ts'

const CTRL_C = '\x03'
const GREEDY = ['--temperature', '0', '--max-tokens', '6']

const SCRIPT = { answer: (message: string) => ({ text: `So: ${message}` }) }
const echo = () => new ScriptedWorld(SCRIPT).atTerminal()

/** Its engine begins to read a document, and fails. */
class FailingWorld extends ScriptedWorld {
  readonly #failure: EngineFailure

  constructor(failure: EngineFailure) {
    super(SCRIPT)
    this.#failure = failure
  }

  override async loadEngine(folder: string): Promise<CommandEngine> {
    const engine = await super.loadEngine(folder)
    const failure = this.#failure
    return {
      ...engine,
      open: async (...args) => ({
        ...(await engine.open(...args)),
        async *read() {
          await Promise.resolve()
          yield { type: 'reading', tokens: 1, totalTokens: 100 }
          throw new EngineError(failure)
        },
      }),
    }
  }
}

/** Wait for the editor's prompt, then type. */
async function type(world: ScriptedWorld, line: string): Promise<void> {
  await world.stdout.until(/> (\x1b\[\d+G)?$/)
  world.stdin.write(`${line}\r`)
}

/** A chat on a terminal: lines in, until it leaves. */
async function terminal(world: ScriptedWorld, lines: readonly string[], args: readonly string[] = []) {
  const code = runCommandLine(['chat', ...args], world)
  let from = world.stdout.text.length
  for (const line of lines) {
    await world.stdout.until(/> (\x1b\[\d+G)?$/, from)
    from = world.stdout.text.length
    world.stdin.write(`${line}\r`)
    // The editor writes what is typed.
    await world.stdout.until(line, from)
    from = world.stdout.text.length
  }
  expect(await code).toBe(0)
}

function notes(name = 'my notes.txt', text = 'The rain fell softly.'): string {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, text)
  return file
}

/** What is kept of the only chat there, but for its times. */
async function keptIn(folder: string) {
  const conversations = await testConversations(folder)
  const [kept] = await conversations.list()
  const { nodes } = (await conversations.openConversation(kept!.id)).transcript
  await conversations.close()
  return nodes.map(({ kind, name, text, memory, tokens }) => ({ kind, name, text, memory, tokens }))
}

describe('/read in a chat on a terminal', () => {
  test('takes a file into the chat as --read does, with its bar, whatever quotes and blanks are around it', async () => {
    const file = notes()
    const world = echo()
    await terminal(world, [`/read ${file}`, `/read  "${file}" `, `/read '${file}'`, 'Well?', '/quit'])
    const document = { name: 'my notes.txt', text: 'The rain fell softly.' }
    expect(world.documents).toEqual([document, document, document])
    expect(world.stderr.text).toContain('Reading my notes.txt 50 % · 50 tokens\n')
    expect(world.stderr.text).toContain('my notes.txt is in memory.\n')
    expect(world.engine.opened[0]?.requests.map(({ message }) => message)).toEqual(['Well?'])
  })

  test('what is refused is one sentence, the one of --read, and the chat goes on', async () => {
    const folder = temporaryFolder()
    const [missing, large, binary] = ['missing.txt', 'large.txt', 'binary.txt'].map((n) => join(folder, n))
    for (const file of [large!, binary!]) writeFileSync(file, new Uint8Array([0, 1, 2, 3]))
    truncateSync(large!, LARGEST_FILE + 1)
    mkdirSync(join(folder, 'inner'))
    for (const file of [missing!, large!, binary!, join(folder, 'inner')]) {
      const before = echo()
      expect(await runCommandLine(['chat', '--read', file], before)).toBe(1)
      const world = echo()
      await terminal(world, [`/read ${file}`, 'Well?', '/quit'], ['--temporary'])
      // Behind the greeting.
      expect(world.stderr.text.split('\n').slice(1)).toEqual(before.stderr.text.split('\n'))
      expect(world.documents).toEqual([])
      expect(world.engine.opened[0]?.requests).toHaveLength(1)
    }
  })

  test('without a file it says how it is used', async () => {
    const world = echo()
    await terminal(world, ['/read', '/read  ', '/quit'])
    expect(world.stderr.text.match(/Say which file: \/read FILE\.\n/g)).toHaveLength(2)
    expect(world.documents).toEqual([])
    expect(world.engine.opened[0]?.requests).toEqual([])
  })

  test('a chat that is kept has it, and answers as one that --read began with', async () => {
    const file = notes()
    const keptAfter = async (lines: readonly string[], args: readonly string[]) => {
      const folder = temporaryFolder()
      await terminal(new ReadingWorld(folder).atTerminal(), lines, [...GREEDY, ...args])
      return keptIn(folder)
    }
    const read = await keptAfter([`/read ${file}`, 'And?', '/quit'], [])
    expect(read.map(({ kind }) => kind)).toEqual(['document', 'user', 'reply'])
    expect(read[0]).toMatchObject({ name: 'my notes.txt', text: 'The rain fell softly.' })
    expect(read).toEqual(await keptAfter(['And?', '/quit'], ['--read', file]))
  })

  test('Ctrl-C stops it, nothing of it stays in memory or in the chat, and the chat goes on', async () => {
    const file = notes('long.txt', 'The rain fell softly on the old house. '.repeat(2000))
    const [folder, unread] = [temporaryFolder(), temporaryFolder()]
    const world = new ReadingWorld(folder).atTerminal()
    Object.assign(world.stderr, { isTTY: true, columns: 500 })
    const code = runCommandLine(['chat', ...GREEDY], world)
    await type(world, 'Hello')
    await type(world, `/read ${file}`)
    await world.stderr.until(/Reading long\.txt .* \d+ % · [1-9][\d,]* tokens/)
    world.stdin.write(CTRL_C)
    await world.stderr.until(`Reading ${file} was stopped; nothing of it is kept.`)
    await type(world, 'And?')
    await type(world, '/quit')
    expect(await code).toBe(0)
    await terminal(new ReadingWorld(unread).atTerminal(), ['Hello', 'And?', '/quit'], GREEDY)
    expect(await keptIn(folder)).toEqual(await keptIn(unread))
  })

  test('Ctrl-C stops the opening of a file too; twice, it leaves', async () => {
    const file = notes()
    for (const presses of [1, 2]) {
      const world = Object.assign(echo(), {
        extract: (_file: unknown, _onPage: unknown, signal: AbortSignal) =>
          new Promise<never>((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(new DocumentError({ code: 'stopped' })))
            for (let i = 0; i < presses; i++) world.stdin.write(CTRL_C)
          }),
      }) as ScriptedWorld
      const code = runCommandLine(['chat'], world)
      await type(world, `/read ${file}`)
      await world.stderr.until('Reading /')
      if (presses === 1) await type(world, '/quit')
      expect(await code).toBe(0)
      expect(world.documents).toEqual([])
    }
  })

  test('what the engine refuses is a sentence; a lost GPU ends the chat', async () => {
    const file = notes()
    for (const [failure, sentence, exitCode] of [
      [
        { code: 'out-of-memory', wantedBytes: 9000, owner: 'conversation memory' },
        'The GPU has no room for 9000 bytes',
        0,
      ],
      [{ code: 'device-lost', reason: 'unknown', message: 'unplugged' }, 'The GPU stopped (unknown)', 1],
    ] as const) {
      const world = new FailingWorld(failure).atTerminal()
      const code = runCommandLine(['chat'], world)
      await type(world, `/read ${file}`)
      await world.stderr.until(sentence)
      if (exitCode === 0) await type(world, '/quit')
      expect(await code).toBe(exitCode)
    }
  })
})

test.each([
  ['/read a b', { name: '/read', rest: 'a b' }],
  [' /read ', { name: '/read', rest: '' }],
  ['/foo\nbar', { name: '/foo', rest: 'bar' }],
  ['/etc/hosts', null],
  ['/foo, bar', null],
  ['// comment', null],
  ['foo /bar', null],
])('%j as a command', (typed, command) => {
  expect(slashCommandOf(typed)).toEqual(command)
})

test.each([
  ['a b', 'a b'],
  ['"a b"', 'a b'],
  [`'it's'`, `it's`],
  [`"a'`, `"a'`],
  ['~/a b', join(homedir(), 'a b')],
  ['"~/a"', join(homedir(), 'a')],
  ['~a', '~a'],
  [String.raw`/home/My\ Book.pdf`, '/home/My Book.pdf'],
  ['"', '"'],
])('%j as a path', (typed, path) => {
  expect(pathOf(typed)).toBe(path)
})
