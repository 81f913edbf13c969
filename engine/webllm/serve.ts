import type { ChatCompletionChunk, ModelRecord } from '@mlc-ai/web-llm'
import type { CompletionQuestion } from '../second/second-engine.ts'
import type { FromWebllm, ToWebllm } from './border.ts'
import { modelsFor, type WebllmGpu } from './catalogue.ts'
import { asWebllmFailure, WebllmRefusal } from './words.ts'

/** What is used of WebLLM, and of where it runs; a fake one stands in for it in tests. */
export interface WebllmParts {
  readonly records: readonly ModelRecord[]
  readonly gpu: () => Promise<WebllmGpu>
  /** Load this model in the place of the one before. */
  readonly load: (record: ModelRecord, onShare: (share: number) => void) => Promise<void>
  readonly complete: (question: CompletionQuestion) => Promise<AsyncIterable<ChatCompletionChunk>>
  readonly stop: () => void
  /** why the shell refused a file since the last call, one sentence; or empty */
  readonly refused: () => string
  readonly now: () => number
}

/** Answers for WebLLM. What it throws is told as data; each call gets exactly one end. */
export function serveWebllm(
  parts: WebllmParts,
  post: (message: FromWebllm) => void,
): (message: ToWebllm) => Promise<void> {
  let asked = -1

  const load = async (id: number, name: string): Promise<void> => {
    const record = parts.records.find(({ model_id }) => model_id === name)
    if (!record)
      throw new WebllmRefusal(name === '' ? { reason: 'no-model' } : { reason: 'unknown-model', model: name })
    const [model] = modelsFor([record], await parts.gpu())
    // Before anything is fetched.
    if (model?.problem) throw new WebllmRefusal(model.problem)
    await parts.load(record, (share) => post({ type: 'progress', id, share }))
    post({ type: 'done', id })
  }

  const complete = async (id: number, question: CompletionQuestion): Promise<void> => {
    asked = id
    let begun: number | null = null
    let count = 0
    let finishReason: 'stop' | 'length' = 'stop'
    let usage: ChatCompletionChunk['usage'] = undefined
    for await (const chunk of await parts.complete(question)) {
      const [choice] = chunk.choices
      const text = choice?.delta.content ?? ''
      if (text !== '') {
        begun ??= parts.now()
        count++
        post({ type: 'event', id, event: { type: 'delta', text } })
      }
      if (choice?.finish_reason === 'length') finishReason = 'length'
      usage = chunk.usage ?? usage
    }
    const end = {
      finishReason,
      promptTokens: usage?.prompt_tokens ?? null,
      newTokens: usage?.completion_tokens ?? count,
      milliseconds: begun === null ? 0 : parts.now() - begun,
    }
    post({ type: 'event', id, event: { type: 'end', ...end } })
    post({ type: 'done', id })
  }

  const answer = async (message: ToWebllm): Promise<void> => {
    switch (message.type) {
      case 'models':
        post({ type: 'models', id: message.id, models: modelsFor(parts.records, await parts.gpu()) })
        return
      case 'load':
        return load(message.id, message.model)
      case 'complete':
        return complete(message.id, message.question)
      case 'stop':
        if (message.id === asked) parts.stop()
        return
      default:
        return message satisfies never
    }
  }

  return async (message) => {
    parts.refused()
    try {
      await answer(message)
    } catch (error) {
      post({ type: 'failed', id: message.id, failure: asWebllmFailure(error, parts.refused()) })
    }
  }
}
