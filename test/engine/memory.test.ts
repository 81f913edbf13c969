import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Conversation } from '../../engine/conversation.ts'
import { type Engine, loadEngine } from '../../engine/engine.ts'
import { SnapshotError } from '../../engine/memory/snapshot.ts'
import { hashTokens, NO_TOKENS } from '../../engine/memory/token-hash.ts'
import { capturingGpu } from '../support/gpu.ts'
import { answer, OPTIONS, runMemoryScript } from '../support/memory-scripts.ts'
import { seeded } from '../support/numerics.ts'
import { modelFilesOf, TINY, tinyModel } from '../support/tiny-model.ts'

// A new device compiles every kernel again, beside other tests.
vi.setConfig({ testTimeout: 180_000 })

const { gpu, devices } = capturingGpu()
const load = (forceCpu = false, seed = TINY.seed) =>
  loadEngine({ gpu, forceCpu, files: modelFilesOf(tinyModel({ ...TINY, seed })) })

let engine: Engine
beforeAll(async () => {
  engine = await load()
})
afterAll(() => engine.dispose())

async function told(): Promise<Conversation> {
  const conversation = await engine.open(OPTIONS)
  await conversation.hear([{ role: 'user', content: 'My name is Mira.' }])
  await answer(conversation, 'Hello', 3)
  return conversation
}

describe('a snapshot', () => {
  test('restored is the conversation, to the bit', async () => {
    const conversation = await told()
    const snapshot = await conversation.snapshot()
    const restored = await engine.restore(OPTIONS, snapshot)
    expect(restored.memory).toEqual(conversation.memory)
    expect(await restored.snapshot()).toEqual(snapshot)
    const [text, again] = [await answer(conversation, 'And?', 5), await answer(restored, 'And?', 5)]
    expect(again).toBe(text)
    expect(await restored.snapshot()).toEqual(await conversation.snapshot())
    for (const each of [conversation, restored]) each.dispose()
  })

  test('is a copy to ask aside: the conversation it comes from goes on as if nothing had been asked', async () => {
    for (const begin of [() => engine.open(OPTIONS), told]) {
      const [conversation, straight] = [await begin(), await begin()]
      const beside = await engine.restore(OPTIONS, await conversation.snapshot())
      await answer(beside, 'what is my name?', 5)
      beside.dispose()
      expect(await answer(conversation, 'And?', 5)).toBe(await answer(straight, 'And?', 5))
      expect(await conversation.snapshot()).toEqual(await straight.snapshot())
      for (const each of [conversation, straight]) each.dispose()
    }
  })

  test('with any byte wrong, or cut anywhere, is refused', async () => {
    const conversation = await told()
    const snapshot = await conversation.snapshot()
    conversation.dispose()
    const random = seeded(11)
    for (let i = 0; i < 120; i++) {
      const damaged = snapshot.slice()
      damaged[i < 40 ? i : Math.floor(random() * damaged.length)]! ^= 1 << Math.floor(random() * 8)
      await expect(engine.restore(OPTIONS, damaged)).rejects.toBeInstanceOf(SnapshotError)
      const cut = snapshot.subarray(0, Math.floor(random() * snapshot.length))
      await expect(engine.restore(OPTIONS, cut)).rejects.toBeInstanceOf(SnapshotError)
    }
  })

  test('of other weights, another backend or other options is refused, and says which', async () => {
    const conversation = await told()
    const snapshot = await conversation.snapshot()
    conversation.dispose()
    const [other, cpu] = [await load(false, TINY.seed + 1), await load(true)]
    await expect(other.restore(OPTIONS, snapshot)).rejects.toThrow('its model is another')
    await expect(cpu.restore(OPTIONS, snapshot)).rejects.toThrow('its numerics is another')
    for (const change of [
      { window: 4 },
      { attention: 'full' },
      { system: 'Be brief.' },
      { slotsOn: false },
    ] as const)
      await expect(engine.restore({ ...OPTIONS, ...change }, snapshot)).rejects.toThrow(
        'its options are others',
      )
    other.dispose()
    cpu.dispose()
  })

  test('of the CPU reference, and of full attention, is restored as well', async () => {
    const cpu = await load(true)
    for (const [where, options] of [
      [cpu, OPTIONS],
      [engine, { ...OPTIONS, attention: 'full' }],
      [engine, { ...OPTIONS, window: 0 }],
    ] as const) {
      const conversation = await where.open(options)
      await answer(conversation, 'Hello', 3)
      const restored = await where.restore(options, await conversation.snapshot())
      expect(await answer(restored, 'And?', 5)).toBe(await answer(conversation, 'And?', 5))
      expect(await restored.snapshot()).toEqual(await conversation.snapshot())
      for (const each of [conversation, restored]) each.dispose()
    }
    cpu.dispose()
  })
})

