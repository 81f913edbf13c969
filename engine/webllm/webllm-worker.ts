import { type ChatCompletionChunk, MLCEngine, prebuiltAppConfig } from '@mlc-ai/web-llm'
import type { FromWebllm, ToWebllm } from './border.ts'
import { atOwnOrigin, chatRecords } from './catalogue.ts'
import { serveWebllm } from './serve.ts'

/** Beside the window's page, whose bundle this worker is one folder below. */
const base = new URL('../webllm/', self.location.href).href

let refused = ''
const plainFetch = self.fetch.bind(self)
// WebLLM says of a file that it did not get it, and not why; the shell says why.
self.fetch = async (input, init) => {
  const response = await plainFetch(input, init)
  if (!response.ok) refused = (await response.clone().text()).trim()
  return response
}

/** Its types say that every browser has it. */
const gpuOf = ({ gpu }: { readonly gpu?: GPU }) => gpu

const records = chatRecords(prebuiltAppConfig)
// The Cache API, its default, takes no addresses like app://.
const appConfig = {
  model_list: records.map((record) => atOwnOrigin(record, base)),
  cacheBackend: 'indexeddb',
} as const
const engine = new MLCEngine({
  appConfig: { ...appConfig, model_list: [...appConfig.model_list] },
  logLevel: 'SILENT',
})

const answer = serveWebllm(
  {
    records,
    async gpu() {
      const adapter = await gpuOf(navigator)?.requestAdapter({ powerPreference: 'high-performance' })
      return adapter ? { features: new Set(adapter.features), limits: adapter.limits } : null
    },
    load(record, onShare) {
      engine.setInitProgressCallback(({ progress }) => onShare(progress))
      return engine.reload(record.model_id)
    },
    complete: ({ messages, temperature, maxNewTokens }): Promise<AsyncIterable<ChatCompletionChunk>> =>
      engine.chat.completions.create({
        messages: [...messages],
        temperature,
        max_tokens: maxNewTokens,
        stream: true,
        stream_options: { include_usage: true },
      }),
    stop: () => void engine.interruptGenerate(),
    refused() {
      const sentence = refused
      refused = ''
      return sentence
    },
    now: () => performance.now(),
  },
  (message: FromWebllm) => self.postMessage(message),
)

self.addEventListener('message', ({ data }: MessageEvent<ToWebllm>) => void answer(data))
