/** What `llama` and the others are called once they have slots; Mistral is a Llama. */
export const HYBRID: Readonly<Record<string, { readonly type: string; readonly architecture: string }>> = {
  llama: { type: 'llama_nha', architecture: 'LlamaNHAForCausalLM' },
  mistral: { type: 'llama_nha', architecture: 'LlamaNHAForCausalLM' },
  qwen2: { type: 'qwen2_nha', architecture: 'Qwen2NHAForCausalLM' },
  qwen3: { type: 'qwen3_nha', architecture: 'Qwen3NHAForCausalLM' },
}

/** Whether a model of this `model_type` has full attention that slots can stand in for. */
export function isHybridizable(modelType: string): boolean {
  return Object.hasOwn(HYBRID, modelType)
}
