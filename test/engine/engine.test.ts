import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Engine, loadEngine } from '../../engine/engine.ts'
import { runsOnCpu } from '../../kernels/kernel.ts'
import type { ConversationOptions, GenerationEvent, GenerationRequest } from '../../engine/protocol.ts'
import { capturingGpu } from '../support/gpu.ts'
import { modelFilesOf, TINY, tinyModel } from '../support/tiny-model.ts'

const NHA: ConversationOptions = { attention: 'nha', window: null, system: '' }
const { signal } = new AbortController()

type Folder = Map<string, Uint8Array<ArrayBuffer>>

const ask = (message: string, maxNewTokens = 8): GenerationRequest => ({
  message,
  sampling: { temperature: 0, repetitionPenalty: 1 },
  maxNewTokens,
})

async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const event of events) all.push(event)
  return all
}

const textOf = (events: readonly GenerationEvent[]) =>
  events.map((event) => (event.type === 'delta' ? event.text : '')).join('')

const edited = (file: string, change: (json: Record<string, unknown>) => void): Folder => {
  const folder = tinyModel(TINY)
  const json = JSON.parse(new TextDecoder().decode(folder.get(file))) as Record<string, unknown>
  change(json)
  return folder.set(file, new TextEncoder().encode(JSON.stringify(json)))
}

const { gpu, devices } = capturingGpu()
const load = (folder: Folder) => loadEngine({ gpu, forceCpu: false, files: modelFilesOf(folder) })

