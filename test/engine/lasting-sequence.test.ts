import { describe, expect, test } from 'vitest'
import { EngineError, type EngineFailure } from '../../engine/errors.ts'
import { LastingSequence } from '../../engine/memory/lasting-sequence.ts'
import type { SavedState, Sequence } from '../../engine/model/sequence.ts'
import type { Candidates } from '../../engine/text/sampler.ts'

/** A model whose state is the sum of what it read, and whose best token is its last digit. */
class Summing implements Sequence {
  readonly stateBytes = 8
  readonly isAhead = false
  position: number
  disposed = false
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
