import { m } from '#messages'
import type { WebllmFailure } from '../../engine/webllm/words.ts'
import { sayRefusal } from './refusal-words.ts'

/** What `describeWebllm` says, in the window's language. */
export function sayWebllm(failure: WebllmFailure): string {
  switch (failure.reason) {
    case 'no-webgpu':
      return m.window_webllm_no_webgpu()
    case 'no-f16':
      return m.window_webllm_no_f16()
    case 'no-feature':
      return m.window_webllm_no_feature(failure)
    case 'limit':
      return m.window_webllm_limit(failure)
    case 'no-model':
      return m.window_webllm_no_model()
    case 'unknown-model':
      return m.window_webllm_unknown_model(failure)
    case 'device-lost':
      return m.window_webllm_device_lost()
    case 'too-long':
      return m.window_webllm_too_long()
    case 'disk-full':
      return m.window_webllm_disk_full()
    case 'cannot-compile':
      return m.window_webllm_cannot_compile()
    case 'refused':
      return sayRefusal(failure.sentence)
    case 'loading-stopped':
      return m.window_webllm_loading_stopped()
    case 'asking-stopped':
      return m.compare_asking_stopped()
    case 'closed':
      return m.window_webllm_closed()
    case 'not-begun':
      return failure.message === ''
        ? m.window_webllm_not_begun()
        : m.window_webllm_not_begun_because({ message: failure.message })
    case 'other':
      return failure.message === '' ? m.window_webllm_failed() : m.window_webllm_failed_because(failure)
    default:
      return failure satisfies never
  }
}
