import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommandLine } from '../../bin/command-line.ts'
import { modelFolder } from '../../bin/model-folder.ts'
import type { Report } from '../../bin/recall/report.ts'
import type { SavedConversation } from '../../engine/memory/snapshot.ts'
import { type Engine, loadEngine } from '../../engine/engine.ts'
import type { ConversationOptions } from '../../engine/protocol.ts'
import { capturingGpu } from '../support/gpu.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'
import { TINY, tinyModel } from '../support/tiny-model.ts'

const SMALL = ['recall', '--distances', '300,100', '--facts', '1,4', '--rounds', '2']

/** A world whose model answers by `answer`, from all that it has heard: one long word, for answers have few tokens. */
function worldOf(answer: (heard: string) => string): ScriptedWorld {
  const world: ScriptedWorld = new ScriptedWorld({
    answer: () => ({
      text: answer(world.heard.map(({ content }) => content.replaceAll(' ', '_')).join('_')),
    }),
  })
  return world
}

async function reportOf(world: ScriptedWorld, args: readonly string[]): Promise<Report> {
  expect(await runCommandLine([...args, '--json'], world)).toBe(0)
  return JSON.parse(world.stdout.text) as Report
}

describe('plateau recall, scripted', () => {
  test('a model that repeats everything is right about all, and refuses nothing', async () => {
    const { rows, updates, refusals } = await reportOf(
      worldOf((heard) => heard),
      [...SMALL, '--attention', 'nha'],
    )
    expect(updates).toMatchObject([
      { attention: 'nha', distance: 100, right: 4, asked: 4 },
      { attention: 'nha', distance: 300, right: 4, asked: 4 },
    ])
    expect(
      rows.map(({ distance, facts, seen, right, asked }) => [distance, facts, seen, right, asked]),
    ).toEqual([
      [100, 1, true, 1, 1],
      [100, 1, false, 1, 1],
      [100, 4, true, 4, 4],
      [100, 4, false, 4, 4],
      [300, 1, true, 1, 1],
      [300, 1, false, 1, 1],
      [300, 4, true, 4, 4],
      [300, 4, false, 4, 4],
    ])
    expect(refusals.nha).toMatchObject({ untold: { refused: 0, asked: 16 }, told: { refused: 0, asked: 20 } })
  })

  test('few facts can be asked for in more conversations than many', async () => {
    const args = ['--attention', 'nha', '--facts', '1,4', '--rounds', '6,1']
    const report = await reportOf(
      worldOf((heard) => heard),
      [...SMALL, ...args],
    )
    expect(report.rounds).toEqual([6, 1])
    expect(report.rows.map(({ distance, facts, asked }) => [distance, facts, asked])).toEqual([
      ...[100, 300].flatMap((distance) => [
        [distance, 1, 3],
        [distance, 1, 3],
        [distance, 4, 2],
        [distance, 4, 2],
      ]),
    ])
  })

  test('a model that keeps the first value is wrong about what was told anew', async () => {
    const world: ScriptedWorld = new ScriptedWorld({
      answer: () => ({
        text: world.heard
          .filter(({ content }) => !/^Actually,| now /.test(content))
          .map(({ content }) => content.replaceAll(' ', '_'))
          .join('_'),
      }),
    })
    const { rows, updates } = await reportOf(world, [...SMALL, '--attention', 'nha'])
    for (const row of rows) expect(row.share).toBe(1)
    for (const update of updates) expect(update).toMatchObject({ right: 0, asked: 4 })
  })

  test('a model that refuses everything is right about nothing told', async () => {
    const world = worldOf(() => 'You have not told me that.')
    const { rows, refusals } = await reportOf(world, SMALL)
    expect(new Set(rows.map(({ attention }) => attention)).size).toBe(4)
    for (const row of rows) expect(row).toMatchObject({ right: 0, share: 0, low: 0 })
    for (const { untold, told } of Object.values(refusals)) {
      expect(untold.share).toBe(1)
      expect(told.share).toBe(1)
    }
  })

  test('the questions come when the last telling is as far away as asked, to within half a message', async () => {
    const distances = [100, 400, 2500]
    const opened: number[] = []
    const world = worldOf(() => 'no')
    const load = world.loadEngine.bind(world)
    world.loadEngine = async (folder) => {
      const engine = await load(folder)
      return {
        ...engine,
        open: (options, saved) => {
          if (saved) opened.push(saved.state.position)
          return engine.open(options, saved)
        },
      }
    }
    const args = [
      '--attention',
      'window-only',
      '--facts',
      '3',
      '--rounds',
      '1',
      '--distances',
      distances.join(','),
    ]
    await reportOf(world, ['recall', ...args])
    const told = world.heard.slice(0, 10).reduce((sum, { content }) => sum + content.length, 0)
    expect([...new Set(opened)]).toHaveLength(3)
    for (const [i, position] of [...new Set(opened)].entries())
      expect(Math.abs(position - told - (distances[i] ?? NaN))).toBeLessThanOrEqual(250)
    // The shortest messages are small talk of up to 80 characters: near the end, that is how near it comes.
    expect(Math.abs((opened.at(-1) ?? NaN) - told - 2500)).toBeLessThanOrEqual(40)
  })

  test('full attention is asked up to 4,096 tokens, and window-only has no slots', async () => {
    const world = worldOf(() => 'no')
    const args = ['--distances', '100,5000', '--facts', '1', '--rounds', '1']
    const { rows } = await reportOf(world, ['recall', ...args])
    expect(rows.filter(({ attention }) => attention === 'full').map(({ distance }) => distance)).toEqual([
      100,
    ])
    expect(rows.filter(({ attention }) => attention === 'nha')).toHaveLength(2)
    const kinds = new Set(world.openedWith.map(({ attention, slotsOn }) => `${attention} ${slotsOn ?? true}`))
    expect([...kinds]).toEqual(['nha true', 'nha false', 'full true'])
  })

  test('a table for people; progress goes to stderr', async () => {
    const world = worldOf((heard) => heard)
    expect(await runCommandLine([...SMALL, '--attention', 'nha'], world)).toBe(0)
    expect(world.stdout.text).toMatch(/^nha +100 +4 +seen +100 % \(51–100\) +4 of 4$/m)
    expect(world.stdout.text).toMatch(/facts never told +0 % \(0–19\) +0 of 16$/m)
    expect(world.stderr.text).toMatch(/^Measuring 100 % · 44 answers$/m)
  })

  test('what makes no sense is one sentence', async () => {
    const refused = async (...args: string[]): Promise<string> => {
      const world = worldOf(() => '')
      expect(await runCommandLine(['recall', ...args], world)).toBe(2)
      expect(world.loadedFolders).toEqual([])
      return world.stderr.text
    }
    expect(await refused('--attention', 'nha,half')).toBe(
      '--attention must be of nha, window-only, slots-random, full, not "half".\n',
    )
    expect(await refused('--distances', '40,')).toBe(
      '--distances must be a whole number of at least 0, not "".\n',
    )
    expect(await refused('--facts', '65')).toBe('--facts must be at most 64, not 65.\n')
    expect(await refused('--facts', '1,4', '--rounds', '3,2,1')).toBe(
      '--rounds must be one number, or one for each of --facts, not "3,2,1".\n',
    )
    expect(await refused('--rounds', '0')).toBe('--rounds must be a whole number of at least 1, not "0".\n')
  })

  test('Ctrl-C ends it with exit code 130', async () => {
    const world = worldOf(() => {
      world.interrupt.abort()
      return 'no'
    })
    expect(await runCommandLine(SMALL, world)).toBe(130)
    expect(world.stdout.text).toBe('')
    expect(world.engine.opened.every(({ closed }) => closed)).toBe(true)
  })
})

