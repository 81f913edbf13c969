import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { modelFolder } from '../../bin/model-folder.ts'
import { startJob } from '../../bin/model-library.ts'
import type { Bridge } from '../../electron/bridge.ts'
import { callBridge } from '../../electron/bridge-calls.ts'
import { jobsIn } from '../../electron/models/jobs.ts'
import type { Models } from '../../electron/models/models.ts'
import { serve } from '../../electron/serve.ts'
import { parseConfig } from '../../engine/model/config.ts'
import { fitOf } from '../../engine/model/fit.ts'
import { readModelFiles } from '../../engine/model-files.ts'
import { arrival, arrived } from '../support/arrivals.ts'
import { temporaryFolder, testBridge } from '../support/test-bridge.ts'
import { tinyGguf } from '../support/tiny-gguf.ts'
import { TINY, tinyModel } from '../support/tiny-model.ts'

const APP = { version: '1', shell: 'browser', webgpu: '' } as const
const PLAIN = { ...TINY, family: 'qwen3' } as const
const FILES = tinyModel(PLAIN)

let folder: string
let models: Models
let bridge: Bridge

beforeEach(async () => {
  folder = temporaryFolder()
  const opened = await testBridge(APP, folder)
  models = opened.models
  bridge = opened.bridge
})
afterEach(() => models.close())

function write(name: string, files: ReadonlyMap<string, Uint8Array>): string {
  const path = join(folder, name)
  mkdirSync(path, { recursive: true })
  for (const [file, bytes] of files) writeFileSync(join(path, file), bytes)
  return path
}

describe('the models on the disk', () => {
  test('folders and GGUF files are listed, with what they are', async () => {
    write('models/tiny', FILES)
    const gguf = await tinyGguf({ ...PLAIN, types: 'Q8_0' })
    write('models/from-hub', new Map([['Tiny.Q8_0.gguf', gguf]]))
    write('models', new Map([['alone.gguf', gguf]]))
    write('models/tiny-q4.part', FILES)
    write('models/unfinished', new Map([...FILES, ['model.safetensors.part', new Uint8Array(1)]]))
    write('models/damaged', new Map([['x.gguf', gguf.subarray(0, 999)]]))
    write('models/empty', new Map())
    const { installed } = await models.listModels()
    expect(installed.map(({ id, name, format, problem }) => [id, name, format, problem])).toEqual([
      ['alone.gguf', 'alone', 'Q8_0', ''],
      ['tiny', 'tiny', 'f32', ''],
      ['from-hub/Tiny.Q8_0.gguf', 'Tiny.Q8_0', 'Q8_0', ''],
      [
        'unfinished',
        'unfinished',
        'f32',
        'It has not arrived whole: `plateau download` with its name goes on.',
      ],
      ['damaged/x.gguf', 'x', '', expect.stringContaining('x.gguf is damaged')],
    ])
    expect(installed[0]?.config).toMatchObject({ model_type: 'qwen3', hidden_size: 32, head_dim: 16 })
    expect(installed[1]?.config).toMatchObject({ model_type: 'qwen3' })
    const { weights } = fitOf(parseConfig(installed[0]?.config), 'q8')
    expect(installed[0]?.weightBytes).toBe(weights)
  })

  test('the window may fetch their files, and nothing beside them', async () => {
    write('models/a b', FILES)
    writeFileSync(join(folder, 'secret.json'), 'secret')
    writeFileSync(join(folder, 'models/a b/train.py'), 'secret')
    writeFileSync(join(folder, 'models/loose.json'), 'secret')
    symlinkSync(join(folder, 'secret.json'), join(folder, 'models/a b/linked.json'))
    const folders = {
      renderer: join(folder, 'window'),
      pocket: join(folder, 'pocket'),
      models: join(folder, 'models'),
    }
    const get = (path: string, init: RequestInit = {}) =>
      serve(new Request(`app://plateau/models/${path}`, init), folders)
    expect(await (await get('a%20b/config.json')).json()).toMatchObject({ model_type: 'qwen3' })
    const part = await get('a%20b/model.safetensors', { headers: { range: 'bytes=0-7' } })
    expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 8])
    const head = await get('a%20b/model.safetensors', { method: 'HEAD' })
    expect(head.headers.get('content-length')).toBe(String(FILES.get('model.safetensors')?.length))
    for (const path of [
      '..%2Fsecret.json',
      'a%20b/..%2F..%2Fsecret.json',
      '../secret.json',
      'a%20b/linked.json',
      'a%20b/train.py',
      'loose.json',
      'a%20b',
      'a%20b/x/config.json',
      '.hidden/config.json',
      'a%20b/config.json%00',
      'a%20b%5C..%5Csecret.json',
    ]) {
      const answer = await get(path)
      expect([path, answer.status]).toEqual([path, 404])
      expect(await answer.text()).not.toContain('secret')
    }
  })

  test('one is deleted, and only one that is listed', async () => {
    write('models/tiny', FILES)
    write('models/hub', new Map([['x.gguf', await tinyGguf({ ...PLAIN, types: 'F16' })]]))
    write('models/hub', new Map([['source.json', new TextEncoder().encode('{}')]]))
    await models.deleteModel({ id: 'tiny' })
    await models.deleteModel({ id: 'hub/x.gguf' })
    expect(readdirSync(join(folder, 'models'))).toEqual([])
    write('keep', FILES)
    for (const id of ['../keep', 'tiny', '', '..', 'hub/../../keep'])
      expect(await callBridge(bridge, 'deleteModel', { id })).toEqual({
        refusal: 'There is no such model any more.',
      })
    expect(readdirSync(join(folder, 'keep'))).toContain('config.json')
  })
})

