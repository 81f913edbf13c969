import type { MatrixFormat } from '../kernels/matrix.ts'
import { Conversation } from './conversation.ts'
import { EngineError, type EngineFailure } from './errors.ts'
import type { TraceEvent } from './inspect/memory-trace.ts'
import { traceMemory } from './inspect/trace.ts'
import { LiveModel, type LoadedModel } from './live-model.ts'
import { identify, type ModelIdentity } from './memory/identity.ts'
import { decodeSnapshot, type SavedConversation } from './memory/snapshot.ts'
import { Checkpoint } from './model/checkpoint.ts'
import { type ModelConfig, parseConfig } from './model/config.ts'
import type { KeptChoices } from './model/gemv-choice.ts'
import { inspectGpu, openGpu } from './model/gpu.ts'
import { WINDOW_PRESETS } from './model/layer-windows.ts'
import { createGpuModel } from './model/model.ts'
import { createReferenceModel } from './model/model.ref.ts'
import { type MemoryOptions, type SavedState, type Sequence, sequenceOptions } from './model/sequence.ts'
import { type ModelFiles, readModelFiles } from './model-files.ts'
import type { ModelFolder } from './model-folder.ts'
import type { ChatMessage, ConversationOptions, EngineInfo, LoadProgress, Sampling } from './protocol.ts'
import { type ChatTemplate, createChatTemplate } from './text/chat-template.ts'
import { doubtsOf } from './text/doubting.ts'
import { type Opening, openingOf } from './text/passing-on.ts'
import type { Bias } from './text/sampler.ts'
import { samplingDefaults } from './text/sampling-defaults.ts'
import { createTokenizer, type Tokenizer } from './text/tokenizer.ts'

export interface EngineOptions {
  readonly gpu: GPU | null | undefined
  /** run the CPU reference even where there is a GPU */
  readonly forceCpu: boolean
  readonly files: ModelFiles
  /** the format that all matrices are brought to; `null`, as when left out, keeps theirs, or the nearest */
  readonly quant?: MatrixFormat | null
  /** where this adapter's quickest kernels are kept from start to start; left out, they are raced each time */
  readonly choices?: KeptChoices
  readonly onProgress?: (progress: LoadProgress) => void
}

/**
 * Load a model folder and make it ready to talk: on the GPU, or on the CPU reference with a notice that says so.
 *
 * @throws {EngineError} naming the file, the tensor or the limit at fault; nothing stays loaded then
 */
export async function loadEngine(options: EngineOptions): Promise<Engine> {
  const folder = await readModelFiles(options.files, (loaded, total) => {
    options.onProgress?.({ phase: 'download', loaded, total })
  })
  try {
    return await loadFolder(folder, options)
  } finally {
    await folder.close()
  }
}

async function loadFolder(folder: ModelFolder, options: EngineOptions): Promise<Engine> {
  const { gpu, forceCpu, quant = null } = options
  const config = parseConfig(folder.config, folder.configFile)
  const checkpoint = new Checkpoint(folder.tensors, quant)
  const tokenizer = createTokenizer(folder)
  if (tokenizer.vocabSize > config.vocabSize) {
    const reason = `it has ${tokenizer.vocabSize} tokens and the model ${config.vocabSize}`
    throw new EngineError({ code: 'bad-file', file: 'tokenizer.json', reason })
  }
  const template = createChatTemplate(folder.tokenizerConfig)
  const sampling = samplingDefaults(folder.generationConfig)
  const opening = openingOf(folder.generationConfig, tokenizer)
  const doubts = doubtsOf(folder.generationConfig, tokenizer)

  const gpuReport = await inspectGpu(forceCpu ? null : gpu)
  const onGpu = gpuReport.available
  const loaded = onGpu
    ? await loadOnGpu(config, checkpoint, tokenizer.endsOfTurn, options)
    : { model: await createReferenceModel(config, checkpoint), device: null }
  const { model } = loaded
  const reason = forceCpu ? 'as asked' : gpuReport.hint
  const info: EngineInfo = {
    modelName: config.name ?? folder.name,
    backend: onGpu ? 'webgpu' : 'cpu',
    notice: onGpu ? '' : `Running on the processor, which is slow: ${reason}`,
    gpu: gpuReport,
    weightBytes: model.weightBytes,
    scratchBytes: model.scratchBytes,
    windows: config.layerWindows,
    slots: config.slots,
    sampling,
  }
  // Weights that were rounded anew are another model.
  const quantised = quant === null ? folder : { ...folder, config: [folder.config, quant] }
  const identity = await identify(quantised, info.backend)
  const live = new LiveModel(loaded, () => loadAgain(config, tokenizer.endsOfTurn, options))
  return new Engine({ live, config, tokenizer, template, sampling, opening, doubts, identity }, info)
}

async function loadOnGpu(
  config: ModelConfig,
  checkpoint: Checkpoint,
  endsOfTurn: readonly number[],
  { gpu, choices, onProgress }: EngineOptions,
): Promise<LoadedModel> {
  const { device, lost } = await openGpu(gpu)
  try {
    const model = await createGpuModel({
      device,
      lost,
      config,
      checkpoint,
      endsOfTurn,
      choices,
      onProgress: (phase, loaded, total) => onProgress?.({ phase, loaded, total }),
    })
    return { model, device }
  } catch (error) {
    device.destroy()
    throw error
  }
}

