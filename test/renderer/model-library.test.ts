import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Bridge } from '../../electron/bridge.ts'
import type { Arrival, ModelsReport } from '../../electron/models/model-bridge.ts'
import { parseConfig } from '../../engine/model/config.ts'
import { fitOf } from '../../engine/model/fit.ts'
import { bytesToFetch, memoryWords, parameters, problemOf } from '../../renderer/models/fit.ts'
import { arrivalWords } from '../../renderer/models/words.ts'
import { formatBytes } from '../../renderer/state/format.ts'
import { parseCatalogue } from '../../renderer/state/model-catalogue.ts'
import { ModelLibrary } from '../../renderer/state/model-library.svelte.ts'
import { DEFAULTS, parseSettings } from '../../renderer/state/settings-values.ts'

const MOVING: Arrival = {
  id: 'tiny',
  name: 'Tiny',
  kind: 'download',
  status: 'fetching',
  fit: null,
  bytes: 250_000_000,
  totalBytes: 1_000_000_000,
  bytesPerSecond: 5_000_000,
  secondsLeft: 150,
  problem: '',
  needsToken: false,
}
const EMPTY: ModelsReport = {
  folder: '/data/models',
  freeBytes: 1e9,
  installed: [],
  arrivals: [],
  token: { given: false, kept: 'session' },
}

/** A bridge that knows these methods, and a clock that ticks when told. */
function scripted(methods: Partial<Bridge>, catalogue: unknown = {}) {
  const ticks: (() => void)[] = []
  const library = new ModelLibrary({
    bridge: methods as Bridge,
    catalogue: () => Promise.resolve(catalogue),
    pocket: () => Promise.resolve(null),
    wait: () => new Promise((resolve) => ticks.push(resolve)),
  })
  const tick = async () => {
    ticks.shift()?.()
    for (let i = 0; i < 5; i++) await Promise.resolve()
  }
  return { library, tick }
}

test('it looks again while something moves, and only then, and not when nobody watches', async () => {
  const reports = [[MOVING], [MOVING], [], []].map((arrivals) => ({ ...EMPTY, arrivals }))
  let looks = 0
  const { library, tick } = scripted({
    listModels: () => Promise.resolve(reports[Math.min(looks++, 3)] ?? EMPTY),
  })
  const leave = library.watch()
  for (let i = 0; i < 6; i++) await tick()
  expect(looks).toBe(3)
  expect(library.arrivals).toEqual([])
  leave()
  await tick()
  await tick()
  expect(looks).toBe(3)
})

test('a refusal is a sentence that stays until the next thing is done', async () => {
  let refuses = true
  const asked: unknown[] = []
  const { library } = scripted({
    listModels: () => Promise.resolve(EMPTY),
    importModel: (argument) => {
      asked.push(argument)
      return refuses ? Promise.reject(new Error('There is no file or folder /a.')) : Promise.resolve()
    },
  })
  expect(await library.import('/a', 'q4')).toBe(false)
  await library.refresh()
  expect(library.problem).toBe('There is no file or folder /a.')
  refuses = false
  expect(await library.import('/b', 'q8')).toBe(true)
  expect(library.problem).toBe('')
  expect(asked).toEqual([
    { path: '/a', quant: 'q4' },
    { path: '/b', quant: 'q8' },
  ])
})

test.each([
  ['Qwen/Qwen3-0.6B', 'Qwen/Qwen3-0.6B'],
  [' https://huggingface.co/Qwen/Qwen3-0.6B/tree/main ', 'Qwen/Qwen3-0.6B'],
  ['hf.co/x', 'hf.co/x'],
  ['https://hf.co/a/b?x=1', 'a/b'],
])('%s asks the hub for %s', async (text, repo) => {
  const asked: string[] = []
  const { library } = scripted({
    listModels: () => Promise.resolve(EMPTY),
    lookUpModel: (argument) => {
      asked.push(argument.repo)
      return Promise.resolve({ repo, revision: 'x', bytes: 1, ggufs: [], config: null })
    },
  })
  await library.lookUp(text)
  expect(asked).toEqual([repo])
  expect([library.found?.repo, library.looking]).toEqual([repo, false])
})

test('words that are no name are searched for', async () => {
  const hits = [{ repo: 'a/small-one', downloads: 7, modelType: 'llama' }]
  const { library } = scripted({
    listModels: () => Promise.resolve(EMPTY),
    searchModels: ({ words }) => Promise.resolve(words === 'small one' ? hits : []),
  })
  await library.lookUp(' small one ')
  expect([library.hits, library.found, library.looking]).toEqual([hits, null, false])
  await library.lookUp('smaller')
  expect(library.hits).toEqual([])
})

test('every model of the catalogue is of a family that runs, with the size that its name says', () => {
  const catalogue = parseCatalogue(JSON.parse(readFileSync('assets/models.json', 'utf8')))
  expect(catalogue.length).toBeGreaterThanOrEqual(10)
  for (const { name, config, revision } of catalogue) {
    expect([name, problemOf(config)]).toEqual([name, ''])
    expect(parseConfig(config).headDim).toBeGreaterThan(0)
    const [, number = '', unit] = / ([\d.]+)([MB])$/.exec(name) ?? []
    const stated = Number(number) * (unit === 'B' ? 1e9 : 1e6)
    // Names are rounded, and some leave the embedding out: Llama's "1B" has 1.24 billion.
    expect(parameters(config) / stated, name).toBeGreaterThan(0.9)
    expect(parameters(config) / stated, name).toBeLessThan(1.25)
    expect(revision).toMatch(/^main$|^[0-9a-f]{40}$/)
  }
  expect(parseCatalogue({ models: [7, { repo: 'x' }, null] })).toEqual([])
  expect(parseCatalogue(null)).toEqual([])
})