describe('a file of this machine', () => {
  test('is converted into the library, with the name of its format', async () => {
    const path = write('elsewhere/My Model', FILES)
    expect(await callBridge(bridge, 'importModel', { path: ` "${path}" `, quant: 'q8' })).toEqual({
      answer: undefined,
    })
    expect(await callBridge(bridge, 'importModel', { path, quant: 'q8' })).toEqual({
      refusal: 'That model is on its way already.',
    })
    const [model] = await arrived(models)
    expect(model).toMatchObject({ id: 'My Model-q8', name: 'My Model', format: 'q8', problem: '', repo: '' })
    expect(await callBridge(bridge, 'importModel', { path, quant: 'q8' })).toEqual({
      refusal: 'That model is in the library already.',
    })
    await (await readModelFiles(modelFolder(join(folder, 'models/My Model-q8')), () => undefined)).close()
  })

  test.each([
    ['nothing/here', 'There is no file or folder'],
    ['notes.txt', 'is no GGUF file; of a model in several files choose the folder.'],
    ['bad', 'Models of type "gpt_neox" cannot run here; these can: llama,'],
  ])('%s is refused in one sentence, and may be given up', async (path, sentence) => {
    writeFileSync(join(folder, 'notes.txt'), 'x')
    const config = new TextEncoder().encode('{"model_type": "gpt_neox"}')
    write('bad', new Map([...FILES, ['config.json', config]]))
    await models.importModel({ path: join(folder, path), quant: 'q4' })
    const { id, problem } = await arrival(models, 'failed')
    expect(problem).toContain(sentence)
    await models.cancelArrival({ id })
    expect((await models.listModels()).arrivals).toEqual([])
  })

  test('what is no path, no format or no id is refused at the bridge', async () => {
    const ask = (method: 'importModel' | 'downloadModel' | 'cancelArrival', argument: unknown) =>
      callBridge(bridge, method, argument)
    expect(await ask('importModel', { path: 'a.gguf', quant: 'q4' })).toEqual({
      refusal: 'Give the whole path of a GGUF file or of a model folder.',
    })
    expect(await ask('importModel', { path: '/a', quant: 'q2' })).toHaveProperty('refusal')
    expect(await ask('importModel', { path: '/a\0', quant: 'q4' })).toHaveProperty('refusal')
    expect(await ask('downloadModel', { repo: 7 })).toHaveProperty('refusal')
    expect(await ask('cancelArrival', { id: 'x' })).toEqual({
      refusal: 'That model is no longer on its way.',
    })
  })
})

describe('the process of a job', () => {
  test('one that ends before its time is a sentence; one that is given up is killed', async () => {
    const script = join(folder, 'job.cjs')
    writeFileSync(script, 'process.on("message", ({ path }) => path === "die" && process.exit(3))')
    const run = jobsIn(() => startJob(script))
    const stop = new AbortController()
    await expect(run({ type: 'describe', path: 'die' }, () => undefined, stop.signal)).rejects.toThrow(
      'Reading the model ended before its time',
    )
    const waiting = run({ type: 'describe', path: 'wait' }, () => undefined, stop.signal)
    stop.abort()
    await expect(waiting).rejects.toBe(stop.signal.reason)
  })
})