/** The weights anew from where they lie, onto a new device. */
async function loadAgain(
  config: ModelConfig,
  endsOfTurn: readonly number[],
  options: EngineOptions,
): Promise<LoadedModel> {
  const { gpu, forceCpu, files, quant = null, choices } = options
  const folder = await readModelFiles(files, () => undefined)
  try {
    return await loadOnGpu(config, new Checkpoint(folder.tensors, quant), endsOfTurn, {
      gpu,
      forceCpu,
      files,
      ...(choices && { choices }),
    })
  } finally {
    await folder.close()
  }
}

interface EngineParts {
  readonly live: LiveModel
  readonly config: ModelConfig
  readonly tokenizer: Tokenizer
  readonly template: ChatTemplate
  readonly sampling: Sampling
  readonly opening: Opening
  readonly doubts: Bias
  readonly identity: ModelIdentity
}

/** A loaded model: opens conversations, answers one of them at a time. */
export class Engine {
  readonly info: EngineInfo
  /** resolves when the GPU is gone and did not come back; never on the CPU */
  readonly lost: Promise<EngineFailure>
  readonly #parts: EngineParts
  #busy = false

  constructor(parts: EngineParts, info: EngineInfo) {
    this.#parts = parts
    this.info = info
    this.lost = parts.live.lost
  }

  /**
   * @param saved go on from there; it must come from a conversation of this model with the same options
   * @throws {EngineError} `bad-request`, `out-of-memory`
   */
  async open(options: ConversationOptions, saved?: SavedConversation): Promise<Conversation> {
    const { live, tokenizer, template, sampling, opening, doubts, identity } = this.#parts
    const kind = this.#sequenceOptions(options)
    // On the CPU there is nothing to lose.
    const rebuild = this.info.backend === 'webgpu' ? live.rebuilding(kind) : null
    const sequence = await live.createSequence(kind, saved?.state, rebuild)
    const parts = {
      model: live.model,
      tokenizer,
      template,
      defaults: sampling,
      opening,
      doubts,
      owner: { identity, options },
      lock: () => this.#lock(),
      ...(rebuild ? { rebuild } : {}),
    }
    return new Conversation(parts, sequence, options.system, saved)
  }

  /**
   * Open a conversation where a snapshot left it.
   *
   * @throws {SnapshotError} the snapshot is not of this model and these options, or it is damaged
   */
  async restore(options: ConversationOptions, snapshot: Uint8Array): Promise<Conversation> {
    const saved = await decodeSnapshot(snapshot, { identity: this.#parts.identity, options })
    return this.open(options, saved)
  }

  /**
   * Read messages once more, beside every conversation, to see what a memory of them is made of.
   *
   * @throws {EngineError} `bad-request`, `busy`, `out-of-memory`
   */
  async *trace(
    options: ConversationOptions,
    messages: readonly ChatMessage[],
    signal: AbortSignal,
  ): AsyncGenerator<TraceEvent, void> {
    const spare = await this.open(options)
    try {
      yield* traceMemory(spare, messages, signal)
    } finally {
      spare.dispose()
    }
  }

  /**
   * A sequence of token ids without text: for measuring.
   *
   * @param saved go on from there
   * @throws {EngineError} `bad-request`, `out-of-memory`
   */
  sequence(options: MemoryOptions, saved?: SavedState): Promise<Sequence> {
    return this.#parts.live.model.createSequence(this.#sequenceOptions(options), saved)
  }

  /**
   * Logits after the last of `ids`, f32 [V].
   *
   * @throws {EngineError} `bad-request` for an id outside the vocabulary or none at all
   */
  async logits(ids: readonly number[], options: MemoryOptions): Promise<Float32Array> {
    const { config } = this.#parts
    const wrong = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= config.vocabSize)
    if (ids.length === 0 || wrong !== undefined) {
      const found = wrong === undefined ? 'none' : String(wrong)
      const reason = `token ids should be whole numbers below ${config.vocabSize}, got ${found}`
      throw new EngineError({ code: 'bad-request', reason })
    }
    const sequence = await this.sequence(options)
    const unlock = this.#lock()
    try {
      const candidates = await sequence.prefill(ids, config.vocabSize)
      const logits = new Float32Array(config.vocabSize)
      for (let i = 0; i < candidates.count; i++) logits[candidates.ids[i] ?? 0] = candidates.logits[i] ?? 0
      return logits
    } finally {
      unlock()
      sequence.dispose()
    }
  }

  dispose(): void {
    this.#parts.live.dispose()
  }

  #sequenceOptions(options: MemoryOptions) {
    const { window } = options
    const { config } = this.#parts
    const isKnown = (tokens: number | string) =>
      typeof tokens === 'string'
        ? WINDOW_PRESETS.some((preset) => preset === tokens)
        : Number.isInteger(tokens) && tokens >= 0
    const wrong = [window ?? []].flat().find((tokens) => !isKnown(tokens))
    if (wrong !== undefined) {
      const reason = `a window is a whole number of tokens from 0 up, not ${wrong}`
      throw new EngineError({ code: 'bad-request', reason })
    }
    if (typeof window === 'object' && window !== null && window.length !== config.layers) {
      const reason = `the model has ${config.layers} layers, and ${window.length} windows were given`
      throw new EngineError({ code: 'bad-request', reason })
    }
    return sequenceOptions(config, options)
  }

  #lock(): () => void {
    if (this.#busy) throw new EngineError({ code: 'busy' })
    this.#busy = true
    return () => {
      this.#busy = false
    }
  }
}
