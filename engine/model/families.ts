/** What sets one decoder family apart from another; everything else about them is the same code. */
export interface Family {
  /** q, k and v projections have a bias (Qwen2) */
  readonly projectionBias: boolean
  /** q and k are RMS-normalised per head before attention (Qwen3) */
  readonly headNorm: boolean
  /** the checkpoint has gates (`g_proj`) and slots */
  readonly hasSlots: boolean
}

/** By `model_type` of config.json. */
export const FAMILIES: Readonly<Record<string, Family>> = {
  llama: { projectionBias: false, headNorm: false, hasSlots: false },
  qwen2: { projectionBias: true, headNorm: false, hasSlots: false },
  qwen3: { projectionBias: false, headNorm: true, hasSlots: false },
  llama_nha: { projectionBias: false, headNorm: false, hasSlots: true },
  qwen2_nha: { projectionBias: true, headNorm: false, hasSlots: true },
  qwen3_nha: { projectionBias: false, headNorm: true, hasSlots: true },
}
