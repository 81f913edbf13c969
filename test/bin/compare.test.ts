import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { runCommandLine } from '../../bin/command-line.ts'
import { plot } from '../../bin/compare/plot.ts'
import { modelFolder } from '../../bin/model-folder.ts'
import type { Moment } from '../../engine/compare/race.ts'
import { type Engine, loadEngine } from '../../engine/engine.ts'
import { capturingGpu } from '../support/gpu.ts'
import { ScriptedCompletions } from '../support/scripted-completions.ts'
import { SCRIPTED_BYTES_PER_TOKEN, SCRIPTED_STATE_BYTES } from '../support/scripted-engine.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'
import { TINY, tinyModel } from '../support/tiny-model.ts'

/** What `--json` prints of one side. */
interface Side {
  readonly name: string
  readonly text: string
  readonly stopped: string
  readonly position: number
  readonly stateBytes: number
  readonly msPerToken: number
  readonly firstTokenMs: number
  readonly series: readonly Moment[]
}

const SENTENCE = 'The ship sailed on through the night. '

const scripted = () => new ScriptedWorld({ answer: () => ({ text: 'one two three' }) })

async function compared(world: ScriptedWorld, ...args: string[]): Promise<{ left: Side; right: Side }> {
  expect(await runCommandLine(['compare', ...args, '--json'], world), world.stderr.text).toBe(0)
  return JSON.parse(world.stdout.text) as { left: Side; right: Side }
}

let folder: string
let book: string
let novel: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plateau-compare-'))
  book = join(folder, 'book.txt')
  novel = join(folder, 'novel.txt')
  await writeFile(book, SENTENCE.repeat(12))
  await writeFile(novel, SENTENCE.repeat(700))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('plateau compare, with a server elsewhere', () => {
  const server = new ScriptedCompletions()
  beforeAll(() => server.start())
  afterAll(() => {
    server.stop()
    vi.unstubAllEnvs()
  })

  test('it takes a side once it is named, with the key of the environment', async () => {
    vi.stubEnv('XDG_DATA_HOME', folder)
    vi.stubEnv('PLATEAU_REMOTE_KEY', 'sk-mine')
    const asked = ['--prompt', 'What now?', '--system', 'Be brief.', '--right', 'remote']
    const nobody = scripted()
    expect(await runCommandLine(['compare', ...asked], nobody)).toBe(1)
    expect(nobody.stderr.text).toContain('No server elsewhere is named')
    await mkdir(join(folder, 'plateau'))
    await writeFile(join(folder, 'plateau/remote.json'), JSON.stringify({ url: server.url, model: 'tiny' }))
    const { left, right } = await compared(scripted(), ...asked)
    expect(left.text).toBe('one two three')
    expect(right).toMatchObject({ name: `tiny at ${server.host}`, text: 'The answer.', stateBytes: null })
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'What now?' },
    ]
    expect(server.sent).toContainEqual({
      path: '/v1/chat/completions',
      authorization: 'Bearer sk-mine',
      body: expect.objectContaining({ model: 'tiny', messages }) as object,
    })
  })
})

