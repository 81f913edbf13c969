import { describe, expect, test } from 'vitest'
import { EngineError, type EngineFailure } from '../../engine/errors.ts'
import { readAll } from '../../engine/generate.ts'
import { LastingSequence } from '../../engine/memory/lasting-sequence.ts'
import type { SavedState, Sequence } from '../../engine/model/sequence.ts'
import type { Candidates } from '../../engine/text/sampler.ts'

/** A model whose state is the sum of what it read, and whose best token is its last digit. */
class Summing implements Sequence {
  readonly stateBytes = 8
  readonly isAhead = false
  position: number
  disposed = false
  saves = 0
  /** what `save` fails with */
  unsaved: Error | null = null
  #sum: number
  readonly #fail: () => Error | null

  constructor(fail: () => Error | null, saved?: SavedState) {
    this.#fail = fail
    this.position = saved?.position ?? 0
    this.#sum = saved?.slots[0]?.[0] ?? 0
  }

  prefill(tokens: readonly number[]): Promise<Candidates> {
    return this.#read(tokens)
  }

  decode(token: number): Promise<Candidates> {
    return this.#read([token])
  }

  save(): Promise<SavedState> {
    this.saves++
    if (this.unsaved) return Promise.reject(this.unsaved)
    const slots = Float64Array.of(this.#sum)
    return Promise.resolve({ position: this.position, bytes: new Uint8Array(slots.buffer), slots: [slots] })
  }

  inspect(): Promise<void> {
    return Promise.resolve()
  }

  attention(): Promise<null> {
    return Promise.resolve(null)
  }

  slotWrites(): Promise<null> {
    return Promise.resolve(null)
  }

  dispose(): void {
    this.disposed = true
  }

  async #read(tokens: readonly number[]): Promise<Candidates> {
    await Promise.resolve()
    const failure = this.#fail()
    // What is refused has not begun; any other call that fails may have changed the state half-way.
    if (failure === noRoom) throw failure
    this.#sum += tokens[0] ?? 0
    if (failure !== null) throw failure
    for (const token of tokens.slice(1)) this.#sum += token
    this.position += tokens.length
    return { ids: Uint32Array.of(this.#sum % 10), logits: Float32Array.of(this.#sum), count: 1 }
  }
}

type Story = Pick<LastingSequence, 'position' | 'prefill' | 'decode' | 'save'>

/** Read, decode twelve of what comes out, keep the state on the way; all that was said. */
async function story(sequence: Story): Promise<readonly number[]> {
  const said: number[] = []
  const say = async (candidates: Promise<Candidates>) => said.push((await candidates).ids[0] ?? -1)
  await say(sequence.prefill([3, 1, 4], 1))
  for (let i = 0; i < 12; i++) {
    await say(sequence.decode(said.at(-1) ?? 0, 1))
    if (i === 5) await sequence.save()
  }
  return [...said, sequence.position]
}

const CALLS = 13
const pipeline = Object.assign(new Error('no pipeline'), { name: 'GPUPipelineError' })
const noRoom = new EngineError({ code: 'out-of-memory', wantedBytes: 9, owner: 'window' })
const FAILURES: readonly [string, Error][] = [
  ['the device is lost', new EngineError({ code: 'device-lost', reason: 'unknown', message: 'gone' })],
  ['a logit is NaN', new EngineError({ code: 'bad-logits', position: 4 })],
  ['there is no room', noRoom],
  ['a shader is refused', pipeline],
]

describe.each(FAILURES)('%s', (_, failure) => {
  test('at any call, once or again: the story goes on as without', async () => {
    const straight = await story(new LastingSequence(new Summing(() => null), null))
    for (let failAt = 1; failAt <= CALLS; failAt++) {
      for (const times of failure === noRoom ? [1] : [1, 3]) {
        let calls = 0
        const made: Summing[] = []
        const make = (saved?: SavedState) => {
          made.push(new Summing(() => (++calls >= failAt && calls < failAt + times ? failure : null), saved))
          return made.at(-1)!
        }
        const attempts: number[] = []
        const lasting = new LastingSequence(make(), (_failure, saved, attempt) => {
          attempts.push(attempt)
          return Promise.resolve(make(saved))
        })
        expect(await story(lasting), `call ${failAt}, ${times} times`).toEqual(straight)
        expect(attempts).toEqual(Array.from({ length: times }, (_each, i) => i))
        expect(made.map(({ disposed }) => disposed)).toEqual([...made.slice(1).map(() => true), false])
      }
    }
  })

  test('too often: what `rebuild` throws is the end of it', async () => {
    const told: EngineFailure[] = []
    const lasting = new LastingSequence(new Summing(() => failure), (failed) => {
      told.push(failed)
      throw new EngineError(failed)
    })
    await expect(lasting.prefill([1], 1)).rejects.toBeInstanceOf(EngineError)
    expect(told).toHaveLength(1)
  })
})

test('no room, and none on the next GPU: that call is refused, and asked again the story goes on as without', async () => {
  const straight = await story(new LastingSequence(new Summing(() => null), null))
  for (let failAt = 1; failAt <= CALLS; failAt++) {
    // At 3 the calls that are repeated are refused, too, and another sequence has to be made.
    for (const times of [2, 3]) {
      let [calls, made, refused] = [0, 0, 0]
      const make = (saved?: SavedState) => {
        made++
        return new Summing(() => (++calls >= failAt && calls < failAt + times ? noRoom : null), saved)
      }
      const lasting = new LastingSequence(make(), (_failure, saved) => Promise.resolve(make(saved)))
      const insist = async <T>(work: () => Promise<T>): Promise<T> => {
        const { position } = lasting
        try {
          return await work()
        } catch (error) {
          expect(error).toBe(noRoom)
          expect(lasting.position).toBe(position)
          refused++
          return insist(work)
        }
      }
      const insisting: Story = {
        get position() {
          return lasting.position
        },
        prefill: (tokens, wanted) => insist(() => lasting.prefill(tokens, wanted)),
        decode: (token, wanted) => insist(() => lasting.decode(token, wanted)),
        save: () => insist(() => lasting.save()),
      }
      expect(await story(insisting), `call ${failAt}, ${times} times`).toEqual(straight)
      expect([refused, made <= times + 1]).toEqual([1, true])
    }
  }
})

test('any other error is thrown as it is', async () => {
  const failing = new Summing(() => new RangeError('a bug'))
  const lasting = new LastingSequence(failing, () => Promise.reject(new Error('never asked')))
  await expect(lasting.prefill([1], 1)).rejects.toThrow('a bug')
})

test('disposed of, it fails, and a loss brings nothing back', async () => {
  const lost = new EngineError({ code: 'device-lost', reason: 'destroyed', message: 'used while destroyed' })
  let rebuilt = 0
  const summing = new Summing(() => lost)
  const lasting = new LastingSequence(summing, () => {
    rebuilt++
    return Promise.resolve(new Summing(() => null))
  })
  // Closed before a call, and while one is on its way.
  const underway = lasting.prefill([1], 1)
  lasting.dispose()
  for (const call of [underway, lasting.prefill([1], 1), lasting.decode(1, 1), lasting.save()])
    await expect(call).rejects.toThrow('this conversation is closed')
  expect([rebuilt, summing.disposed]).toEqual([0, true])
})

test('disposed of while it is rebuilt: what comes is disposed of at once, and reads nothing', async () => {
  const lost = new EngineError({ code: 'device-lost', reason: 'unknown', message: 'gone' })
  let bring: (sequence: Sequence) => void = () => undefined
  const made = [new Summing(() => lost), new Summing(() => null)] as const
  const lasting = new LastingSequence(made[0], () => new Promise((resolve) => (bring = resolve)))
  const read = lasting.prefill([1], 1)
  await new Promise((resolve) => setTimeout(resolve))
  lasting.dispose()
  bring(made[1])
  await expect(read).rejects.toThrow('this conversation is closed')
  expect(made.map(({ disposed, position }) => [disposed, position])).toEqual([
    [true, 0],
    [true, 0],
  ])
})

test.each([
  ['no room for the copy', noRoom],
  ['a loss while it is made', new EngineError({ code: 'device-lost', reason: 'unknown', message: 'gone' })],
])(
  '%s that only spares time: what was read is read, and it is tried again 4,096 tokens on',
  async (_, failure) => {
    let reloads = 0
    const summing = new Summing(() => null)
    summing.unsaved = failure
    const lasting = new LastingSequence(summing, () => {
      reloads++
      return Promise.reject(failure)
    })
    const memory = { sequence: lasting, unread: [] as readonly number[] }
    const readMore = async (tokens: number) => {
      memory.unread = Array.from({ length: tokens }, () => 1)
      const reading = readAll(memory, 128, 1, new AbortController().signal)
      while (!(await reading.next()).done);
      return [lasting.position, memory.unread.length, summing.saves, reloads]
    }
    expect(await readMore(4096)).toEqual([4096, 0, 1, 0])
    expect(await readMore(4095)).toEqual([8191, 0, 1, 0])
    await lasting.decode(1, 1)
    expect([lasting.position, summing.saves, reloads]).toEqual([8192, 2, 0])
    await expect(lasting.save()).rejects.toBe(failure)
  },
)