test('models of the catalogue are pinned: a commit, and size and SHA-256 of the files that are fetched', () => {
  const catalogue = parseCatalogue(JSON.parse(readFileSync('assets/models.json', 'utf8')))
  const pinned = catalogue.filter(({ revision }) => revision !== 'main')
  expect(pinned.length).toBeGreaterThanOrEqual(10)
  expect(new Set(pinned.map(({ revision }) => revision)).size).toBe(pinned.length)
  for (const { name, revision, files, config } of pinned) {
    expect(revision, name).toMatch(/^[0-9a-f]{40}$/)
    const paths = files.map(({ path }) => path)
    expect(new Set(paths).size, name).toBe(paths.length)
    expect(paths, name).toEqual(expect.arrayContaining(['config.json', 'tokenizer.json']))
    for (const { bytes, sha256 } of files) {
      expect(bytes, name).toBeGreaterThan(0)
      expect(sha256, name).toMatch(/^[0-9a-f]{64}$/)
    }
    const shards = paths.filter((path) => /^model-\d{5}-of-\d{5}\.safetensors$/.test(path))
    const [, whole = '0'] = /-of-(\d{5})/.exec(shards[0] ?? '') ?? []
    expect(paths.includes('model.safetensors') !== paths.includes('model.safetensors.index.json'), name).toBe(
      true,
    )
    expect(shards.length, name).toBe(Number(whole))
    // bf16, a tied head once or twice, and the tokenizer beside it.
    expect(bytesToFetch({ config, files }) / parameters(config), name).toBeGreaterThan(2)
    expect(bytesToFetch({ config, files }) / parameters(config), name).toBeLessThan(2.6)
  }
})

test('of the catalogue, what is pinned by halves is left out', () => {
  const entry = { repo: 'me/x', name: 'X', about: 'x', licence: 'MIT', config: {} }
  const file = { path: 'config.json', bytes: 7, sha256: 'a'.repeat(64) }
  const parsed = (change: object) => parseCatalogue({ models: [{ ...entry, ...change }] })
  const revision = 'b'.repeat(40)
  expect(parsed({})).toMatchObject([{ revision: 'main', files: [] }])
  expect(parsed({ revision, files: [file, { path: 'a', bytes: 1 }] })).toMatchObject([
    { revision, files: [file, { path: 'a', bytes: 1, sha256: null }] },
  ])
  for (const change of [
    { revision: 'b'.repeat(39) },
    { revision: 7 },
    { files: [file] },
    { revision, files: {} },
    { revision, files: [{ ...file, sha256: 'a'.repeat(63) }] },
    { revision, files: [{ ...file, bytes: 0 }] },
    { revision, files: [{ ...file, bytes: 1.5 }] },
    { revision, files: [{ bytes: 7 }] },
  ])
    expect(parsed(change), JSON.stringify(change)).toEqual([])
})

test('a model on its way says what it does, how fast, and for how long', () => {
  expect(arrivalWords(MOVING)).toBe('Fetching · 250 MB of 1.0 GB · 5.0 MB/s · 3 min left')
  expect(arrivalWords({ ...MOVING, status: 'paused' })).toBe('Paused · 250 MB of 1.0 GB')
  expect(arrivalWords({ ...MOVING, status: 'waiting', bytes: 0, totalBytes: null })).toBe(
    'Waiting for its turn',
  )
  expect(problemOf({ model_type: 'gpt_neox' })).toContain('Models of type "gpt_neox" cannot run here')
  expect(problemOf(null)).toBe('')
})

test('one number says what a model takes, as the engine counts it, and whether that stays', () => {
  const [smol] = parseCatalogue(JSON.parse(readFileSync('assets/models.json', 'utf8')))
  const options = { attention: 'nha', window: 64 } as const
  const { total } = fitOf(parseConfig(smol?.config), 'q4', options)
  expect(memoryWords(smol?.config, 'q4', options)).toBe(`${formatBytes(total)} of memory`)
  expect(memoryWords(smol?.config, 'q4', { attention: 'full' })).toMatch(/of memory, growing with the chat$/)
  // A GGUF file's own types: the size of its weights is given.
  expect(memoryWords(smol?.config, 'Q4_K', options)).toBe('')
  expect(memoryWords(smol?.config, 'Q4_K', options, 1e9)).toMatch(/^1\.\d+ GB of memory$/)
  expect(memoryWords({ model_type: 'rwkv' }, 'q4', options)).toBe('')
})

test('the chosen model is kept; what was kept and makes no sense is Pocket', () => {
  expect(parseSettings({ model: 'a/b.gguf' }).model).toBe('a/b.gguf')
  for (const model of [undefined, 7, 'x'.repeat(1000)])
    expect(parseSettings({ model }).model).toBe(DEFAULTS.model)
})