describe('plateau compare, scripted', () => {
  test('opens both sides as they are written, on the same weights, and asks both the same', async () => {
    const world = scripted()
    const sides = ['--left', 'nha:64,0', '--right', 'window-only:32']
    const { left, right } = await compared(world, '--prompt', 'What now?', ...sides, '--max-tokens', '2')
    expect(world.openedWith).toEqual([
      { attention: 'nha', window: [64, 0], slotsOn: true, system: '' },
      { attention: 'nha', window: 32, slotsOn: false, system: '' },
    ])
    expect(world.loadedFolders).toHaveLength(1)
    const first = world.engine.opened.slice(0, 2).flatMap((conversation) => conversation.requests)
    expect(first).toEqual(
      [0, 1].map(() => ({ message: 'What now?', sampling: { temperature: 0 }, maxNewTokens: 2 })),
    )
    expect(left).toMatchObject({ name: 'nha:64,0', text: 'one two ', stopped: '', msPerToken: 20 })
    expect(right.name).toBe('window-only:32')
    expect(world.engine.opened.every(({ closed }) => closed)).toBe(true)
  })

  test('each side has its bytes at each moment: constant on the left, growing on the right', async () => {
    const { left, right } = await compared(scripted(), '--prompt', 'What now?', '--read', book)
    expect(left.series.length).toBeGreaterThan(2)
    for (const { stateBytes } of left.series) expect(stateBytes).toBe(SCRIPTED_STATE_BYTES)
    for (const { stateBytes, position } of right.series)
      expect(stateBytes).toBe(position * SCRIPTED_BYTES_PER_TOKEN)
    expect(right.stateBytes).toBe(right.position * SCRIPTED_BYTES_PER_TOKEN)
    const phases = ['reading', 'reopened', 'answering', 'answering', 'reopened']
    expect(right.series.map(({ phase }) => phase)).toEqual(phases)
    expect(right.series.map(({ firstTokenMs }) => firstTokenMs !== null)).toEqual(
      phases.map((phase) => phase === 'reopened'),
    )
  })

  test('a document alone is asked about; --tokens ends the reading; the chart has both lines', async () => {
    const world = scripted()
    const chart = join(folder, 'chart.svg')
    const { left } = await compared(world, '--read', novel, '--tokens', '9000', '--chart', chart)
    const read = left.series.filter(({ phase }) => phase === 'reading')
    expect(read.at(-1)?.position).toBeGreaterThanOrEqual(9000)
    expect(read.at(-2)?.position).toBeLessThan(9000)
    const questions = new Set(world.engine.opened.flatMap(({ requests }) => requests).map((r) => r.message))
    expect(questions).toEqual(new Set(['What is this text about?']))
    const svg = await readFile(chart, 'utf8')
    expect(svg.match(/<polyline class="side[01]" points="[\d., ]+\d"/g)).toHaveLength(2 * 3 + 2)
  })

  test('a memory that grows stops before the limit, in a sentence; the other goes on', async () => {
    const { left, right } = await compared(scripted(), '--read', novel, '--limit-mb', '40')
    expect(left).toMatchObject({ stopped: '', text: 'one two three' })
    expect(right.stopped).toBe(
      `It stopped after ${right.position.toLocaleString('en')} tokens: to go on it could take more than 40 MB, the limit.`,
    )
    expect(right.text).toBe('')
    expect(right.position).toBeGreaterThan(1000)
    expect(right.position).toBeLessThan(left.position)
    for (const { stateBytes } of right.series) expect(stateBytes).toBeLessThan(40e6)
  })

  test('for people: three charts, then what each side said', async () => {
    const world = scripted()
    expect(await runCommandLine(['compare', '--prompt', 'What now?'], world)).toBe(0)
    for (const title of ['Memory', 'Time per token', 'First token after reopening'])
      expect(world.stdout.text).toMatch(new RegExp(`^${title} {3}● nha {3}○ full$`, 'm'))
    expect(world.stdout.text).toMatch(
      /^nha: 412\.7 kB at position \d+ · first token after \d+ ms · 20\.0 ms per token\none two three$/m,
    )
  })

  test('what makes no sense is one sentence', async () => {
    const refused = async (...args: string[]): Promise<string> => {
      const world = scripted()
      expect(await runCommandLine(['compare', ...args], world)).toBe(2)
      expect(world.loadedFolders).toEqual([])
      return world.stderr.text
    }
    expect(await refused()).toMatch(/^Give a question or a document: .*\.\n$/)
    const forms = 'must be nha, nha:W, window-only, window-only:W, full or remote, not'
    expect(await refused('--prompt', 'a', '--left', 'half')).toBe(`--left ${forms} "half".\n`)
    expect(await refused('--prompt', 'a', '--right', 'full:3')).toBe(`--right ${forms} "full:3".\n`)
    expect(await refused('--prompt', 'a', '--left', 'nha:x')).toContain('must be numbers, all, lean')
    expect(await refused('--read', book, '--tokens', '0')).toContain('--tokens must be a whole number')
  })

  test('Ctrl-C ends it with exit code 130', async () => {
    const world = scripted()
    world.interrupt.abort()
    expect(await runCommandLine(['compare', '--prompt', 'a'], world)).toBe(130)
    expect(world.stdout.text).toBe('')
  })
})

