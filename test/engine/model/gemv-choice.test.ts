import { beforeAll, expect, test } from 'vitest'
import { GemvChoices, type KeptChoices } from '../../../engine/model/gemv-choice.ts'
import { raceGemv } from '../../../kernels/gemv-race.ts'
import { type GemvSchedule, gemvSchedules } from '../../../kernels/gemv-schedule.ts'
import { compile } from '../../../kernels/kernel.ts'
import { FaultyGpu } from '../../support/faulty-gpu.ts'
import { testDevice } from '../../support/gpu.ts'
import { runnableSchedules } from '../../support/matrix-shapes.ts'

const SHAPE = { rows: 60, cols: 64, format: 'q8' } as const
/** A schedule that no device without subgroups has, and what a race of two is held between here. */
const TWO: readonly GemvSchedule[] = ['workgroup', 'whole']

let device: GPUDevice
beforeAll(async () => {
  device = await testDevice()
})

/** Choices kept in memory, with what was asked of them. */
function memory(): KeptChoices & { readonly values: Map<string, string>; reads: number } {
  const values = new Map<string, string>()
  return {
    values,
    reads: 0,
    get(key) {
      this.reads++
      return Promise.resolve(values.get(key))
    },
    set: (key, value) => Promise.resolve(void values.set(key, value)),
  }
}

test.each(['f32', 'f16', 'q8', 'q4'] as const)(
  'a race of %s times every schedule that is right',
  async (format) => {
    const schedules = format === 'q8' ? runnableSchedules(device) : (['whole'] as const)
    const times = await raceGemv(device, { ...SHAPE, format }, schedules)
    expect(times.map(({ schedule }) => schedule)).toEqual(schedules)
    for (const { milliseconds } of times) expect(milliseconds).toBeGreaterThan(0)
  },
)

test('what a race found is kept, for shapes alike and for the next start', async () => {
  const kept = memory()
  const choices = new GemvChoices(device, kept, TWO)
  const chosen = await choices.scheduleFor(SHAPE)
  expect(TWO).toContain(chosen)
  expect(await choices.scheduleFor({ ...SHAPE, rows: 70 })).toBe(chosen)
  expect(kept.reads).toBe(1)
  const [[key, value] = []] = [...kept.values]
  expect(key).toMatch(/^gemv\/1\/.*\/q8 64x64$/)
  expect(value).toBe(chosen)
  // The other one, as if it had won: no race would be lost by it so surely.
  for (const other of TWO) {
    kept.values.set(key ?? '', other)
    expect(await new GemvChoices(device, kept, TWO).scheduleFor(SHAPE)).toBe(other)
  }
})

test('a note that cannot be read or written, or that names nothing we have, does not matter', async () => {
  const refused = () => Promise.reject(new Error('no disk'))
  const broken = new GemvChoices(device, { get: refused, set: refused }, TWO)
  expect(TWO).toContain(await broken.scheduleFor(SHAPE))
  const strange = { get: () => Promise.resolve('subgroup'), set: () => Promise.resolve() }
  expect(TWO).toContain(await new GemvChoices(device, strange, TWO).scheduleFor(SHAPE))
})

test('where a race cannot be held it is whole, and the next start tries again', async () => {
  const kept = memory()
  const failing = Object.create(device, {
    adapterInfo: { value: device.adapterInfo },
    createBuffer: {
      value: () => {
        throw new RangeError('no room')
      },
    },
  }) as GPUDevice
  const choices = new GemvChoices(failing, kept, TWO)
  expect(await choices.scheduleFor(SHAPE)).toBe('whole')
  expect(await choices.scheduleFor({ ...SHAPE, rows: 600 })).toBe('whole')
  expect(kept.values.size).toBe(0)
  await new GemvChoices(device, kept, TWO).scheduleFor(SHAPE)
  expect(kept.values.size).toBe(1)
})

test('what a race is refused, and a shader, is told to who asked: to the rest of the device it is no error', async () => {
  const gpu = new FaultyGpu()
  const watched = await (await gpu.gpu.requestAdapter())?.requestDevice()
  if (!watched) throw new Error('no device')
  const told: string[] = []
  watched.addEventListener('uncapturederror', ({ error }) => told.push(error.message))
  for (let n = 1, failed = true; failed; n++) {
    gpu.failIn(n)
    const raced = await raceGemv(watched, SHAPE, ['whole']).then(() => 'held', String)
    failed = gpu.takeFailure()
    expect(raced).toMatch(failed ? /on purpose/ : /held/)
  }
  const source = { label: 'wrong', code: 'no shader', constants: {} }
  await expect(compile(watched, source)).rejects.toThrow('wrong')
  await watched.queue.onSubmittedWorkDone()
  expect(told).toEqual([])
  watched.destroy()
})

test('where only one can win there is no race', async () => {
  const kept = memory()
  expect(gemvSchedules(device)).toEqual(['whole'])
  expect(await new GemvChoices(device, kept).scheduleFor(SHAPE)).toBe('whole')
  expect(kept.reads).toBe(0)
})
