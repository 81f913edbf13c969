import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Bridge } from '../../electron/bridge.ts'
import { callBridge } from '../../electron/bridge-calls.ts'
import type { Models } from '../../electron/models/models.ts'
import { arrival, arrived } from '../support/arrivals.ts'
import { LOCAL_PORTS, publish, REVISION } from '../support/published-model.ts'
import { ScriptedFits } from '../support/scripted-fit.ts'
import { cutAt, ScriptedFileServer } from '../support/scripted-file-server.ts'
import { temporaryFolder, testBridge } from '../support/test-bridge.ts'
import { tinyGguf } from '../support/tiny-gguf.ts'
import { TINY, tinyModel } from '../support/tiny-model.ts'

const APP = { version: '1', shell: 'browser', webgpu: '' } as const
const PLAIN = { ...TINY, family: 'qwen3' } as const
const FILES = tinyModel(PLAIN)

let server: ScriptedFileServer
let folder: string
let models: Models
let bridge: Bridge

beforeEach(async () => {
  server = new ScriptedFileServer()
  await server.start()
  folder = temporaryFolder()
  await open()
})
afterEach(async () => {
  await models.close()
  server.stop()
})

/** As after a new start of the program. */
async function open(): Promise<void> {
  const hub = { url: server.origin, ports: LOCAL_PORTS }
  const opened = await testBridge(APP, folder, hub)
  models = opened.models
  bridge = opened.bridge
}

describe('a model of the hub', () => {
  const plan = { repo: 'me/Tiny-Instruct', revision: 'main', file: null, quant: 'q8' } as const

  test('is looked up before it is fetched', async () => {
    publish(server, 'me/both', new Map([...FILES, ['both.Q4_0.gguf', new Uint8Array(9)]]))
    const found = await models.lookUpModel({ repo: 'me/both' })
    const bytes = [...FILES.values()].reduce((sum, { length }) => sum + length, 0)
    expect(found).toMatchObject({ repo: 'me/both', revision: REVISION, bytes })
    expect(found.ggufs).toEqual([{ file: 'both.Q4_0.gguf', bytes: 9 }])
    expect(found.config).toMatchObject({ model_type: 'qwen3' })
    expect(readdirSync(join(folder, 'downloads'))).toEqual([])
    expect(await callBridge(bridge, 'lookUpModel', { repo: 'me/none' })).toEqual({
      refusal: 'There is no model me/none at revision "main".',
    })
  })

  test('is searched for by words', async () => {
    const asked =
      '/api/models?search=tiny+chat&filter=text-generation&sort=downloads&direction=-1&limit=20&config=true'
    const list = [
      { id: 'me/tiny-chat', downloads: 12, config: { model_type: 'llama' }, private: false },
      { id: '../../etc', downloads: 1 },
      { id: 'you/Tiny-GGUF' },
      null,
    ]
    server.files.set(asked, { body: new TextEncoder().encode(JSON.stringify(list)), etag: '"list"' })
    expect(await models.searchModels({ words: 'tiny chat' })).toEqual([
      { repo: 'me/tiny-chat', downloads: 12, modelType: 'llama' },
      { repo: 'you/Tiny-GGUF', downloads: 0, modelType: '' },
    ])
    server.files.set(asked, { body: new TextEncoder().encode('<html>'), etag: '"list"' })
    expect(await callBridge(bridge, 'searchModels', { words: 'tiny chat' })).toMatchObject({
      refusal: expect.stringContaining('answered the search in a way that is not understood') as unknown,
    })
    expect(await callBridge(bridge, 'searchModels', { words: 'other' })).toEqual({
      refusal: 'The hub refused to search (404).',
    })
  })

  test('is fetched, converted once, and says where it came from', async () => {
    publish(server, plan.repo, FILES)
    await models.downloadModel(plan)
    const [model] = await arrived(models)
    const place = { repo: plan.repo, revision: REVISION }
    expect(model).toMatchObject({
      id: 'me--Tiny-Instruct--q8',
      name: 'Tiny-Instruct',
      format: 'q8',
      ...place,
    })
    expect(model?.config).toMatchObject({ _name_or_path: 'Tiny-Instruct' })
    expect(readdirSync(join(folder, 'downloads'))).toEqual([])
    expect(await callBridge(bridge, 'downloadModel', plan)).toEqual({
      refusal: 'That model is in the library already.',
    })
  })

  test('a GGUF file is kept as it is', async () => {
    const gguf = await tinyGguf({ ...PLAIN, types: 'Q4_0' })
    publish(server, 'me/Tiny-GGUF', new Map([['tiny.Q4_0.gguf', gguf]]))
    await models.downloadModel({ ...plan, repo: 'me/Tiny-GGUF', file: 'tiny.Q4_0.gguf', quant: null })
    const [model] = await arrived(models)
    expect(model).toMatchObject({
      id: 'me--Tiny-GGUF--tiny.Q4_0/tiny.Q4_0.gguf',
      format: 'Q4_0',
      repo: 'me/Tiny-GGUF',
    })
  })

  test('paused, it goes on after a new start, at the commit where it began', async () => {
    publish(server, plan.repo, FILES)
    let hold = true
    server.misbehaviours.push((_request, response, { body, etag }) => {
      response.writeHead(200, { 'Content-Length': body.length, ETag: etag }).end(body)
    })
    for (let i = 0; i < 8; i++)
      server.misbehaviours.push((_request, response, { body, etag }) => {
        response.writeHead(200, { 'Content-Length': body.length, ETag: etag })
        response.write(body.subarray(0, body.length >> 1))
        if (!hold) response.end()
      })
    await models.downloadModel(plan)
    const { id } = await arrival(models, 'fetching')
    await vi.waitFor(
      async () => expect((await models.listModels()).arrivals[0]?.bytes).toBeGreaterThan(10_000),
      { timeout: 20_000 },
    )
    await models.pauseArrival({ id })
    const { bytes } = await arrival(models, 'paused')
    expect(bytes).toBeGreaterThan(10_000)
    hold = false
    server.misbehaviours.length = 0

    await open()
    expect((await arrival(models, 'paused')).bytes).toBeGreaterThan(10_000)
    // What is published meanwhile is another model.
    server.files.delete(`/api/models/${plan.repo}/revision/main?blobs=true`)
    await models.resumeArrival({ id })
    const [model] = await arrived(models)
    expect(model?.revision).toBe(REVISION)
    expect(server.requests.some(({ range }) => range !== '')).toBe(true)
  })

  test('a cut connection is gone on with; a gated model asks for a token; one that fails is tried again', async () => {
    publish(server, plan.repo, FILES)
    const gate: Parameters<typeof server.misbehaviours.push>[0] = (_request, response) =>
      void response.writeHead(401).end()
    server.misbehaviours.push(gate)
    await models.downloadModel(plan)
    const failed = await arrival(models, 'failed')
    expect(failed.needsToken).toBe(true)
    expect(failed.problem).toContain('needs a login')
    expect(await callBridge(bridge, 'setHubToken', { token: 'two words' })).toHaveProperty('refusal')
    await models.setHubToken({ token: ' hf_secret ' })
    expect((await models.listModels()).token).toEqual({ given: true, kept: 'session' })
    server.misbehaviours.push((request, response, file) => {
      expect(request.headers.authorization).toBe('Bearer hf_secret')
      response.writeHead(200, { 'Content-Length': file.body.length }).end(file.body)
    }, cutAt(0.5))
    await models.resumeArrival({ id: failed.id })
    expect((await arrived(models)).length).toBe(1)
    const kept = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    )
    for (const { parentPath, name } of kept)
      expect(readFileSync(join(parentPath, name)).includes('hf_secret')).toBe(false)
  })

  test('cancelled, nothing of it stays', async () => {
    publish(server, plan.repo, FILES)
    server.misbehaviours.push((_request, response) => void response.writeHead(404).end())
    await models.downloadModel(plan)
    const { id } = await arrival(models, 'failed')
    await models.cancelArrival({ id })
    expect(readdirSync(join(folder, 'downloads'))).toEqual([])
    await open()
    expect((await models.listModels()).arrivals).toEqual([])
  })
})

