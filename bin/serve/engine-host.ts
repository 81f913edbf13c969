import { answerCompletion, describeCompletionFailure } from '../../engine/answer-completion.ts'
import { ChatCompletions } from '../../engine/chat-completions.ts'
import type { ConversationOptions } from '../../engine/protocol.ts'
import { type CompletionHost, CompletionRefusal } from '../../electron/server/completion-host.ts'
import type { CommandEngine } from '../command.ts'

/** An engine of this process, as the local server asks it. */
export function engineHost(
  engine: CommandEngine,
  memory: Pick<ConversationOptions, 'attention' | 'window'>,
): CompletionHost {
  const open = async (options: ConversationOptions) => {
    const conversation = await engine.open(options)
    return {
      get memory() {
        return conversation.memory
      },
      generate: conversation.generate.bind(conversation),
      rehear: conversation.rehear.bind(conversation),
      close() {
        conversation.dispose()
        return Promise.resolve()
      },
    }
  }
  const completions = new ChatCompletions({ info: engine.info, open }, memory)
  return {
    model: () => Promise.resolve(engine.info.modelName),
    async *complete(request, signal) {
      try {
        yield* answerCompletion(completions, request, signal)
      } catch (error) {
        const { status, message } = describeCompletionFailure(error)
        throw new CompletionRefusal(status, message)
      }
    },
  }
}