describe('plateau compare on a tiny random model', () => {
  let engine: Engine
  beforeAll(async () => {
    await mkdir(join(folder, 'tiny'))
    for (const [name, bytes] of tinyModel(TINY)) await writeFile(join(folder, 'tiny', name), bytes)
    engine = await loadEngine({
      gpu: capturingGpu().gpu,
      forceCpu: false,
      files: modelFolder(join(folder, 'tiny')),
    })
  })
  afterAll(() => engine.dispose())

  test('while the text fits the window, NHA and full attention say the same; then full has grown', async () => {
    const run = async (...args: string[]) => {
      const world = scripted()
      world.loadEngine = () => Promise.resolve({ ...engineParts(engine), dispose: () => undefined })
      const shared = ['--prompt', 'Who sailed?', '--max-tokens', '8']
      return compared(world, ...shared, '--read', book, ...args)
    }
    const fits = await run('--left', 'nha:1024')
    expect(fits.left.position).toBeLessThan(1024)
    expect(fits.left.text).toBe(fits.right.text)
    expect(fits.left.text).not.toBe('')

    const small = await run('--left', 'nha:8')
    const bytes = new Set(small.left.series.map(({ stateBytes }) => stateBytes))
    expect(bytes).toEqual(new Set([small.left.stateBytes]))
    expect(small.left.text).not.toBe(small.right.text)
    expect(small.right.stateBytes).toBeGreaterThan(small.left.stateBytes)
    const positions = small.left.series.map(({ position }) => position)
    expect(positions).toEqual([...positions].sort((a, b) => a - b))
    expect(positions.at(-1)).toBe(small.left.position)
  })

  test('the bytes shown are the ledger’s; what is asked after reopening is forgotten', async () => {
    const sequence = (window: number) => engine.sequence({ attention: window === 0 ? 'full' : 'nha', window })
    const world = scripted()
    world.loadEngine = () => Promise.resolve({ ...engineParts(engine), dispose: () => undefined })
    const { left, right } = await compared(
      world,
      '--prompt',
      'Who sailed?',
      '--read',
      book,
      '--left',
      'nha:8',
    )
    for (const [side, window] of [
      [left, 8],
      [right, 0],
    ] as const) {
      const beside = await sequence(window)
      await beside.prefill(new Array<number>(side.position).fill(1), 1)
      expect(side.stateBytes).toBe(beside.stateBytes)
      beside.dispose()
    }
    const reopened = right.series.findIndex(({ phase }) => phase === 'reopened')
    expect(right.series[reopened]?.position).toBe(right.series[reopened - 1]?.position)

    const straight = await engine.open({ attention: 'nha', window: 8, system: '' })
    await straight.hear([{ role: 'document', content: SENTENCE.repeat(12) }])
    let text = ''
    const request = { message: 'Who sailed?', sampling: { temperature: 0 }, maxNewTokens: 64 }
    for await (const event of straight.generate(request, new AbortController().signal))
      if (event.type === 'delta') text += event.text
    straight.dispose()
    expect(left.text).toBe(text)
  })
})

/** Methods of a class instance do not spread. */
function engineParts(engine: Engine) {
  const { info, lost } = engine
  const open: Engine['open'] = (options, saved) => engine.open(options, saved)
  const restore: Engine['restore'] = (options, snapshot) => engine.restore(options, snapshot)
  const sequence: Engine['sequence'] = (options) => engine.sequence(options)
  const logits: Engine['logits'] = (ids, options) => engine.logits(ids, options)
  return { info, lost, open, restore, sequence, logits }
}

describe('the chart', () => {
  test('a flat line stays where it is, a rising one ends at the top right; gaps are bridged', () => {
    const flat = { name: 'flat', points: [[0, 50] as const, [100, 50] as const] }
    const rising = { name: 'rising', points: [[0, 0] as const, [100, 100] as const] }
    const rows = plot('Title', [flat, rising], String, String).split('\n')
    expect(rows[0]).toBe('Title   ● flat   ○ rising')
    expect(rows[1]).toMatch(/^100 │ +○+$/)
    const middle = rows.slice(1).find((row) => row.includes('●')) ?? ''
    expect(middle.split('│')[1]).toHaveLength(64)
    expect(middle.split('│')[1]).toMatch(/^●+$/)
    expect(rows[10]).toMatch(/^ {2}0 │○+$/)
    expect(rows[12]).toMatch(/^ +0 +100$/)
  })

  test('nothing to draw is nothing', () => {
    expect(plot('Title', [{ name: 'a', points: [] }], String, String)).toBe('')
  })
})
