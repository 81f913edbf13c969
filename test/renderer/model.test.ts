import { expect, test } from 'vitest'
import { EngineError, type EngineFailure } from '../../engine/errors.ts'
import { remedyFor } from '../../renderer/state/engine.ts'
import { Model } from '../../renderer/state/model.svelte.ts'
import { SCRIPTED_GPU, ScriptedEngine, scriptedLoad } from '../support/scripted-engine.ts'

const inspect = () => Promise.resolve(SCRIPTED_GPU)
const make = () => new ScriptedEngine({ answer: () => ({ text: 'Yes.' }) })
const settle = () => new Promise((resolve) => setTimeout(resolve))

test('loading reports download, upload and compile in order, then is ready', async () => {
  const seen: string[] = []
  const model = new Model(async (onProgress, forceCpu) => {
    return scriptedLoad(make)((progress) => {
      onProgress(progress)
      if (model.state.status === 'loading') seen.push(model.state.progress?.phase ?? 'none')
    }, forceCpu)
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

test('the GPU can be checked without a model', async () => {
  const model = new Model(() => Promise.reject(new Error('no')), inspect)
  await model.checkGpu()
  expect(model.gpu).toEqual(SCRIPTED_GPU)
})

test('each failure has the button that helps', () => {
  expect(remedyFor({ code: 'no-webgpu', hint: '' })).toBe('gpu-check')
  expect(remedyFor({ code: 'device-lost', reason: 'unknown', message: '' })).toBe('reload')
  expect(remedyFor({ code: 'prompt-too-long', tokens: 9, limit: 8 })).toBe('new-chat')
  expect(remedyFor({ code: 'busy' })).toBe('retry')
})
