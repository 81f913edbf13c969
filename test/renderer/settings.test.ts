import { describe, expect, test } from 'vitest'
import { ServerSwitch, type SwitchParts } from '../../electron/server/server-switch.ts'
import { WINDOW_ALL } from '../../kernels/attention-shape.ts'
import { inRange, RANGES } from '../../renderer/state/answer-values.ts'
import {
  joinPresets,
  MAX_PRESETS,
  parsePresets,
  readPresets,
  writePresets,
} from '../../renderer/state/presets.ts'
import { DEFAULT_PORT } from '../../renderer/state/local-server.svelte.ts'
import { ALL_TOKENS, Settings } from '../../renderer/state/settings.svelte.ts'
import { DEFAULTS, parseSettings } from '../../renderer/state/settings-values.ts'

function stored(initial: unknown): { settings: Settings; kept: () => unknown } {
  let kept = initial
  const settings = new Settings({
    load: () => Promise.resolve(kept),
    save: (values) => {
      kept = structuredClone(values)
      return Promise.resolve()
    },
  })
  return { settings, kept: () => kept }
}

test('settings come back after a restart', async () => {
  const { settings, kept } = stored(undefined)
  await settings.load()
  expect(settings.values).toEqual(DEFAULTS)
  await settings.changeSampling('temperature', 0)
  await settings.change({ system: 'Be brief.', window: 'all', attention: 'full', appearance: 'dark' })

  const again = stored(kept()).settings
  await again.load()
  expect(again.values).toEqual(settings.values)
  expect(again.conversation()).toEqual({ attention: 'full', window: ALL_TOKENS, system: 'Be brief.' })
  expect(again.request()).toEqual({ sampling: { temperature: 0 }, maxNewTokens: 512 })
})

test('two windows: what one changed is not lost when the other, come back to, changes something else', async () => {
  let kept: unknown
  const storage = {
    load: () => Promise.resolve(structuredClone(kept)),
    save: async (values: unknown) => {
      const saved = structuredClone(values)
      await new Promise((resolve) => setTimeout(resolve, 5))
      kept = saved
    },
  }
  const [one, two] = [new Settings(storage), new Settings(storage)]
  await Promise.all([one.load(), two.load()])
  const preset = { name: 'Brief', system: 'Be brief.', sampling: {}, maxNewTokens: 64 }
  await one.change({ presets: [preset] })
  await two.load()
  await two.change({ contrast: true })
  await one.load()
  expect(one.values).toEqual({ ...DEFAULTS, presets: [preset], contrast: true })
  // Nor does a window take back what it is just writing down.
  const changed = one.change({ contrast: false })
  await one.load()
  await changed
  expect(one.values.contrast).toBe(false)
  const read = one.load()
  void one.change({ lookUp: false })
  await read
  expect(one.values.lookUp).toBe(false)
})

test('a preset is kept by its name; the engine knows what it is for a model', async () => {
  const { settings } = stored({ window: 'faithful' })
  await settings.load()
  expect(settings.conversation().window).toBe('faithful')
})

test('restoring gives a value back to the model, and leaves the others', async () => {
  const { settings } = stored({ sampling: { temperature: 1.2, topK: 7 }, maxNewTokens: 64, system: 'x' })
  await settings.load()
  await settings.changeSampling('temperature', undefined)
  expect(settings.values.sampling).toEqual({ topK: 7 })
  await settings.restoreAnswers()
  expect(settings.values).toEqual({ ...DEFAULTS, system: 'x' })
})

test('all is restored at once, but what was made or chosen by name, and one step takes it back', async () => {
  const preset = { name: 'Brief', system: 'x', sampling: {}, maxNewTokens: 64 }
  const chosen = { level: 'all', presets: [preset], model: 'hub/one' }
  const { settings, kept } = stored(chosen)
  await settings.load()
  expect([settings.isChanged, settings.restored]).toEqual([false, false])
  await settings.change({ contrast: true, language: 'de', system: 'x', sampling: { topK: 7 } })
  const before = settings.values
  expect(settings.isChanged).toBe(true)
  await settings.restoreAll()
  expect(kept()).toEqual({ ...DEFAULTS, ...chosen })
  expect([settings.isChanged, settings.restored]).toEqual([false, true])
  await settings.undoRestore()
  expect(settings.values).toEqual(before)
  expect([settings.isChanged, settings.restored]).toEqual([true, false])
  await settings.restoreAll()
  await settings.change({ lookUp: false })
  expect(settings.restored).toBe(false)
  await settings.undoRestore()
  expect(settings.values.language).toBe('system')
})