test('the hash of tokens is that of all of them, however they were read', async () => {
  const tokens = [5, 70_000, 0, 0, 1]
  expect(hashTokens(hashTokens(NO_TOKENS, tokens.slice(0, 2)), tokens.slice(2))).toBe(
    hashTokens(NO_TOKENS, tokens),
  )
  expect(hashTokens(NO_TOKENS, [1, 2])).not.toBe(hashTokens(NO_TOKENS, [2, 1]))
  expect(hashTokens(NO_TOKENS, [0])).not.toBe(NO_TOKENS)
  const conversation = await told()
  expect(conversation.memory.tokens).toMatch(/^[0-9a-f]{16}$/)
  conversation.dispose()
})

test('random scripts of sends, stops, going back and restarts: text and state as of a straight run, to the bit', async () => {
  const random = seeded(2026)
  for (let script = 0; script < 12; script++)
    expect(await runMemoryScript(engine, random, 10), `script ${script}`).toBeNull()
})

describe('a GPU that is lost', () => {
  const LENGTH = 12
  const run = async (where: Engine, onToken: (token: number) => void) => {
    const conversation = await where.open(OPTIONS)
    await answer(conversation, 'hello', 2)
    await conversation.save()
    await answer(conversation, 'the rain fell', 2)
    let text = ''
    const request = { message: 'go on', sampling: { temperature: 0.9, seed: 4 }, maxNewTokens: LENGTH }
    for await (const event of conversation.generate(request, new AbortController().signal)) {
      if (event.type === 'prefilling' && event.tokens === 0) onToken(0)
      if (event.type !== 'delta') continue
      text += event.text
      onToken(event.newTokens)
    }
    const snapshot = await conversation.snapshot()
    conversation.dispose()
    return { text, snapshot }
  }

  test('at any token: the same answer continues on a new one, and the state is the same to the bit', async () => {
    const straight = await run(engine, () => undefined)
    const lasting = await load()
    for (const lostAt of [[1], [LENGTH - 2, LENGTH - 1]]) {
      const before = devices.length
      const survived = await run(lasting, (token) => {
        if (lostAt.includes(token)) devices.at(-1)?.destroy()
      })
      expect(survived, `lost at ${lostAt.join()}`).toEqual(straight)
      expect(devices.length - before).toBe(lostAt.length)
    }
    lasting.dispose()
  })

  test('as one that refuses what it is given is: its results are not believed, and the answer is the same', async () => {
    const straight = await run(engine, () => undefined)
    const lasting = await load()
    const before = devices.length
    const survived = await run(lasting, (token) => {
      if (token === LENGTH - 2)
        devices.at(-1)?.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE })
    })
    expect(devices.length - before).toBe(1)
    expect(survived).toEqual(straight)
    lasting.dispose()
  })

  test('between two turns: the next one never knows', async () => {
    const lasting = await load()
    const conversation = await lasting.open(OPTIONS)
    const straight = await engine.open(OPTIONS)
    const other = await lasting.open(OPTIONS)
    for (const message of ['hello', 'again']) {
      expect(await answer(conversation, message, 4)).toBe(await answer(straight, message, 4))
      devices.at(-1)?.destroy()
    }
    // Another conversation on the same GPU was there first.
    expect(await answer(other, 'hello', 4)).not.toBe('')
    expect(await answer(conversation, 'end', 4)).toBe(await answer(straight, 'end', 4))
    lasting.dispose()
    straight.dispose()
  })

  test('and does not come back: one sentence, after a few tries', async () => {
    const refusing: { now: boolean; asked: number } = { now: false, asked: 0 }
    const requestAdapter = {
      value: async (options?: GPURequestAdapterOptions) => {
        refusing.asked++
        return refusing.now ? null : gpu.requestAdapter(options)
      },
    }
    const failing = Object.create(gpu, { requestAdapter }) as GPU
    const lasting = await loadEngine({ gpu: failing, forceCpu: false, files: modelFilesOf(tinyModel(TINY)) })
    const conversation = await lasting.open(OPTIONS)
    await answer(conversation, 'hello', 2)
    refusing.now = true
    refusing.asked = 0
    devices.at(-1)?.destroy()
    await expect(answer(conversation, 'again', 2)).rejects.toThrow(/^The GPU stopped \(destroyed\)/)
    expect(await lasting.lost).toMatchObject({ code: 'no-webgpu' })
    expect(refusing.asked).toBe(4)
    lasting.dispose()
  })
})