describe('a loaded engine', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await load(tinyModel(TINY))
  })
  afterAll(() => engine.dispose())

  test('says what it runs on and what it weighs', () => {
    expect(engine.info).toMatchObject({
      modelName: 'tiny',
      backend: 'webgpu',
      notice: '',
      slots: 4,
      windows: [8, 5],
    })
    expect(engine.info.weightBytes).toBeGreaterThan(4 * 300 * 32)
  })

  test('50 turns leave the meter where it was, and read every token once', async () => {
    const conversation = await engine.open(NHA)
    const { stateBytes } = conversation.memory
    let position = 0
    for (let turn = 0; turn < 50; turn++) {
      const events = await collect(conversation.generate(ask(`turn ${turn}`, 3), signal))
      const prefilled = events.find((event) => event.type === 'prefilled')
      const end = events.at(-1)
      if (end?.type !== 'end' || !prefilled) throw new Error('no end')
      // The last token of a reply cut by its length waits for the next turn.
      const unread = end.finishReason === 'length' ? 1 : 0
      expect(end.memory.position).toBe(position + prefilled.tokens + end.newTokens - unread)
      expect(end.memory.stateBytes).toBe(stateBytes)
      position = end.memory.position
    }
    conversation.dispose()
  })

  test('a second turn continues the first: the same text as one conversation prefilled at once', async () => {
    const conversation = await engine.open(NHA)
    const first = textOf(await collect(conversation.generate(ask('hello'), signal)))
    const second = textOf(await collect(conversation.generate(ask('and now'), signal)))
    const again = await engine.open(NHA)
    expect(textOf(await collect(again.generate(ask('hello'), signal)))).toBe(first)
    expect(textOf(await collect(again.generate(ask('and now'), signal)))).toBe(second)
    const fresh = await engine.open(NHA)
    expect(textOf(await collect(fresh.generate(ask('and now'), signal)))).not.toBe(second)
    for (const each of [conversation, again, fresh]) each.dispose()
  })

  test('a stopped answer leaves a conversation that goes on', async () => {
    const conversation = await engine.open(NHA)
    const stop = new AbortController()
    const events: GenerationEvent[] = []
    for await (const event of conversation.generate(ask('hello', 50), stop.signal)) {
      events.push(event)
      if (event.type === 'delta') stop.abort()
    }
    expect(events.at(-1)).toMatchObject({ type: 'end' })
    const next = await collect(conversation.generate(ask('go on', 2), signal))
    expect(next.at(-1)).toMatchObject({ type: 'end' })
    conversation.dispose()
  })

  test('a prompt stopped half-way is closed, and the rest of it is not read later', async () => {
    const conversation = await engine.open(NHA)
    const stop = new AbortController()
    for await (const event of conversation.generate(ask('x'.repeat(1000)), stop.signal)) {
      if (event.type === 'prefilling') stop.abort()
    }
    const before = conversation.memory.position
    const events = await collect(conversation.generate(ask('y', 1), signal))
    const prefilled = events.find((event) => event.type === 'prefilled')
    expect(prefilled?.tokens).toBeLessThan(40)
    expect(before).toBeLessThan(300)
    conversation.dispose()
  })

  test('stopped while the GPU reads a piece, a document is read to the end of that piece and no further', async () => {
    const device = devices.at(-1)!
    const conversation = await engine.open(NHA)
    const stop = new AbortController()
    const submit = device.queue.submit.bind(device.queue)
    let submissions = 0
    let position = 0
    const spy = vi.spyOn(device.queue, 'submit').mockImplementation((commands) => {
      submit(commands)
      if (++submissions !== 5) return
      position = conversation.memory.position
      stop.abort()
    })
    const events = await collect(conversation.read('notes.txt', 'a line of text\n'.repeat(400), stop.signal))
    spy.mockRestore()
    const piece = events[0]?.type === 'reading' ? events[0].tokens : 0
    // The processor takes long for what is nothing to a GPU.
    expect(piece).toBe(runsOnCpu(device) ? 64 : 128)
    expect(conversation.memory.position).toBeGreaterThan(0)
    expect(conversation.memory.position).toBeLessThanOrEqual(position + piece)
    conversation.dispose()
  })

  test('a document is read into memory, with progress, at constant size', async () => {
    const conversation = await engine.open(NHA)
    const { stateBytes } = conversation.memory
    const events = await collect(conversation.read('notes.txt', 'a line of text\n'.repeat(40), signal))
    expect(events.filter(({ type }) => type === 'reading').length).toBeGreaterThan(1)
    expect(events.at(-1)).toMatchObject({ type: 'read', memory: { stateBytes } })
    expect((await collect(conversation.generate(ask('so?', 2), signal))).at(-1)).toMatchObject({
      type: 'end',
    })
    conversation.dispose()
  })

  test('nothing is allocated on the GPU while tokens are decoded', async () => {
    const device = devices.at(-1)
    if (!device) throw new Error('no device')
    const conversation = await engine.open(NHA)
    const made = [vi.spyOn(device, 'createBuffer'), vi.spyOn(device, 'createBindGroup')]
    await collect(conversation.generate(ask('x'.repeat(200), 30), signal))
    for (const spy of made) {
      expect(spy).not.toHaveBeenCalled()
      spy.mockRestore()
    }
    conversation.dispose()
  })

  test('special-token text that a user types stays text', async () => {
    const conversation = await engine.open(NHA)
    const plain = await collect(conversation.generate(ask('a', 1), signal))
    const typed = await engine.open(NHA)
    const sneaky = await collect(typed.generate(ask('a<|im_end|>', 1), signal))
    const tokens = (events: GenerationEvent[]) =>
      events.find((event) => event.type === 'prefilled')?.tokens ?? 0
    // Ten characters, none of them a special token: several tokens more, not one.
    expect(tokens(sneaky)).toBeGreaterThan(tokens(plain) + 4)
    conversation.dispose()
    typed.dispose()
  })

  test.each(['\u0000\u0000 NUL', 'lone \ud800 surrogate \udc00', '\u202e\ufeff'])(
    'reads %j',
    async (message) => {
      const conversation = await engine.open(NHA)
      expect((await collect(conversation.generate(ask(message, 1), signal))).at(-1)).toMatchObject({
        type: 'end',
      })
      conversation.dispose()
    },
  )

  test('a prompt of 1 MB is read piece by piece and can be stopped', async () => {
    const conversation = await engine.open(NHA)
    const stop = new AbortController()
    let total = 0
    for await (const event of conversation.generate(ask('one more word '.repeat(75_000)), stop.signal)) {
      if (event.type !== 'prefilling') continue
      total = event.totalTokens
      if (event.tokens > 300) stop.abort()
    }
    expect(total).toBeGreaterThan(75_000)
    expect(conversation.memory.position).toBeLessThan(1000)
    conversation.dispose()
  })

  test.each([
    ['', 'There is nothing to answer: the prompt is empty.'],
    [' \n\t', 'There is nothing to answer: the prompt is empty.'],
  ])('refuses the prompt %j', async (message, sentence) => {
    const conversation = await engine.open(NHA)
    await expect(collect(conversation.generate(ask(message), signal))).rejects.toThrow(sentence)
    expect(conversation.memory.position).toBe(0)
    conversation.dispose()
  })

  test('refuses requests that make no sense, in one sentence each', async () => {
    const conversation = await engine.open(NHA)
    const refuse = (request: GenerationRequest) =>
      expect(collect(conversation.generate(request, signal))).rejects
    await refuse(ask('x', 0)).toThrow("That cannot be done: the answer's length")
    await refuse({ ...ask('x'), sampling: { temperature: -1 } }).toThrow('That cannot be done')
    await expect(engine.open({ ...NHA, window: -1 })).rejects.toThrow('a window is a whole number of tokens')
    await expect(engine.open({ ...NHA, window: [8, 8, 8] })).rejects.toThrow(
      'the model has 2 layers, and 3 windows were given',
    )
    await expect(engine.logits([300], NHA)).rejects.toThrow(
      'token ids should be whole numbers below 300, got 300',
    )
    await expect(engine.logits([], NHA)).rejects.toThrow('got none')
    conversation.dispose()
  })

  test('answers one at a time', async () => {
    const [a, b] = [await engine.open(NHA), await engine.open(NHA)]
    const running = a.generate(ask('hello', 5), signal)
    await running.next()
    await expect(collect(b.generate(ask('hello', 5), signal))).rejects.toThrow('still answering')
    await running.return()
    expect((await collect(b.generate(ask('hello', 2), signal))).at(-1)).toMatchObject({ type: 'end' })
    a.dispose()
    b.dispose()
  })
})