describe('plateau recall on a tiny random model', () => {
  let folder: string
  let engine: Engine
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plateau-recall-'))
    await mkdir(join(folder, 'tiny'))
    for (const [name, bytes] of tinyModel(TINY)) await writeFile(join(folder, 'tiny', name), bytes)
    await writeFile(
      join(folder, 'book.txt'),
      'The ship sailed on through the night, and nobody spoke. '.repeat(20),
    )
    const { gpu } = capturingGpu()
    engine = await loadEngine({ gpu, forceCpu: false, files: modelFolder(join(folder, 'tiny')) })
  })
  afterAll(async () => {
    engine.dispose()
    await rm(folder, { recursive: true, force: true })
  })

  /** The report, and what the model answered to each question. */
  async function measured(seed: string): Promise<{ text: string; answers: string[] }> {
    const world = worldOf(() => '')
    const answers: string[] = []
    const listening = async (options: ConversationOptions, saved?: SavedConversation) => {
      const conversation = await engine.open(options, saved)
      const generate = conversation.generate.bind(conversation)
      conversation.generate = async function* (request, signal) {
        let answer = ''
        for await (const event of generate(request, signal)) {
          if (event.type === 'delta') answer += event.text
          yield event
        }
        answers.push(answer)
      }
      return conversation
    }
    // Compiled once for both runs.
    world.loadEngine = () =>
      Promise.resolve({
        info: engine.info,
        lost: engine.lost,
        open: listening,
        restore: () => Promise.reject(new Error('recall restores nothing')),
        sequence: (options) => engine.sequence(options),
        logits: (ids, options) => engine.logits(ids, options),
        dispose: () => undefined,
      })
    const args = ['--distances', '60', '--facts', '1', '--rounds', '1', '--filler', join(folder, 'book.txt')]
    expect(await runCommandLine(['recall', ...args, '--seed', seed, '--json'], world)).toBe(0)
    return { text: world.stdout.text, answers }
  }

  test('every mode runs; the same seed prints the same report', { timeout: 180_000 }, async () => {
    const { text, answers } = await measured('3')
    const report = JSON.parse(text) as Report
    expect(report).toMatchObject({ model: 'tiny', seed: 3, rounds: [1] })
    const shape = { distance: 60, facts: 1, seen: true, asked: 1, right: 0, share: 0, low: 0, high: 0.793 }
    expect(report.rows).toEqual(
      ['nha', 'window-only', 'slots-random', 'full'].map((attention) => ({ attention, ...shape })),
    )
    for (const { untold, told } of Object.values(report.refusals)) {
      expect(untold).toEqual({ refused: 0, asked: 2, share: 0, low: 0, high: 0.658 })
      expect(told.asked).toBe(1)
    }
    expect(report.updates.map(({ asked }) => asked)).toEqual([1, 1, 1, 1])
    // Four questions in each mode; what the slots hold, and whether there are any, changes the answers.
    const byMode = [0, 4, 8, 12].map((from) => answers.slice(from, from + 4).join('\n'))
    expect(new Set(byMode).size).toBe(4)
    expect(await measured('3')).toEqual({ text, answers })
  })
})
