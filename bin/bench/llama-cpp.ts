import { cpus } from 'node:os'
import type { Llama, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp'
import { CommandError } from '../command.ts'
import {
  benchTokens,
  type Contestant,
  type Introduction,
  type Prepared,
  type Task,
  timed,
} from './contestant.ts'

/** A position farther than this would have to be read first, which takes minutes. */
const FARTHEST = 4096

/** llama.cpp on the processor, all cores, as npm delivers it. */
export class LlamaCpp implements Contestant {
  readonly engine = 'llama.cpp'
  readonly attention = 'full'
  readonly place = 'Node'
  readonly #path: string
  readonly #weightBytes: number
  readonly #longest: number
  #llama: Llama | null = null
  #model: LlamaModel | null = null
  #sequence: LlamaContextSequence | null = null
  #turn = 0

  /** @param longest tokens of the longest task */
  constructor(path: string, weightBytes: number, longest: number) {
    this.#path = path
    this.#weightBytes = weightBytes
    this.#longest = Math.min(longest, FARTHEST)
  }

  async open(): Promise<Introduction> {
    const { getLlama, LlamaLogLevel } = await import('node-llama-cpp')
    const threads = cpus().length
    const options = {
      gpu: false,
      build: 'never',
      progressLogs: false,
      logLevel: LlamaLogLevel.error,
    } as const
    this.#llama = await getLlama({ ...options, maxThreads: threads })
    this.#model = await this.#llama.loadModel({ modelPath: this.#path })
    const context = await this.#model.createContext({
      contextSize: this.#longest + 512,
      batchSize: 512,
      sequences: 1,
      threads,
    })
    this.#sequence = context.getSequence()
    const backend = `CPU: ${threads} threads, ${this.#llama.gpu === false ? 'no GPU' : this.#llama.gpu}, Node`
    return { backend, note: '', weightBytes: this.#weightBytes }
  }

  async prepare(task: Task): Promise<Prepared> {
    if (task.position > FARTHEST)
      throw new CommandError(`${task.position} tokens would have to be read first`)
    await this.time(task)
    return { stateBytes: this.#llama && this.#model ? this.#keyBytes(task.position) : 0, dispatches: 0 }
  }

  /** Positions are read again where another task has passed them. */
  async time({ phase, position }: Task): Promise<number> {
    this.#turn++
    const sequence = this.#sequence
    if (!sequence) throw new CommandError('llama.cpp is not open')
    if (phase === 'prefill') {
      await sequence.clearHistory()
      return timed(() => this.#read(benchTokens(position, this.#turn)))
    }
    if (sequence.nextTokenIndex !== position) {
      await sequence.clearHistory()
      await this.#read(benchTokens(position, 0))
    }
    const time = await timed(() => this.#read([this.#turn % 251]))
    await sequence.eraseContextTokenRanges([{ start: position, end: position + 1 }])
    return time
  }

  timeSnapshot(): Promise<null> {
    return Promise.resolve(null)
  }

  async close(): Promise<void> {
    await this.#model?.dispose()
    await this.#llama?.dispose()
  }

  /** Evaluate the tokens and select greedily after the last, as ours does. */
  async #read(tokens: readonly number[]): Promise<void> {
    const ids = tokens as readonly Token[]
    const last = ids.at(-1)
    if (last === undefined || !this.#sequence) return
    const options = { temperature: 0 }
    await this.#sequence.controlledEvaluate([
      ...ids.slice(0, -1),
      [last, { generateNext: { token: true, options } }],
    ])
  }

  #keyBytes(tokens: number): number {
    const architecture = this.#model?.fileInfo.metadata.general.architecture
    const values = architecture === undefined ? undefined : this.#model?.fileInfo.architectureMetadata
    const layers = values?.block_count ?? 0
    const heads = values?.attention?.head_count_kv ?? 0
    const size = values?.attention?.key_length ?? 0
    return 2 * 2 * layers * heads * size * tokens
  }
}