describe('a folder that cannot be loaded', () => {
  const cut = (bytes: number): Folder => {
    const folder = tinyModel(TINY)
    return folder.set(
      'model.safetensors',
      (folder.get('model.safetensors') ?? new Uint8Array()).slice(0, bytes),
    )
  }
  const without = (file: string): Folder => {
    const folder = tinyModel(TINY)
    folder.delete(file)
    return folder
  }
  const hashed = tinyModel(TINY).set(
    'SHA256SUMS',
    new TextEncoder().encode(`${'0'.repeat(64)}  model.safetensors\n`),
  )

  test.each([
    ['no weights', without('model.safetensors'), "The model's file model.safetensors could not be read"],
    ['no config', without('config.json'), "The model's file config.json could not be read"],
    ['no tokenizer', without('tokenizer.json'), "The model's file tokenizer.json could not be read"],
    ['weights cut in the header', cut(100), "The model's file model.safetensors is damaged"],
    ['weights cut in the data', cut(40_000), "The model's file model.safetensors is damaged"],
    ['empty weights', cut(0), "The model's file model.safetensors is damaged"],
    ['a wrong hash', hashed, 'is not the one expected (SHA-256'],
    [
      'a wrong shape',
      edited('config.json', (json) => (json['intermediate_size'] = 64)),
      'The weights do not fit the model: model.layers.0.mlp.gate_proj.weight should be [64, 32] and is [96, 32].',
    ],
    [
      'an unknown architecture',
      edited('config.json', (json) => (json['model_type'] = 'mamba')),
      'Models of type "mamba" cannot run here',
    ],
    [
      'no chat template',
      edited('tokenizer_config.json', (json) => delete json['chat_template']),
      'The model has no chat template',
    ],
    [
      'a config that is not JSON',
      tinyModel(TINY).set('config.json', new TextEncoder().encode('{')),
      'config.json is damaged: it is not valid JSON',
    ],
  ])('%s: one sentence, and the device is given back', async (_, folder, sentence) => {
    const before = devices.length
    await expect(load(folder)).rejects.toThrow(sentence)
    for (const device of devices.slice(before)) expect((await device.lost).reason).toBe('destroyed')
  })
})

describe('without a GPU', () => {
  test('the reference answers, and says so', async () => {
    const engine = await loadEngine({ gpu: null, forceCpu: false, files: modelFilesOf(tinyModel(TINY)) })
    expect(engine.info.backend).toBe('cpu')
    expect(engine.info.notice).toMatch(/^Running on the processor, which is slow: .+\.$/)
    const conversation = await engine.open(NHA)
    const events = await collect(conversation.generate(ask('hello', 4), signal))
    expect(events.at(-1)).toMatchObject({ type: 'end' })
    engine.dispose()
  })

  test('an adapter that is refused is said in one sentence', async () => {
    const requestAdapter = { value: () => Promise.reject(new Error('blocklisted')) }
    const refusing = Object.create(gpu, { requestAdapter }) as GPU
    const engine = await loadEngine({ gpu: refusing, forceCpu: false, files: modelFilesOf(tinyModel(TINY)) })
    expect(engine.info.notice).toContain('asking for an adapter failed (blocklisted)')
    engine.dispose()
  })
})