test('the port that is restored is the one that the shell begins with', async () => {
  const parts = { folder: '', disk: { read: () => Promise.reject(new Error('none')) }, token: { path: '' } }
  const shell = await ServerSwitch.open(parts as unknown as SwitchParts)
  expect((await shell.report()).port).toBe(DEFAULT_PORT)
})

test('the level says what is shown', async () => {
  const { settings } = stored({ level: 'more' })
  expect([settings.shows('simple'), settings.shows('more')]).toEqual([true, false])
  await settings.load()
  expect([settings.shows('simple'), settings.shows('more'), settings.shows('all')]).toEqual([
    true,
    true,
    false,
  ])
})

describe('presets', () => {
  const brief = { name: 'Brief', system: 'Be brief.', sampling: { temperature: 0 }, maxNewTokens: 64 }
  const free = { name: 'Free', system: '', sampling: {}, maxNewTokens: 512 }

  test('go into a file and come back', () => {
    expect(readPresets(writePresets([brief, free]))).toEqual([brief, free])
  })

  test('from a file lose none of one’s own: another of the same name gets a number, the same one comes once', () => {
    const other = { ...brief, system: 'Answer in one word.' }
    const first = joinPresets([brief], [other, free])
    expect(first.added).toEqual([{ ...other, name: 'Brief 2' }, free])
    expect(first.all).toEqual([brief, { ...other, name: 'Brief 2' }, free])
    expect(joinPresets(first.all, [brief, other, free])).toEqual({ all: first.all, added: [] })
    const third = joinPresets(first.all, [{ ...brief, maxNewTokens: 128 }])
    expect(third.added.map(({ name }) => name)).toEqual(['Brief 3'])
    // Names that are as long as they may be stay two when they are read again.
    const long = 'x'.repeat(80)
    const { all } = joinPresets([{ ...brief, name: long }], [{ ...other, name: long }])
    expect(parsePresets(all)).toEqual(all)
    expect(all).toHaveLength(2)
  })

  test('are put into what they may be, one to a name', () => {
    const wild = {
      name: '  Brief ',
      system: 7,
      sampling: { temperature: 99, topK: 'x' },
      maxNewTokens: 1,
      extra: {},
    }
    expect(parsePresets([brief, wild, { system: 'no name' }, null, 'x'])).toEqual([
      { name: 'Brief', system: '', sampling: { temperature: 2 }, maxNewTokens: 16 },
    ])
    expect(parsePresets(Array.from({ length: 500 }, (_, i) => ({ name: `n${i}` })))).toHaveLength(MAX_PRESETS)
    expect(parsePresets({ length: 3 })).toEqual([])
  })

  test.each([
    ['', 'wrong'],
    ['{"kind":"plateau-presets"', 'wrong'],
    ['[]', 'wrong'],
    ['{"kind":"plateau-presets","version":2,"presets":[]}', 'newer'],
    ['{"kind":"plateau-presets","version":1,"presets":[{}]}', 'empty'],
  ])('%j %s', (text, sentence) => {
    expect(() => readPresets(text)).toThrow(sentence)
  })
})

test('the window that keeps every token is the one the kernels know', () => {
  expect(ALL_TOKENS).toBe(WINDOW_ALL)
})

test.each([
  null,
  'text',
  17,
  [],
  { sampling: null },
  {
    sampling: { temperature: 'hot', topK: Number.NaN, seed: {} },
    maxNewTokens: '5',
    system: 5,
    window: 'wide',
  },
  {
    attention: 'x',
    appearance: 'neon',
    level: 3,
    contrast: 'x',
    presets: [null],
    maxNewTokens: Number.POSITIVE_INFINITY,
  },
])('damaged settings %j are the defaults', (value) => {
  expect(parseSettings(value)).toEqual(DEFAULTS)
})

test('numbers are put into their range', () => {
  expect(inRange(9, RANGES.temperature)).toBe(2)
  expect(inRange(-1, RANGES.window)).toBe(0)
  expect(inRange(7.6, RANGES.topK)).toBe(8)
})

test('a store that fails is said, and the change still holds', async () => {
  const settings = new Settings({
    load: () => Promise.reject(new Error('blocked')),
    save: () => Promise.reject(new Error('full')),
  })
  await settings.load()
  expect(settings.kept).toBe(false)
  await settings.change({ appearance: 'light' })
  expect(settings.values.appearance).toBe('light')
  expect(settings.kept).toBe(false)
})

test('what could not be kept is not taken back by what was kept before it', async () => {
  const settings = new Settings({
    load: () => Promise.resolve({}),
    save: () => Promise.reject(new Error('full')),
  })
  await settings.load()
  await settings.change({ appearance: 'light' })
  await settings.load()
  expect(settings.values.appearance).toBe('light')
})
