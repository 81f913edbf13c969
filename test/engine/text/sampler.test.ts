import { describe, expect, test } from 'vitest'
import type { Sampling } from '../../../engine/protocol.ts'
import { type Candidates, Sampler } from '../../../engine/text/sampler.ts'
import { seeded } from '../../support/numerics.ts'

const PLAIN: Sampling = { temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1, seed: 1 }

function whole(logits: ArrayLike<number>): Candidates {
  return {
    ids: Uint32Array.from({ length: logits.length }, (_, i) => i),
    logits: Float32Array.from(logits),
    count: logits.length,
  }
}

/** The `count` largest, ties by lowest id, shuffled, in arrays longer than `count`, as top_k on the GPU gives them. */
function largest(logits: Float32Array, count: number, random: () => number): Candidates {
  const order = Array.from(logits.keys())
    .sort((a, b) => logits[b]! - logits[a]! || a - b)
    .slice(0, count)
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return {
    ids: Uint32Array.from([...order, 0, 0]),
    logits: Float32Array.from([...order.map((id) => logits[id]!), NaN, NaN]),
    count: order.length,
  }
}

/** The docstring's six steps, sorted and in plain arrays: probabilities by id. */
function distribution(
  logits: ArrayLike<number>,
  sampling: Sampling,
  recent: readonly number[],
): Map<number, number> {
  const penalised = Array.from(logits, (x, id) => {
    if (!recent.slice(-64).includes(id)) return x
    return x > 0 ? x / sampling.repetitionPenalty : x * sampling.repetitionPenalty
  })
  const max = Math.max(...penalised)
  let kept = penalised
    .map((x, id) => ({ id, weight: Math.exp((x - max) / sampling.temperature) }))
    .sort((a, b) => b.weight - a.weight || a.id - b.id)
  if (sampling.topK > 0) kept = kept.slice(0, sampling.topK)
  const total = kept.reduce((sum, { weight }) => sum + weight, 0)
  let share = 0
  kept = kept.filter(({ weight }) => {
    const isKept = share < sampling.topP * total
    share += weight
    return isKept || sampling.topP === 1
  })
  kept = kept.filter(({ weight }) => weight >= sampling.minP)
  const sum = kept.reduce((subtotal, { weight }) => subtotal + weight, 0)
  return new Map(kept.map(({ id, weight }) => [id, weight / sum]))
}

const lift = (tokens: number) => ({ nats: new Map([[2, 3]]), tokens })

