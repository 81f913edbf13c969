import type { Tensor } from './formats/tensor.ts'

/** A model before anything is computed: its settings, and where its tensors lie. */
export interface ModelFolder {
  readonly name: string
  /** config.json */
  readonly config: unknown
  /** named in errors about it */
  readonly configFile: string
  readonly tokenizer: unknown
  readonly tokenizerConfig: unknown
  readonly generationConfig: unknown
  readonly tensors: ReadonlyMap<string, Tensor>
  /** the tensors cannot be read after this */
  close(): Promise<void>
}
