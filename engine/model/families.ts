/** What sets one decoder family apart from another; everything else about them is the same code. */
export interface Family {
  /** q, k and v projections have a bias (Qwen2) */
  readonly projectionBias: boolean
  /** q and k are RMS-normalised per head before attention (Qwen3) */
  readonly headNorm: boolean
  /** the checkpoint has gates (`g_proj`) and slots */
  readonly hasSlots: boolean
  /** `sliding_window` counts where it is given (Mistral), or only where `use_sliding_window` says so (Qwen) */
  readonly slides: 'where given' | 'where asked' | 'never'
}

const LLAMA: Family = { projectionBias: false, headNorm: false, hasSlots: false, slides: 'never' }
const QWEN2: Family = { projectionBias: true, headNorm: false, hasSlots: false, slides: 'where asked' }
const QWEN3: Family = { projectionBias: false, headNorm: true, hasSlots: false, slides: 'where asked' }

/** By `model_type` of config.json. SmolLM2 is a llama, Qwen2.5 a qwen2. */
export const FAMILIES: Readonly<Record<string, Family>> = {
  llama: LLAMA,
  mistral: { ...LLAMA, slides: 'where given' },
  qwen2: QWEN2,
  qwen3: QWEN3,
  llama_nha: { ...LLAMA, hasSlots: true },
  qwen2_nha: { ...QWEN2, hasSlots: true },
  qwen3_nha: { ...QWEN3, hasSlots: true },
}
