import type { ChatCompletionMessageParam } from '@mlc-ai/web-llm'
import '../../../renderer/trusted-types.ts'
import { EngineClient } from '../../../engine/client.ts'

/** What a program asks of a page: Pocket's answer whole, and in pieces. */
export interface CompletionsPage {
  whole(messages: ChatCompletionMessageParam[]): Promise<{ text: string; finish: string; tokens: number }>
  streamed(
    messages: ChatCompletionMessageParam[],
  ): Promise<{ pieces: string[]; finish: string; tokens: number }>
}

const engine = EngineClient.load(new URL('model/pocket/', location.href).href, () => undefined)
const settings = { temperature: 0, seed: 1, max_tokens: 24 } as const

const page: CompletionsPage = {
  async whole(messages) {
    const { chat } = await engine
    const { choices, usage } = await chat.completions.create({ ...settings, messages })
    const [choice] = choices
    return {
      text: choice?.message.content ?? '',
      finish: choice?.finish_reason ?? '',
      tokens: usage?.completion_tokens ?? 0,
    }
  },
  async streamed(messages) {
    const { chat } = await engine
    const stream_options = { include_usage: true }
    const chunks = await chat.completions.create({ ...settings, messages, stream: true, stream_options })
    const pieces: string[] = []
    let finish = ''
    let tokens = 0
    for await (const { choices, usage } of chunks) {
      const piece = choices[0]?.delta.content ?? ''
      if (piece !== '') pieces.push(piece)
      finish = choices[0]?.finish_reason ?? finish
      tokens = usage?.completion_tokens ?? tokens
    }
    return { pieces, finish, tokens }
  },
}
Object.assign(window, { completions: page })
