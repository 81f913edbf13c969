import { m } from '#messages'
import type { EngineFailure } from '../../engine/errors.ts'
import { sayRefusal } from './refusal-words.ts'
import { sayWebllm } from './webllm-words.ts'

/** What `describe` says for the terminal, in the window's language, its reason too; names and numbers come as they are. */
export function sayFailure(failure: EngineFailure): string {
  switch (failure.code) {
    case 'no-webgpu':
      return m.window_failure_no_webgpu({ hint: sayRefusal(failure.hint) })
    case 'device-lost': {
      const message = failure.message.replace(/\.$/, '') || m.window_failure_no_reason()
      return m.window_failure_device_lost({ reason: failure.reason, message })
    }
    case 'out-of-memory':
      return m.window_failure_out_of_memory({ bytes: failure.wantedBytes, owner: sayRefusal(failure.owner) })
    case 'chat-too-large':
      return m.window_failure_chat_too_large({ wanted: failure.wantedBytes, most: failure.mostBytes })
    case 'missing-file':
      return m.window_failure_missing_file({ ...failure, reason: sayRefusal(failure.reason) })
    case 'bad-file':
      return m.window_failure_bad_file({ ...failure, reason: sayRefusal(failure.reason) })
    case 'unsupported-file':
      return m.window_failure_unsupported_file({ ...failure, reason: sayRefusal(failure.reason) })
    case 'bad-hash':
      return m.window_failure_bad_hash(failure)
    case 'bad-weights':
      return m.window_failure_bad_weights({
        tensor: failure.tensor,
        expected: sayRefusal(failure.expected),
        found: sayRefusal(failure.found),
      })
    case 'unknown-architecture':
      return m.window_failure_unknown_architecture({
        found: failure.found,
        supported: failure.supported.join(', '),
      })
    case 'no-chat-template':
      return m.window_failure_no_chat_template()
    case 'bad-chat-template':
      return m.window_failure_bad_chat_template({ reason: sayRefusal(failure.reason) })
    case 'bad-logits':
      return m.window_failure_bad_logits(failure)
    case 'empty-prompt':
      return m.window_failure_empty_prompt()
    case 'bad-request':
      return m.window_failure_bad_request({ reason: sayRefusal(failure.reason) })
    case 'busy':
      return m.window_failure_busy()
    case 'second-engine':
      return failure.sentence
    case 'webllm':
      return sayWebllm(failure.failure)
    case 'internal':
      return m.window_failure_internal({ message: sayRefusal(failure.message) })
    default:
      return failure satisfies never
  }
}