describe('Sampler', () => {
  test('with the wanted candidates it draws exactly what it draws from all of the vocabulary', () => {
    const random = seeded(5)
    const vocabSize = 300
    for (let round = 0; round < 120; round++) {
      const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!
      const sampling: Sampling = {
        temperature: pick([0, 0.3, 1, 2]),
        topK: pick([0, 1, 5, 40, 1000]),
        topP: pick([0.1, 0.9, 1]),
        minP: pick([0, 0.05, 0.5]),
        repetitionPenalty: pick([0.8, 1, 1.1, 2]),
        seed: round,
      }
      const some = new Sampler(sampling, vocabSize)
      const all = new Sampler(sampling, vocabSize)
      for (let position = 0; position < 70; position++) {
        // Coarse values, so that there are ties at every boundary.
        const logits = Float32Array.from({ length: vocabSize }, () => Math.round(random() * 40 - 20) / 4)
        const token = all.next(whole(logits))
        const candidates = some.wanted === vocabSize ? whole(logits) : largest(logits, some.wanted, random)
        expect(some.next(candidates), JSON.stringify(sampling)).toBe(token)
        all.accept(token)
        some.accept(token)
      }
    }
  })

  test.each([
    ['temperature', { temperature: 0.7 }],
    ['top-k', { topK: 3 }],
    ['top-p', { topP: 0.8 }],
    ['min-p', { minP: 0.2 }],
    ['repetition penalty', { repetitionPenalty: 1.5 }],
    ['all of them', { temperature: 1.5, topK: 6, topP: 0.9, minP: 0.1, repetitionPenalty: 1.2 }],
  ])('draws with the probabilities of the formula: %s', (_, some) => {
    const sampling = { ...PLAIN, ...some }
    const logits = [2, 1.5, -1, 0, 0.5, 1.5, -3, 2.5]
    const recent = [7, 2, 0]
    const expected = distribution(logits, sampling, recent)
    const sampler = new Sampler(sampling, logits.length)
    for (const token of recent) sampler.accept(token)
    const draws = 50_000
    const counts = new Map<number, number>()
    const candidates = whole(logits)
    for (let i = 0; i < draws; i++) {
      const token = sampler.next(candidates)
      counts.set(token, (counts.get(token) ?? 0) + 1)
    }
    expect([...counts.keys()].sort()).toEqual([...expected.keys()].sort())
    for (const [id, probability] of expected) {
      // Five standard deviations of a binomial count: one seed in a million would miss it.
      const deviation = Math.sqrt(draws * probability * (1 - probability))
      expect(Math.abs((counts.get(id) ?? 0) - draws * probability)).toBeLessThanOrEqual(5 * deviation)
    }
  })

  test('greedy takes the lowest id among equals, in any order of candidates', () => {
    const sampler = new Sampler({ ...PLAIN, temperature: 0 }, 9)
    expect(sampler.wanted).toBe(1)
    expect(sampler.next(whole([1, 3, 3, 2, 3, 0, 0, 0, 0]))).toBe(1)
    expect(sampler.next({ ids: Uint32Array.of(8, 4, 6), logits: Float32Array.of(1, 1, 1), count: 3 })).toBe(4)
  })

  test('a bias is added before all else, and may lift any token above the others', () => {
    const greedy = { ...PLAIN, temperature: 0 }
    const sampler = new Sampler({ ...greedy, repetitionPenalty: 2 }, 4, lift(Infinity))
    expect(sampler.wanted).toBe(4)
    expect(sampler.next(whole([3, 2, -1, -1]))).toBe(0)
    expect(sampler.next(whole([3, 2, 0.5, -1]))).toBe(2)
    // The penalty halves the sum, 1.75, and not 3 + 0.5 / 2.
    sampler.accept(2)
    expect(sampler.next(whole([1.8, 1, 0.5, -1]))).toBe(0)
    expect(new Sampler(greedy, 4, { nats: new Map(), tokens: 1 }).wanted).toBe(1)
  })

  test('and ends after so many tokens', () => {
    const sampler = new Sampler({ ...PLAIN, topK: 1 }, 4, lift(1))
    expect([sampler.wanted, sampler.draw]).toEqual([4, null])
    expect(sampler.next(whole([3, 2, 0.5, -1]))).toBe(2)
    expect(sampler.wanted).toBe(1)
    expect(sampler.draw).not.toBeNull()
    expect(sampler.next(whole([3, 2, 0.5, -1]))).toBe(0)
  })

  test('the penalty forgets a token after 64 others', () => {
    const sampler = new Sampler({ ...PLAIN, temperature: 0, repetitionPenalty: 2 }, 4)
    sampler.accept(0)
    sampler.accept(0)
    expect(sampler.next(whole([3, 2, -1, -1]))).toBe(1)
    for (let i = 0; i < 63; i++) sampler.accept(3)
    expect(sampler.next(whole([3, 2, -1, -1]))).toBe(1)
    sampler.accept(3)
    expect(sampler.next(whole([3, 2, -1, -1]))).toBe(0)
    expect(sampler.next(whole([-4, -9, -9, -2.5]))).toBe(0)
  })

  test('one seed gives one text, another seed another; no seed draws one', () => {
    const run = (seed: number | null) => {
      const sampler = new Sampler({ ...PLAIN, seed }, 1000)
      const candidates = whole(new Float32Array(1000))
      return Array.from({ length: 8 }, () => sampler.next(candidates)).join(' ')
    }
    expect(run(7)).toBe(run(7))
    expect(run(7)).not.toBe(run(8))
    expect(run(7)).not.toBe(run(7 + 2 ** 32))
    expect(run(null)).not.toBe(run(null))
  })

  test('wants k, or k and the penalised, or everything', () => {
    const wanted = (some: Partial<Sampling>) => new Sampler({ ...PLAIN, ...some }, 8192).wanted
    expect(wanted({ topK: 40 })).toBe(40)
    expect(wanted({ topK: 40, repetitionPenalty: 1.1 })).toBe(104)
    expect(wanted({ temperature: 0, repetitionPenalty: 1.1 })).toBe(65)
    expect(wanted({})).toBe(8192)
    expect(wanted({ temperature: 0, repetitionPenalty: 0.9 })).toBe(8192)
    expect(wanted({ topK: 10_000 })).toBe(8192)
  })

  test('a token that is masked with −∞ is never drawn, and a NaN is an error', () => {
    const sampler = new Sampler(PLAIN, 3)
    for (let i = 0; i < 100; i++) expect(sampler.next(whole([-Infinity, 0, -Infinity]))).toBe(1)
    expect(() => sampler.next(whole([0, NaN, 0]))).toThrow('numbers that are not finite')
    expect(() => sampler.next(whole([0, Infinity, 0]))).toThrow('numbers that are not finite')
    expect(() => sampler.next(whole([-Infinity, -Infinity, -Infinity]))).toThrow(
      'numbers that are not finite',
    )
  })

  test.each([
    [{ temperature: -1 }, 'temperature must be at least 0, got -1'],
    [{ temperature: NaN }, 'temperature must be at least 0, got NaN'],
    [{ topK: 1.5 }, 'topK must be a whole number, 0 for all, got 1.5'],
    [{ topP: 0 }, 'topP must be above 0 and at most 1, got 0'],
    [{ minP: 2 }, 'minP must be between 0 and 1, got 2'],
    [{ repetitionPenalty: 0 }, 'repetitionPenalty must be above 0, got 0'],
    [{ seed: -1 }, 'seed must be a whole number or none, got -1'],
  ])('refuses %o', (some, message) => {
    expect(() => new Sampler({ ...PLAIN, ...some }, 8)).toThrow(message)
  })

  test('a draw from 152,064 logits takes milliseconds', () => {
    const random = seeded(3)
    const candidates = whole(Float32Array.from({ length: 152_064 }, () => 10 * random() ** 4))
    const sampler = new Sampler({ ...PLAIN, topP: 0.95 }, 152_064)
    const start = performance.now()
    for (let i = 0; i < 10; i++) sampler.next(candidates)
    // Measured 50 ms on two busy cores.
    expect((performance.now() - start) / 10).toBeLessThan(500)
  })
})
