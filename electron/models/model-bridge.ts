/** A model of the user's as it lies on the disk. */
export interface InstalledModel {
  /** its path below /models/: a folder, a GGUF file, or a GGUF file in a folder */
  readonly id: string
  readonly name: string
  /** on the disk */
  readonly bytes: number
  /** how its weights, or most of them, are stored, as in `q4`, `bf16` or `Q4_K`; empty where that is not said */
  readonly format: string
  /** config.json, or the one that a GGUF file stands for; `null` where it could not be read */
  readonly config: unknown
  /** on the GPU; `null` where `format` and `config` say it */
  readonly weightBytes: number | null
  /** where it was fetched from; both empty where it was not */
  readonly repo: string
  readonly revision: string
  /** it was given a memory here, and hybridize.json says what that is worth */
  readonly hasReport: boolean
  /** why it cannot be used, one sentence; or empty */
  readonly problem: string
}

/** A file of a model that was known before the hub was asked: what comes has to be that. */
export interface PinnedFile {
  /** in the repository */
  readonly path: string
  readonly bytes: number
  /** hex; `null` where it is not known */
  readonly sha256: string | null
}

/** How weights are stored when a model arrives. */
export type ArrivalQuant = 'q4' | 'q8' | 'f16'

/** What learns: gates alone, or adapters on q and k as well. */
export type FitStage = 'gates' | 'gates+lora'

/** How far a model is that is given a memory. */
export interface FitWords {
  readonly phase: 'ranking' | 'gates' | 'adapters' | 'measuring' | 'asking'
  /** of the steps so far, thinned out */
  readonly losses: readonly number[]
}

/** A model on its way into the library. */
export interface Arrival {
  readonly id: string
  readonly name: string
  readonly kind: 'download' | 'import' | 'fit'
  readonly status: 'fetching' | 'waiting' | 'converting' | 'fitting' | 'paused' | 'failed'
  /** of a fit that has begun; else `null` */
  readonly fit: FitWords | null
  /** of the step that runs: fetched, converted, or steps of a fit */
  readonly bytes: number
  readonly totalBytes: number | null
  readonly bytesPerSecond: number
  readonly secondsLeft: number | null
  /** why it stopped, one sentence; or empty */
  readonly problem: string
  /** a token of a user who may read the model would help */
  readonly needsToken: boolean
}

export interface ModelsReport {
  readonly folder: string
  readonly freeBytes: number
  readonly installed: readonly InstalledModel[]
  readonly arrivals: readonly Arrival[]
  /** the token for gated models: whether there is one, and where it is kept */
  readonly token: { readonly given: boolean; readonly kept: 'keychain' | 'session' }
}

/** What Hugging Face has of a model, at one commit. */
export interface HubReport {
  readonly repo: string
  readonly revision: string
  /** of what a folder of safetensors needs; `null` when there are none */
  readonly bytes: number | null
  readonly ggufs: readonly { readonly file: string; readonly bytes: number }[]
  /** config.json; `null` when there is none */
  readonly config: unknown
}

/** A model that Hugging Face found for some words. */
export interface HubHit {
  readonly repo: string
  /** in the last month */
  readonly downloads: number
  /** `model_type` of its config.json; empty where the hub does not know it, as for GGUF files */
  readonly modelType: string
}

/** The part of the bridge that is about models. */
export interface ModelBridge {
  /** All of it in one answer: asked again while something is on its way. */
  listModels(): Promise<ModelsReport>
  lookUpModel(argument: { readonly repo: string }): Promise<HubReport>
  /** Ask the hub for models with these words in their names. */
  searchModels(argument: { readonly words: string }): Promise<readonly HubHit[]>
  /**
   * Begin to fetch a folder of safetensors, or one GGUF file of the repository; `quant` is `null` to keep it as it is.
   * `pinned`: what the catalogue knows of its files.
   */
  downloadModel(argument: {
    readonly repo: string
    readonly revision: string
    readonly file: string | null
    readonly quant: ArrivalQuant | null
    readonly pinned?: readonly PinnedFile[]
  }): Promise<void>
  /** Begin to convert a model folder or a GGUF file of this machine. */
  importModel(argument: { readonly path: string; readonly quant: ArrivalQuant }): Promise<void>
  /** Begin to give a model of the library a memory. `bytes`: JSON, [{name, text}], what to learn from. */
  fitModel(argument: {
    readonly id: string
    readonly stage: FitStage
    readonly tokens: number
    readonly bytes: Uint8Array<ArrayBuffer>
  }): Promise<void>
  pauseArrival(argument: { readonly id: string }): Promise<void>
  /** Go on after a pause, a failure or a new start. */
  resumeArrival(argument: { readonly id: string }): Promise<void>
  /** Give it up; nothing of it stays. */
  cancelArrival(argument: { readonly id: string }): Promise<void>
  deleteModel(argument: { readonly id: string }): Promise<void>
  /** For gated models; empty forgets it. */
  setHubToken(argument: { readonly token: string }): Promise<void>
  /** Ask the user for a file or folder; `path` is empty when none was chosen, or this shell has no such dialog. */
  pickModel(argument: { readonly what: 'file' | 'folder' }): Promise<{ readonly path: string }>
}

export const MODEL_CHANNELS = {
  listModels: 'models:list',
  lookUpModel: 'models:look-up',
  searchModels: 'models:search',
  downloadModel: 'models:download',
  importModel: 'models:import',
  fitModel: 'models:fit',
  pauseArrival: 'models:pause',
  resumeArrival: 'models:resume',
  cancelArrival: 'models:cancel',
  deleteModel: 'models:delete',
  setHubToken: 'models:token',
  pickModel: 'models:pick',
} as const satisfies Record<keyof ModelBridge, string>
