import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CommandEngine } from '../../bin/command.ts'
import { runCommandLine } from '../../bin/command-line.ts'
import { loadEngine } from '../../engine/engine.ts'
import { nodeDisk } from '../../electron/disk.ts'
import { FaultyDisk } from '../support/fault-ports.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'
import { temporaryFolder, testConversations } from '../support/test-bridge.ts'
import { modelFilesOf, TINY, tinyModel } from '../support/tiny-model.ts'

const FOLDER = tinyModel(TINY)

/** A world with the real engine on a tiny model, on the CPU. */
class TinyWorld extends ScriptedWorld {
  readonly #files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>
  override readonly dataFolder: string

  constructor(dataFolder = temporaryFolder(), files = FOLDER) {
    super({ answer: () => ({ text: '' }) })
    this.dataFolder = dataFolder
    this.#files = files
  }

  override loadEngine(): Promise<CommandEngine> {
    return loadEngine({ gpu: null, forceCpu: true, files: modelFilesOf(this.#files) })
  }
}

const GREEDY = ['--temperature', '0', '--max-tokens', '6']

async function chat(args: readonly string[], world = new TinyWorld(), piped = '') {
  world.stdin.end(piped)
  const code = await runCommandLine(['chat', ...args], world)
  return { code, out: world.stdout.text, err: world.stderr.text }
}

/** The text of one answer to two prompts, the second asked after `between`. */
async function straight(first: string, second: string): Promise<string> {
  const world = new TinyWorld()
  world.stdin.end(`${first}\n${second}\n`)
  await runCommandLine(['chat', ...GREEDY], world)
  return world.stdout.text
}

describe('--save and --restore', () => {
  test('go on as if there had been no end between, to the token', async () => {
    const file = join(temporaryFolder(), 'a.chat')
    const one = await chat(['--prompt', 'hello', '--save', file, ...GREEDY])
    const two = await chat(['--prompt', 'again', '--restore', file, ...GREEDY])
    expect([one.code, two.code], two.err).toEqual([0, 0])
    expect(one.out + two.out).toBe(await straight('hello', 'again'))
    expect(two.err).toMatch(/Memory restored · .+ · 0 tokens re-read · position \d+/)
  })

  test('with --read and no --prompt only read, and --json says position and bytes', async () => {
    const folder = temporaryFolder()
    const [file, notes] = [join(folder, 'a.chat'), join(folder, 'notes.txt')]
    writeFileSync(notes, 'The rain fell softly.')
    const read = await chat(['--read', notes, '--save', file, '--json'])
    const first = JSON.parse(read.out) as { position: number; stateBytes: number }
    expect(first.position).toBeGreaterThan(20)
    const again = JSON.parse((await chat(['--restore', file, '--json'])).out) as typeof first
    expect(again).toEqual(first)
    const more = JSON.parse((await chat(['--restore', file, '--read', notes, '--json'])).out) as typeof first
    expect(more.position).toBeGreaterThan(first.position + 20)
    expect(more.stateBytes).toBe(first.stateBytes)
    // Asked about it, the answer is that of a run that never ended.
    const asked = await chat(['--restore', file, '--prompt', 'And?', ...GREEDY])
    expect(asked.out).toBe((await chat(['--read', notes, '--prompt', 'And?', ...GREEDY])).out)
  })

  test('what is piped is answered after --restore and --read', async () => {
    const folder = temporaryFolder()
    const [file, notes] = [join(folder, 'a.chat'), join(folder, 'notes.txt')]
    writeFileSync(notes, 'The rain fell softly.')
    await chat(['--prompt', 'hello', '--save', file, ...GREEDY])
    const args = ['--restore', file, '--read', notes, ...GREEDY]
    const piped = await chat(args, new TinyWorld(), 'And?\n')
    expect(piped.out).toBe((await chat([...args, '--prompt', 'And?'])).out)
    expect(piped.out).not.toBe('')
  })

  test('memory of another model is thrown away and the text is read again; damage is a sentence', async () => {
    const file = join(temporaryFolder(), 'a.chat')
    await chat(['--prompt', 'hello', '--save', file, ...GREEDY])
    const other = tinyModel({ ...TINY, seed: 2 })
    const elsewhere = await chat(
      ['--prompt', 'again', '--restore', file, ...GREEDY],
      new TinyWorld(undefined, other),
    )
    expect(elsewhere.code).toBe(0)
    expect(elsewhere.err).toContain('does not fit: its model is another; the text is read again.')
    expect(elsewhere.err).toMatch(/[1-9]\d* tokens re-read/)
    truncateSync(file, readFileSync(file).length - 10)
    const cut = await chat(['--prompt', 'again', '--restore', file, ...GREEDY])
    expect(cut.code).toBe(0)
    expect(cut.err).toMatch(/[1-9]\d* tokens re-read/)
    writeFileSync(file, 'no chat')
    expect(await chat(['--prompt', 'a', '--restore', file])).toEqual({
      code: 1,
      out: '',
      err: `The file ${file} is no chat that Plateau saved.\n`,
    })
    expect((await chat(['--prompt', 'a', '--restore', '/nowhere.chat'])).err).toBe(
      'The chat /nowhere.chat could not be read: there is no such file.\n',
    )
    const unwritable = await chat(['--prompt', 'a', '--save', '/nowhere/a.chat', ...GREEDY])
    expect([unwritable.code, unwritable.err]).toEqual([
      1,
      'No chat can be saved to /nowhere/a.chat: there is no such folder.\n',
    ])
  })

  test.each([
    [['--restore', 'x', '--continue']],
    [['--restore', 'x', '--system', 'Be brief.']],
    [['--continue', '--window', '3']],
    [['--continue', '--temporary']],
  ])('%j contradict each other', async (args) => {
    expect((await chat(args)).code).toBe(2)
  })
})

/** A chat on a terminal: lines in, until it leaves. */
async function terminal(world: TinyWorld, lines: readonly string[], args: readonly string[] = []) {
  world.atTerminal()
  const done = runCommandLine(['chat', ...GREEDY, ...args], world)
  for (const line of lines) {
    await world.stdout.until(/> (\x1b\[\d+G)?$/)
    world.stdin.write(`${line}\r`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect(await done).toBe(0)
}

describe('a chat on a terminal', () => {
  test('is kept, and --continue goes on with it', async () => {
    const folder = temporaryFolder()
    await terminal(new TinyWorld(folder), ['hello', '/quit'])
    const conversations = await testConversations(folder)
    const [kept] = await conversations.list()
    expect(kept).toMatchObject({ title: 'hello', messages: 2 })
    const next = await chat(['--continue', '--prompt', 'again', ...GREEDY], new TinyWorld(folder))
    expect(next.err).toContain('0 tokens re-read')
    expect((await straight('hello', 'again')).endsWith(next.out)).toBe(true)
    const id = kept?.id ?? ''
    const named = await chat(['--continue', id, '--prompt', 'more', ...GREEDY], new TinyWorld(folder))
    expect(named.code).toBe(0)
    const { nodes } = (await conversations.openConversation(id)).transcript
    expect(nodes.map(({ kind }) => kind)).toEqual(['user', 'reply', 'user', 'reply', 'user', 'reply'])
    expect(nodes.map(({ text }) => text).filter((_, i) => i % 2 === 0)).toEqual(['hello', 'again', 'more'])
  })

  test('killed in the middle of an answer goes on from the words that were kept', async () => {
    const folder = temporaryFolder()
    await terminal(new TinyWorld(folder), ['hello', '/quit'])
    const path = join(folder, 'conversations')
    const conversations = await testConversations(folder)
    const [kept] = await conversations.list()
    const id = kept?.id ?? ''
    await conversations.add(id, [
      { type: 'user', node: 3, parent: 2, text: 'and then', time: 5, aside: false },
      { type: 'reply', node: 4, parent: 3, time: 6 },
      { type: 'text', node: 4, text: 'Some words' },
    ])
    await conversations.close()
    appendFileSync(join(path, `${id}.journal`), 'torn')
    const next = await chat(['--continue', '--prompt', 'again', ...GREEDY], new TinyWorld(folder))
    expect(next.code).toBe(0)
    expect(next.err).toMatch(/[1-9]\d* tokens re-read/)
  })

  test('--temporary writes nothing', async () => {
    const folder = temporaryFolder()
    await terminal(new TinyWorld(folder), ['hello', '/quit'], ['--temporary'])
    expect(await (await testConversations(folder)).list()).toEqual([])
  })

  test('--continue and --temporary are one sentence, and the kept chat stays as it is', async () => {
    const folder = temporaryFolder()
    await terminal(new TinyWorld(folder), ['hello', '/quit'])
    const world = new TinyWorld(folder).atTerminal()
    world.stdin.end()
    expect(await runCommandLine(['chat', '--continue', '--temporary'], world)).toBe(2)
    expect(world.stderr.text).toBe(
      '--continue goes on with a chat that is kept, and --temporary keeps nothing; give one of them.\n',
    )
    expect(await (await testConversations(folder)).list()).toMatchObject([{ messages: 2 }])
  })

  test('that begins where a file ends is a new one, kept from its first message on unless it is temporary', async () => {
    const [folder, elsewhere] = [temporaryFolder(), temporaryFolder()]
    const file = join(elsewhere, 'a.chat')
    await chat(['--prompt', 'hello', '--save', file, ...GREEDY], new TinyWorld(elsewhere))
    const kept = async () => (await testConversations(folder)).list()
    await terminal(new TinyWorld(folder), ['again', '/quit'], ['--restore', file, '--temporary'])
    await terminal(new TinyWorld(folder), ['/quit'], ['--restore', file])
    expect(await kept()).toEqual([])
    await terminal(new TinyWorld(folder), ['again', '/quit'], ['--restore', file])
    expect(await kept()).toMatchObject([{ title: 'hello', messages: 4 }])
    const next = await chat(['--continue', '--prompt', 'more', ...GREEDY], new TinyWorld(folder))
    expect(next.err).toContain('0 tokens re-read')
    expect(await kept()).toMatchObject([{ messages: 6 }])
  })

  test('goes on when the disk is full, says so, and keeps all of it when there is room again', async () => {
    const folder = temporaryFolder()
    const disk = new FaultyDisk(nodeDisk, 12, 'full')
    const world = new TinyWorld(folder)
    world.openConversations = () => testConversations(folder, disk)
    world.atTerminal()
    const done = runCommandLine(['chat', ...GREEDY], world)
    for (const line of ['one', 'two', 'three', '/quit']) {
      await world.stdout.until(/> (\x1b\[\d+G)?$/)
      if (line === 'three') disk.space()
      world.stdin.write(`${line}\r`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(await done).toBe(0)
    expect(world.stderr.text).toContain('This chat is not being kept at the moment: ')
    const conversations = await testConversations(folder)
    const [kept] = await conversations.list()
    const { nodes } = (await conversations.openConversation(kept?.id ?? '')).transcript
    expect(nodes.filter(({ kind }) => kind === 'user').map(({ text }) => text)).toEqual([
      'one',
      'two',
      'three',
    ])
    expect(nodes.every(({ kind, end }) => kind === 'user' || end !== null)).toBe(true)
  })

  test('--continue with nothing to go on with, or a name that is none, is a sentence', async () => {
    for (const [args, sentence] of [
      [['--continue'], 'There is no conversation to go on with.\n'],
      [['--continue', '../../x'], 'There is no such chat.\n'],
    ] as const) {
      const { code, err } = await chat([...args, '--prompt', 'a'])
      expect(code).toBe(1)
      expect(err.endsWith(sentence)).toBe(true)
    }
  })
})
