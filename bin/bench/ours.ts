import type { SavedState } from '../../engine/model/sequence.ts'
import type { Attention, ConversationOptions, EngineInfo } from '../../engine/protocol.ts'
import {
  adapterName,
  benchTokens,
  type Contestant,
  type Introduction,
  type Prepared,
  timed,
} from './contestant.ts'
import type { Place, Snapshot, Task } from './contestant.ts'
import { countDispatches } from './dispatches.ts'

/** The part of the engine that is measured. */
export interface MeasuredEngine {
  readonly info: EngineInfo
  sequence(options: MeasuredOptions, saved?: SavedState): Promise<MeasuredSequence>
}

export interface MeasuredOptions {
  readonly attention: Attention
  readonly window: ConversationOptions['window']
}

/** Token ids in, time and bytes out. */
export interface MeasuredSequence {
  readonly position: number
  readonly stateBytes: number
  prefill(tokens: readonly number[], wanted: number): Promise<unknown>
  decode(
    token: number,
    wanted: number,
    next?: { readonly goOn: boolean },
  ): Promise<{ readonly ids: ArrayLike<number> }>
  save(): Promise<SavedState>
  dispose(): void
}

/** Tokens that are really read on the way to any position: more than any window that has slots. */
const READ = 512
/** Positions of a window that grows are stored in this many rows at first, and in twice as many whenever they end. */
const FIRST_ROWS = 1024
/** Tokens that may be decoded at one position before it is passed. */
const ROOM = 256
/** Tokens of one measurement: an answer goes on, and each token of it is read ahead but the first. */
const RUN = 4

/**
 * Our engine, wherever it runs. A position far into a text is reached by restoring the state of 512 tokens as that of
 * the position: with windows and slots it is the same state; with full attention, whose keys grow, it is repeated.
 */
export class Ours implements Contestant {
  readonly engine = 'plateau'
  readonly attention: Attention
  readonly #engine: MeasuredEngine
  readonly place: Place
  readonly #options: MeasuredOptions
  readonly #sequences = new Map<number, MeasuredSequence>()
  #read: SavedState | null = null
  #turn = 0

  constructor(engine: MeasuredEngine, options: MeasuredOptions, place: Place) {
    this.#engine = engine
    this.attention = options.attention
    this.place = place
    this.#options = options
  }

  open(): Promise<Introduction> {
    const { gpu, backend, weightBytes } = this.#engine.info
    const adapter = backend === 'webgpu' ? `WebGPU: ${adapterName(gpu)}` : 'CPU reference'
    return Promise.resolve({ backend: `${adapter}, ${this.place}`, note: '', weightBytes })
  }

  async prepare({ phase, position }: Task): Promise<Prepared> {
    if (phase === 'prefill') return this.#prefillOnce(position)
    const sequence = await this.#sequenceAt(position)
    this.#sequences.set(position, sequence)
    let token = 0
    const goOn = async () => (token = (await sequence.decode(token, 1, { goOn: true })).ids[0] ?? 0)
    await goOn()
    const dispatches = await countDispatches(goOn)
    await sequence.decode(token, 1)
    return { stateBytes: sequence.stateBytes, dispatches }
  }

  async time({ phase, position }: Task): Promise<number> {
    this.#turn++
    if (phase === 'decode') return this.#timeDecode(position)
    const tokens = benchTokens(position, this.#turn)
    const start = performance.now()
    const sequence = await this.#engine.sequence(this.#options)
    try {
      await sequence.prefill(tokens, 1)
      return performance.now() - start
    } finally {
      sequence.dispose()
    }
  }

  async timeSnapshot(): Promise<Snapshot | null> {
    const live = await this.#engine.sequence(this.#options, await this.#stateAtHand())
    await live.decode(0, 1)
    let saved: SavedState | undefined
    const save = await timed(async () => (saved = await live.save()))
    const token = await timed(() => live.decode(1, 1))
    live.dispose()
    let restored: MeasuredSequence | undefined
    const restoredToken = await timed(async () => {
      restored = await this.#engine.sequence(this.#options, saved)
      await restored.decode(1, 1)
    })
    restored?.dispose()
    return { save, restore: Math.max(0, restoredToken - token) }
  }

  close(): Promise<void> {
    for (const sequence of this.#sequences.values()) sequence.dispose()
    this.#sequences.clear()
    return Promise.resolve()
  }

  /** Of one token. */
  async #timeDecode(position: number): Promise<number> {
    const sequence = this.#sequences.get(position)
    if (!sequence) throw new Error(`nothing was made ready at ${position}`)
    let token = this.#turn % 251
    const run = await timed(async () => {
      for (let left = RUN; left > 0; left--)
        token = (await sequence.decode(token, 1, { goOn: left > 1 })).ids[0] ?? 0
    })
    return run / RUN
  }

  async #prefillOnce(tokens: number): Promise<Prepared> {
    const sequence = await this.#engine.sequence(this.#options)
    try {
      const dispatches = await countDispatches(() => sequence.prefill(benchTokens(tokens, 0), 1))
      return { stateBytes: sequence.stateBytes, dispatches }
    } finally {
      sequence.dispose()
    }
  }

  async #sequenceAt(position: number): Promise<MeasuredSequence> {
    if (position <= READ + ROOM) {
      const sequence = await this.#engine.sequence(this.#options)
      await sequence.prefill(benchTokens(Math.max(1, position), 0), 1)
      return sequence
    }
    const read = await this.#readState()
    const begin = position - ROOM
    if (this.attention === 'nha') return this.#engine.sequence(this.#options, { ...read, position: begin })
    let rows = FIRST_ROWS
    while (rows < begin) rows *= 2
    const bytes = new Uint8Array((read.bytes.length / FIRST_ROWS) * rows)
    for (let at = 0; at < bytes.length; at += read.bytes.length) bytes.set(read.bytes, at)
    return this.#engine.sequence(this.#options, { position: begin, bytes, slots: [] })
  }

  /** A state to save: with windows and slots one is as large as another, and a large model should not read again for it. */
  async #stateAtHand(): Promise<SavedState> {
    const [ready] = this.#sequences.values()
    return this.#read ?? ready?.save() ?? this.#readState()
  }

  /** The state after 512 tokens, read once. */
  async #readState(): Promise<SavedState> {
    if (this.#read) return this.#read
    const sequence = await this.#engine.sequence(this.#options)
    await sequence.prefill(benchTokens(READ, 0), 1)
    this.#read = await sequence.save()
    sequence.dispose()
    return this.#read
  }
}
