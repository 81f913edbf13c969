import { describe, expect, test } from 'vitest'
import { EngineError, type EngineFailure } from '../../engine/errors.ts'
import { remedyFor } from '../../renderer/state/engine.ts'
import { Model } from '../../renderer/state/model.svelte.ts'
import { SCRIPTED_GPU, ScriptedEngine, scriptedLoad } from '../support/scripted-engine.ts'

const inspect = () => Promise.resolve(SCRIPTED_GPU)
const make = () => new ScriptedEngine({ answer: () => ({ text: 'Yes.' }) })
const settle = () => new Promise((resolve) => setTimeout(resolve))

test('loading reports download, upload and compile in order, then is ready', async () => {
  const seen: string[] = []
  const model = new Model(async (onProgress, forceCpu, id) => {
    return scriptedLoad(make)(
      (progress) => {
        onProgress(progress)
        if (model.state.status === 'loading') seen.push(model.state.progress?.phase ?? 'none')
      },
      forceCpu,
      id,
    )
  }, inspect)
  await model.load()
  expect([...new Set(seen)]).toEqual(['download', 'upload', 'compile'])
  expect(model.state.status).toBe('ready')
  expect(model.info?.modelName).toBe('Pocket')
})

test('a failed load is a state, and whoever waits for the engine gets the failure', async () => {
  const failure: EngineFailure = { code: 'missing-file', file: 'model.safetensors', reason: 'HTTP 404' }
  let fails = true
  const model = new Model(() => {
    return fails ? Promise.reject(new EngineError(failure)) : Promise.resolve(make())
  }, inspect)
  await model.load()
  expect(model.failure).toEqual(failure)
  await expect(model.ready()).rejects.toMatchObject({ failure })

  fails = false
  await model.load()
  expect((await model.ready()).info.modelName).toBe('Pocket')
})

test('a lost engine is a failed model; loading again gives a new engine', async () => {
  const engines: ScriptedEngine[] = []
  const model = new Model(() => {
    engines.push(make())
    return Promise.resolve(engines.at(-1)!)
  }, inspect)
  await model.load()
  const lost: EngineFailure = { code: 'device-lost', reason: 'destroyed', message: '' }
  engines[0]!.lose(lost)
  await settle()
  expect(model.failure).toEqual(lost)
  expect(engines[0]!.disposed).toBe(true)
  await model.load()
  expect(await model.ready()).toBe(engines[1])
})

test('the later of two loads wins, and the earlier engine is given back', async () => {
  const arrive: ((engine: ScriptedEngine) => void)[] = []
  const model = new Model(() => new Promise((resolve) => arrive.push(resolve)), inspect)
  const first = model.load()
  const second = model.load(true)
  const [early, late] = [make(), make()]
  arrive[1]!(late)
  await second
  arrive[0]!(early)
  await first
  expect(await model.ready()).toBe(late)
  expect(early.disposed).toBe(true)
})

