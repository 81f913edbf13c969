import { expect, test, vi } from 'vitest'
import { LiveModel } from '../../engine/live-model.ts'
import { createGpuModel } from '../../engine/model/model.ts'
import { sequenceOptions } from '../../engine/model/sequence.ts'
import { FaultyGpu } from '../support/faulty-gpu.ts'
import { testDevice } from '../support/gpu.ts'
import { everyLogit, gpuOptions, loadTiny, tokensOf } from '../support/loaded-model.ts'
import { answer, OPTIONS } from '../support/memory-scripts.ts'
import { FULL, loadTinyOn, refuseChats, refuseLoading } from '../support/no-room.ts'

// Each loading compiles every kernel anew.
vi.setConfig({ testTimeout: 180_000 })
/** Of the buffers; the soak takes every one. */
const EVERY = { chat: 6, model: 16 }

test('any buffer of a chat that is refused: one sentence or the same answers, and every byte is given back', async () => {
  const { refused, wrong } = await refuseChats(EVERY.chat)
  expect(wrong).toEqual([])
  expect(refused).toBeGreaterThan(3)
})

test('a buffer of the model that is refused while it is loaded: one sentence, and nothing stays on the GPU', async () => {
  const { refused, wrong } = await refuseLoading(EVERY.model)
  expect(wrong).toEqual([])
  expect(refused).toBeGreaterThan(1)
})

test('full attention that outgrows the GPU: its chat is refused after one more try, each time, and the others go on', async () => {
  const gpu = new FaultyGpu()
  const engine = await loadTinyOn(gpu)
  let isLost = false
  void engine.lost.then(() => (isLost = true))
  const [full, other, straight] = [
    await engine.open(FULL),
    await engine.open(OPTIONS),
    await engine.open(OPTIONS),
  ]
  const expected = [await answer(straight, 'hello', 5), await answer(straight, 'again', 5)]
  expect(await answer(other, 'hello', 5)).toBe(expected[0])
  gpu.largestRing = full.memory.stateBytes / 4
  const devices = gpu.devices
  for (let time = 1; time <= 2; time++) {
    const refused = answer(full, 'my name is Mira. '.repeat(300), 5)
    await expect(refused).rejects.toThrow(/no room for \d+ bytes of conversation memory/)
    expect(full.memory.position).toBe(1024)
    expect(gpu.devices).toBe(devices + time)
  }
  expect(await answer(other, 'again', 5)).toBe(expected[1])
  gpu.largestRing = Infinity
  expect(await answer(full, 'and now?', 5)).not.toBe('')
  expect(isLost).toBe(false)
  engine.dispose()
})

test('a memory that grows beyond what the device can bind is refused with both sizes, and stays as it was; so is a saved one, and nothing is loaded again', async () => {
  const { config, checkpoint } = await loadTiny({ kvHeads: 4 })
  const device = await testDevice()
  const model = await createGpuModel(gpuOptions(device, config, checkpoint))
  const options = sequenceOptions(config, { attention: 'full', window: null })
  const sequence = await model.createSequence(options)
  await sequence.prefill(tokensOf(config.vocabSize, 1000), 1)
  const held = () => [sequence.position, model.ledger.bytes('state'), model.ledger.bytes('scratch')]
  const before = held()
  const allowed = (bytes: number) =>
    Object.defineProperty(device, 'limits', {
      value: { maxStorageBufferBindingSize: bytes, maxBufferSize: 2 ** 30 },
      configurable: true,
    })
  const { kvHeads, headDim } = config
  // A ring that doubled to 2,048 rows; the table has as many and a chunk.
  const [ring, table] = [2048 * kvHeads * headDim * 2, (2048 + 128) * headDim * 4]
  for (const [buffer, bytes] of [
    ['window_keys', ring],
    ['rope_table', table],
  ] as const) {
    allowed(bytes - 1)
    const failure = { code: 'chat-too-large', wantedBytes: bytes, mostBytes: bytes - 1 }
    const refused = sequence.prefill(tokensOf(config.vocabSize, 100), 1)
    await expect(refused, buffer).rejects.toMatchObject({ failure })
    expect(held()).toEqual(before)
  }
  allowed(2 ** 30)
  await sequence.prefill(tokensOf(config.vocabSize, 100), 1)
  expect(sequence.position).toBe(1100)
  const saved = await sequence.save()
  allowed(ring - 1)
  const load = vi.fn()
  const live = new LiveModel({ model, device: null }, load)
  const restored = live.createSequence(options, saved, live.rebuilding(options))
  await expect(restored).rejects.toMatchObject({ failure: { code: 'chat-too-large', wantedBytes: ring } })
  expect(load).not.toHaveBeenCalled()
  await sequence.decode(1, 1)
  model.dispose()
})

test('any buffer of a memory that grows, is looked into or is saved: refused, it leaves every byte and the state as they were', async () => {
  const { config, checkpoint } = await loadTiny({})
  const gpu = new FaultyGpu()
  const device = await (await gpu.gpu.requestAdapter())?.requestDevice()
  if (!device) throw new Error('no device')
  const model = await createGpuModel(gpuOptions(device, config, checkpoint))
  const options = sequenceOptions(config, { attention: 'full', window: null })
  const tokens = tokensOf(config.vocabSize, 1024)
  const next = async (inspected: boolean, refuse: boolean) => {
    const sequence = await model.createSequence(options)
    await sequence.inspect(inspected)
    for (let at = 0; at < 1024; at += 128) await sequence.prefill(tokens.slice(at, at + 128), 1)
    const held = () => [
      ...(['state', 'scratch'] as const).map((owner) => model.ledger.bytes(owner)),
      gpu.bytes,
    ]
    let [refused, most] = [0, 0]
    const step = async <T>(work: () => Promise<T>): Promise<T> => {
      for (let n = 1; refuse; n++) {
        const before = held()
        gpu.failIn(n)
        const done = await work().catch((error: unknown) => error)
        gpu.failIn(Infinity)
        if (!gpu.takeFailure()) return done as T
        refused++
        expect(done, `buffer ${n}`).toMatchObject({ failure: { code: 'out-of-memory' } })
        most = Math.max(most, gpu.bytes)
        // Scratch of the inspector is made for a memory that has grown.
        if (!inspected) expect(held(), `buffer ${n}`).toEqual(before)
        expect(sequence.position).toBe(1024)
      }
      return work()
    }
    await step(() => sequence.save())
    const logits = everyLogit(await step(() => sequence.decode(5, config.vocabSize)))
    expect(most).toBeLessThanOrEqual(gpu.bytes)
    const { bytes } = await sequence.save()
    sequence.dispose()
    return { logits, bytes, refused }
  }
  for (const inspected of [false, true]) {
    const straight = await next(inspected, false)
    const { refused, ...found } = await next(inspected, true)
    expect(found).toEqual({ logits: straight.logits, bytes: straight.bytes })
    expect(refused).toBeGreaterThan(8)
  }
  model.dispose()
})
