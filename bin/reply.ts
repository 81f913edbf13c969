import type { EngineInfo, FinishReason, GenerationRequest, MemoryReport } from '../engine/protocol.ts'
import { type CommandConversation, CommandError, type World } from './command.ts'
import { formatBytes, formatCount, rate } from './format.ts'
import { Progress } from './progress.ts'

/** One finished answer, with what it cost. */
export interface Reply {
  readonly text: string
  readonly finishReason: FinishReason
  readonly promptTokens: number
  readonly newTokens: number
  readonly prefillTokensPerSecond: number
  readonly decodeTokensPerSecond: number
  readonly memory: MemoryReport
}

/** A prompt of more tokens than this shows a progress bar while it is read. */
const LONG_PROMPT = 2000

/** Run one generation to its end; `onText` gets the text as it comes. */
export async function reply(
  conversation: Pick<CommandConversation, 'generate'>,
  request: GenerationRequest,
  { stderr, interrupted }: Pick<World, 'stderr' | 'interrupted'>,
  onText: (text: string) => void,
): Promise<Reply> {
  const progress = new Progress(stderr, 'Reading the prompt')
  let text = ''
  let prompt = { tokens: 0, milliseconds: 0 }
  for await (const event of conversation.generate(request, interrupted)) {
    switch (event.type) {
      case 'prefilling':
        if (event.totalTokens > LONG_PROMPT)
          progress.show(event.tokens, event.totalTokens, `${formatCount(event.tokens)} tokens`)
        break
      case 'prefilled':
        progress.clear()
        prompt = event
        break
      case 'delta':
        text += event.text
        onText(event.text)
        break
      case 'end':
        return {
          text,
          finishReason: event.finishReason,
          promptTokens: prompt.tokens,
          newTokens: event.newTokens,
          prefillTokensPerSecond: rate(prompt.tokens, prompt.milliseconds),
          decodeTokensPerSecond: rate(event.newTokens, event.milliseconds),
          memory: event.memory,
        }
    }
    // The CPU reference never waits for anything: let Ctrl-C be heard between two tokens.
    await new Promise(setImmediate)
  }
  throw new CommandError('The answer broke off without an end.')
}

/** One line about an answer: speeds, and the memory that does not grow. */
export function describeReply(answer: Reply): string {
  return [
    `prompt ${formatCount(answer.promptTokens)} tokens at ${answer.prefillTokensPerSecond} tok/s`,
    `answer ${formatCount(answer.newTokens)} tokens at ${answer.decodeTokensPerSecond} tok/s`,
    `memory ${formatBytes(answer.memory.stateBytes)} at position ${formatCount(answer.memory.position)}`,
  ].join(' · ')
}

/** What computes, in a word or two. */
export function adapterName({ backend, gpu }: EngineInfo): string {
  return backend === 'cpu' ? 'CPU reference' : gpu.description || `${gpu.vendor} ${gpu.architecture}`.trim()
}