describe('another model', () => {
  const letGo = () => Promise.resolve()
  const broken: EngineFailure = { code: 'unknown-architecture', found: 'gpt_neox', supported: ['llama'] }
  const noRoom: EngineFailure = { code: 'out-of-memory', wantedBytes: 9, owner: 'weights' }

  /** A model whose loads are answered one after the other; what was asked for, and the engines it got. */
  function scripted(...answers: (EngineFailure | 'fine')[]) {
    const asked: string[] = []
    const engines: ScriptedEngine[] = []
    const model = new Model((_onProgress, _forceCpu, id) => {
      asked.push(id)
      const answer = answers.shift() ?? 'fine'
      if (answer !== 'fine') return Promise.reject(new EngineError(answer))
      engines.push(make())
      return Promise.resolve(engines.at(-1)!)
    }, inspect)
    return { model, asked, engines }
  }

  test('is loaded beside the one in use, which is let go of before it ends', async () => {
    const { model, asked, engines } = scripted()
    await model.load()
    const order: boolean[] = []
    const done = await model.choose('tiny', () => {
      order.push(engines[0]!.disposed)
      return Promise.resolve()
    })
    expect([done, model.id, model.choosing, asked]).toEqual([true, 'tiny', null, ['pocket', 'tiny']])
    expect([order, engines[0]!.disposed]).toEqual([[false], true])
    expect(await model.ready()).toBe(engines[1])
    expect(await model.choose('tiny', letGo)).toBe(true)
    expect(asked.length).toBe(2)
  })

  test('that cannot be used is refused in one sentence, and the one in use stays', async () => {
    const { model, engines } = scripted('fine', broken, 'fine')
    await model.load()
    expect(await model.choose('strange', letGo)).toBe(false)
    expect(model.refusal).toEqual({
      id: 'strange',
      sentence: 'Models of type "gpt_neox" cannot run here; these can: llama.',
    })
    expect([model.id, engines[0]!.disposed]).toEqual(['pocket', false])
    expect(await model.ready()).toBe(engines[0])
    await model.choose('tiny', letGo)
    expect(model.refusal).toBeNull()
  })

  test('for which there is no room beside it comes alone; without room at all the first comes back', async () => {
    const { model, asked, engines } = scripted('fine', noRoom, 'fine', noRoom, noRoom, 'fine')
    await model.load()
    expect(await model.choose('large', letGo)).toBe(true)
    expect([asked, engines[0]!.disposed, model.id]).toEqual([['pocket', 'large', 'large'], true, 'large'])
    expect(await model.choose('huge', letGo)).toBe(false)
    expect(asked.slice(3)).toEqual(['huge', 'huge', 'large'])
    expect([model.id, model.state.status]).toEqual(['large', 'ready'])
    expect(await model.ready()).toBe(engines[2])
  })

  test('chosen while the first still loads, it is the one that stays', async () => {
    const arrive = new Map<string, (engine: ScriptedEngine) => void>()
    const model = new Model((_p, _c, id) => new Promise((resolve) => arrive.set(id, resolve)), inspect)
    const first = model.load()
    const chosen = model.choose('tiny', letGo)
    const [early, late] = [make(), make()]
    arrive.get('tiny')!(late)
    await chosen
    arrive.get('pocket')!(early)
    await first
    expect([await model.ready(), early.disposed]).toEqual([late, true])
  })

  test('that was chosen before and is gone gives way to the built-in one, and says so; a lost GPU does not', async () => {
    const missing: EngineFailure = { code: 'missing-file', file: 'config.json', reason: 'the answer was 404' }
    const { model } = scripted(missing, 'fine')
    await model.start('gone')
    expect([model.id, model.state.status, model.refusal?.id]).toEqual(['pocket', 'ready', 'gone'])
    expect(model.fallback?.sentence).toContain('config.json could not be read: the answer was 404')
    await model.choose('pocket', letGo)
    expect(model.fallback).toBeNull()
    const without = scripted({ code: 'no-webgpu', hint: 'none' })
    await without.model.start('tiny')
    expect([without.model.id, without.model.state.status, without.asked.length]).toEqual([
      'tiny',
      'failed',
      1,
    ])
  })
})

test('the GPU can be checked without a model', async () => {
  const model = new Model(() => Promise.reject(new Error('no')), inspect)
  await model.checkGpu()
  expect(model.gpu).toEqual(SCRIPTED_GPU)
})

test('each failure has the button that helps', () => {
  expect(remedyFor({ code: 'no-webgpu', hint: '' })).toBe('gpu-check')
  expect(remedyFor({ code: 'device-lost', reason: 'unknown', message: '' })).toBe('reload')
  expect(remedyFor({ code: 'out-of-memory', wantedBytes: 9, owner: 'weights' })).toBe('reload')
  expect(remedyFor({ code: 'out-of-memory', wantedBytes: 9, owner: 'conversation memory' })).toBe('new-chat')
  expect(remedyFor({ code: 'chat-too-large', wantedBytes: 9, mostBytes: 8 })).toBe('new-chat')
  expect(remedyFor({ code: 'busy' })).toBe('retry')
})
