import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getLlama, type Llama, LlamaLogLevel, type LlamaModel, type Token } from 'node-llama-cpp'

let llama: Promise<Llama> | undefined

/** llama.cpp on the CPU, as npm delivers it: nothing is built or fetched. */
function loadLlama(): Promise<Llama> {
  return (llama ??= getLlama({
    gpu: false,
    build: 'never',
    progressLogs: false,
    logLevel: LlamaLogLevel.error,
    maxThreads: 1,
  }))
}

export interface LlamaCpp {
  /** f64 [V] after the last of `tokens` */
  logits(tokens: readonly number[]): Promise<Float64Array>
  /** plain text: what looks like a special token is text */
  encode(text: string): number[]
  dispose(): Promise<void>
}

/** A GGUF file, opened by llama.cpp. */
export async function openLlamaCpp(file: Uint8Array): Promise<LlamaCpp> {
  const folder = await mkdtemp(join(tmpdir(), 'plateau-gguf-'))
  const modelPath = join(folder, 'model.gguf')
  await writeFile(modelPath, file)
  const model: LlamaModel = await (await loadLlama()).loadModel({ modelPath, useMmap: false })
  await rm(folder, { recursive: true })
  return {
    async logits(tokens) {
      const context = await model.createContext({
        contextSize: 256,
        sequences: 1,
        threads: 1,
        flashAttention: false,
        experimentalKvCacheKeyType: 'F32',
        experimentalKvCacheValueType: 'F32',
      })
      const sequence = context.getSequence()
      const ids = tokens as readonly Token[]
      const outputs = await sequence.controlledEvaluate([
        ...ids.slice(0, -1),
        [ids.at(-1)!, { generateNext: { logits: true, options: { temperature: 0 } } }],
      ])
      const found = outputs.at(-1)?.next.logits
      if (!found) throw new Error('llama.cpp gave no logits')
      const logits = new Float64Array(found.size)
      for (const [token, logit] of found) logits[token] = logit
      await context.dispose()
      return logits
    },
    encode: (text) => model.tokenize(text, false),
    dispose: () => model.dispose(),
  }
}