describe('a fit', () => {
  const bytes = new TextEncoder().encode(JSON.stringify([{ name: '../a.txt', text: 'Some text.' }]))
  const how = { id: 'tiny', stage: 'gates+lora', tokens: 1000, bytes } as const

  test('is paused by the end of the program and goes on with the same text; given up, nothing of it stays', async () => {
    const fits = new ScriptedFits()
    let now = 0
    const start = async () => {
      const hub = { url: server.origin, ports: { ...LOCAL_PORTS, now: () => now }, runJob: fits.run }
      ;({ models, bridge } = await testBridge(APP, folder, hub))
    }
    await start()
    mkdirSync(join(folder, 'models/tiny'), { recursive: true })
    for (const [file, content] of FILES) writeFileSync(join(folder, 'models/tiny', file), content)
    await models.fitModel(how)
    fits.tell(1, 10, { phase: 'gates', losses: [2] })
    now += 6000
    fits.tell(4, 10, { phase: 'gates', losses: [2, 1] })
    const [begun] = (await models.listModels()).arrivals
    // Three steps took six seconds, and six are left.
    expect(begun).toMatchObject({
      kind: 'fit',
      status: 'fitting',
      secondsLeft: 12,
      fit: { phase: 'gates', losses: [2, 1] },
    })
    expect(await callBridge(bridge, 'fitModel', how)).toMatchObject({
      refusal: 'That model is on its way already.',
    })
    await models.close()

    await start()
    const [paused] = (await models.listModels()).arrivals
    expect(paused).toMatchObject({ id: 'tiny with memory', name: 'tiny with memory', status: 'paused' })
    await models.resumeArrival({ id: 'tiny with memory' })
    expect(fits.jobs[1]).toEqual(fits.jobs[0])
    expect(fits.texts).toEqual([['Some text.'], ['Some text.']])
    // What a real one keeps beside its folder.
    writeFileSync(join(folder, 'models/tiny with memory.gates'), 'state')
    await models.cancelArrival({ id: 'tiny with memory' })
    expect(readdirSync(join(folder, 'models'))).toEqual(['tiny'])
    expect(readdirSync(join(folder, 'downloads'))).toEqual([])

    await models.fitModel(how)
    fits.finish()
    const made = (await arrived(models)).find(({ id }) => id === 'tiny with memory')
    expect(made).toMatchObject({ hasReport: true, problem: '' })
  })

  test('is refused without text, a model or a stage', async () => {
    const refused = async (change: object) => {
      const outcome = await callBridge(bridge, 'fitModel', { ...how, ...change })
      return 'refusal' in outcome ? outcome.refusal : ''
    }
    expect(await refused({ bytes: new TextEncoder().encode('[{"name": "a", "text": ""}]') })).toContain('no')
    expect(await refused({ id: 'nothing' })).toBe('There is no such model any more.')
    expect(await refused({ stage: 'all' })).toBe('Gates learn, or gates and adapters.')
    expect(await refused({ tokens: 0.5 })).toContain('A model learns from 1 to')
  })
})
