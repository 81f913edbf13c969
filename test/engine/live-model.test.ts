import { expect, test } from 'vitest'
import { EngineError } from '../../engine/errors.ts'
import { LiveModel } from '../../engine/live-model.ts'
import type { Model, Sequence } from '../../engine/model/sequence.ts'

const OPTIONS = { windows: [4], slotsOn: true }

/** A model that makes sequences, or fails to. */
function model(name: string, failure: Error | null): Model & { readonly made: string[] } {
  const made: string[] = []
  return {
    made,
    config: {} as Model['config'],
    weightBytes: 1,
    scratchBytes: 1,
    chunkTokens: 1,
    createSequence: () => {
      made.push(name)
      return failure ? Promise.reject(failure) : Promise.resolve({ position: 7 } as Sequence)
    },
    dispose: () => undefined,
  }
}

test.each([
  new Error('Instance dropped in popErrorScope'),
  new EngineError({ code: 'device-lost', reason: 'unknown', message: 'gone' }),
])(
  'a GPU that was lost while nobody asked: a new conversation opens on the next one (%s)',
  async (failure) => {
    const [lost, next] = [model('lost', failure), model('next', null)]
    const live = new LiveModel({ model: lost, device: null }, () =>
      Promise.resolve({ model: next, device: null }),
    )
    const sequence = await live.createSequence(OPTIONS, undefined, live.rebuilding(OPTIONS))
    expect(sequence.position).toBe(7)
    expect(live.model).toBe(next)
    expect([...lost.made, ...next.made]).toEqual(['lost', 'next'])
  },
)

test.each([
  { code: 'out-of-memory', wantedBytes: 5, owner: 'state' },
  { code: 'chat-too-large', wantedBytes: 500, mostBytes: 100 },
] as const)('no room is said at once, and nothing is loaded again ($code)', async (said) => {
  const failure = new EngineError(said)
  const live = new LiveModel({ model: model('full', failure), device: null }, () =>
    Promise.reject(new Error('never asked')),
  )
  await expect(live.createSequence(OPTIONS, undefined, live.rebuilding(OPTIONS))).rejects.toBe(failure)
  await expect(live.createSequence(OPTIONS, undefined, null)).rejects.toBe(failure)
})
