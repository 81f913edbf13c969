import { WINDOW_ALL } from '../../kernels/attention-shape.ts'

/** What decides where the tokens of a layer go. */
export interface LineageLayer {
  /** W, or WINDOW_ALL */
  readonly window: number
  readonly sinks: number
  readonly usesSlots: boolean
}

/** What one slot holds, and of what. */
export interface SlotLineage {
  readonly layer: number
  /** KV head */
  readonly head: number
  readonly slot: number
  /** 1 − Π α: how much of it has been written at all */
  readonly written: number
  /** tokens since what it holds was read, the mean by weight */
  readonly age: number
  /** tokens after which half of it is another, by the mean of its gates so far */
  readonly halfLife: number
  /** the pieces that it holds most of, with their weight in it, the largest first */
  readonly writers: readonly { readonly piece: number; readonly share: number }[]
}

interface Piece {
  tokens: number
  /** for each layer: how many of its tokens have left the window for the slots */
  readonly left: Float64Array
  /** for each layer: Σ of what they took, over tokens and slots */
  readonly wrote: Float64Array
  /** for each layer [H, M]: Σ s_j · Π α after j, what is left of it */
  readonly holds: readonly Float32Array[]
}

const TOP_WRITERS = 3

/**
 * Who wrote what is in the slots. A slot is a sum over the tokens that it took, each with the weight
 *
 *     w_j = s_j · Π α_i over the tokens i that left after j,      Σ_j w_j = 1 − Π α
 *
 * so the weights, added up over a piece of text, say how much of the slot is that piece. It is an estimate of what is
 * remembered: a token's key and value carry something of those before it, and what a slot holds need not be read.
 */
export class Lineage {
  readonly #layers: readonly LineageLayer[]
  readonly #heads: number
  readonly #slots: number
  readonly #pieces: Piece[] = []
  /** the piece of each token */
  readonly #pieceOf: number[] = []
  /** for each layer [H, M]: Π α, Σ log α and Σ w_j·j */
  readonly #kept: readonly Float64Array[]
  readonly #logs: readonly Float64Array[]
  readonly #moments: readonly Float64Array[]
  readonly #folded: number[]

  constructor(layers: readonly LineageLayer[], heads: number, slots: number) {
    const size = heads * slots
    this.#layers = layers
    this.#heads = heads
    this.#slots = slots
    this.#kept = layers.map(() => new Float64Array(size).fill(1))
    this.#logs = layers.map(() => new Float64Array(size))
    this.#moments = layers.map(() => new Float64Array(size))
    this.#folded = layers.map(() => 0)
  }

  /** Begin another piece; returns its number, from 0 up. */
  begin(): number {
    const size = this.#heads * this.#slots
    this.#pieces.push({
      tokens: 0,
      left: new Float64Array(this.#layers.length),
      wrote: new Float64Array(this.#layers.length),
      holds: this.#layers.map(({ usesSlots }) => new Float32Array(usesSlots ? size : 0)),
    })
    return this.#pieces.length - 1
  }

  /** So many tokens of the piece that was begun last are read next. */
  read(tokens: number): void {
    const piece = this.#pieces.at(-1)
    if (piece) piece.tokens += tokens
    for (let i = 0; i < tokens; i++) this.#pieceOf.push(this.#pieces.length - 1)
  }

  /** What the layers' slots took while tokens from `position` on were read: for each layer f32 [T, H, M]. */
  add(position: number, tokens: number, writes: readonly Float32Array[]): void {
    for (const [layer, { window, sinks, usesSlots }] of this.#layers.entries()) {
      const first = Math.max(0, window + sinks - position)
      if (!usesSlots || window === WINDOW_ALL || first >= tokens) continue
      this.#fold(layer, position - window, first, tokens, writes[layer] ?? new Float32Array())
    }
  }

  /** How much of a piece is still there: 1 in the window, what the gates left of it in the slots; the mean of the layers. */
  retained(piece: number): number {
    const found = this.#pieces[piece]
    if (!found || found.tokens === 0) return 0
    const each = this.#layers.map((layer, at) => {
      const left = layer.usesSlots ? (found.left[at] ?? 0) : this.#gone(layer, piece)
      const wrote = found.wrote[at] ?? 0
      const held = found.holds[at]?.reduce((sum, weight) => sum + weight, 0) ?? 0
      const share = wrote > 0 ? held / wrote : 0
      return (found.tokens - left + left * share) / found.tokens
    })
    return each.reduce((sum, share) => sum + share, 0) / each.length
  }

  get slots(): readonly SlotLineage[] {
    const position = this.#pieceOf.length
    return this.#layers.flatMap(({ usesSlots, window }, layer) => {
      if (!usesSlots) return []
      return Array.from({ length: this.#heads * this.#slots }, (_, at): SlotLineage => {
        const written = 1 - (this.#kept[layer]?.[at] ?? 1)
        const mean = written > 0 ? (this.#moments[layer]?.[at] ?? 0) / written : position
        const fade = -(this.#logs[layer]?.[at] ?? 0) / Math.max(1, this.#folded[layer] ?? 0)
        return {
          layer,
          head: Math.floor(at / this.#slots),
          slot: at % this.#slots,
          written,
          age: written > 0 ? position - 1 - mean : window,
          halfLife: fade > 0 ? Math.LN2 / fade : Infinity,
          writers: this.#writers(layer, at),
        }
      })
    })
  }

  #writers(layer: number, at: number): { piece: number; share: number }[] {
    const top: { piece: number; share: number }[] = []
    for (const [piece, { holds }] of this.#pieces.entries()) {
      const share = holds[layer]?.[at] ?? 0
      if (share <= (top[TOP_WRITERS - 1]?.share ?? 0)) continue
      top.push({ piece, share })
      top.sort((a, b) => b.share - a.share)
      top.length = Math.min(top.length, TOP_WRITERS)
    }
    return top
  }

  /** Tokens of a piece that a layer without slots has let go. */
  #gone({ window, sinks }: LineageLayer, piece: number): number {
    const end = this.#pieceOf.length - window
    const [first, after] = [this.#pieceOf.indexOf(piece), this.#pieceOf.lastIndexOf(piece) + 1]
    return Math.max(0, Math.min(after, end) - Math.max(first, sinks))
  }

  /** Token `origin + i` left while the i-th token of a call was read, i from `first`. */
  #fold(layer: number, origin: number, first: number, tokens: number, writes: Float32Array): void {
    const size = this.#heads * this.#slots
    const [kept, logs, moments] = [this.#kept[layer], this.#logs[layer], this.#moments[layer]]
    if (!kept || !logs || !moments) return
    // Backwards, so that what comes after a token is known; then what was there before the call fades by all of it.
    const rest = new Float64Array(size).fill(1)
    const added = new Map<number, Float64Array>()
    const moment = new Float64Array(size)
    for (let i = tokens - 1; i >= first; i--) {
      const number = this.#pieceOf[origin + i] ?? 0
      const holds = added.get(number) ?? new Float64Array(size)
      added.set(number, holds)
      let wrote = 0
      for (let at = 0; at < size; at++) {
        const share = writes[i * size + at] ?? 0
        const weight = share * (rest[at] ?? 0)
        wrote += share
        holds[at] = (holds[at] ?? 0) + weight
        moment[at] = (moment[at] ?? 0) + weight * (origin + i)
        rest[at] = (rest[at] ?? 0) * (1 - share)
        logs[at] = (logs[at] ?? 0) + Math.log1p(-Math.min(share, 1 - 1e-7))
      }
      const piece = this.#pieces[number]
      if (!piece) continue
      piece.left[layer] = (piece.left[layer] ?? 0) + 1
      piece.wrote[layer] = (piece.wrote[layer] ?? 0) + wrote
    }
    for (const [number, { holds }] of this.#pieces.entries()) {
      const [held, more] = [holds[layer], added.get(number)]
      if (held)
        for (let at = 0; at < size; at++) held[at] = (held[at] ?? 0) * (rest[at] ?? 0) + (more?.[at] ?? 0)
    }
    for (let at = 0; at < size; at++) {
      kept[at] = (kept[at] ?? 0) * (rest[at] ?? 0)
      moments[at] = (moments[at] ?? 0) * (rest[at] ?? 0) + (moment[at] ?? 0)
    }
    this.#folded[layer] = (this.#folded[layer] ?? 0) + tokens - first
  }
}
