import { OwnContestant, type OwnConversation, type OwnEngine } from '../../engine/compare/own-contestant.ts'
import type { ConversationOptions } from '../../engine/protocol.ts'
import { windowOption, type WindowOption, windowsFor } from '../arguments.ts'
import { type CommandConversation, type CommandEngine, UsageError } from '../command.ts'

/** One of the two memories: how it was written, and what a conversation with it is opened with. */
export interface Side {
  readonly name: string
  readonly memory: Pick<ConversationOptions, 'attention' | 'slotsOn'> & { readonly window: WindowOption }
}

/**
 * A side as the user writes it: `nha`, `nha:64`, `nha:64,512,64,64`, `nha:lean`, `window-only`, `window-only:64` or `full`.
 *
 * @throws {UsageError}
 */
export function parseSide(option: string, name: string): Side {
  const [kind = '', window] = name.split(':', 2)
  if (kind === 'full' && window === undefined) return { name, memory: { attention: 'full', window: null } }
  if (kind !== 'nha' && kind !== 'window-only')
    throw new UsageError(`--${option} must be nha, nha:W, window-only, window-only:W or full, not "${name}".`)
  return { name, memory: { attention: 'nha', window: windowOption(window), slotsOn: kind === 'nha' } }
}

/** @throws {EngineError} */
export function openSide(engine: CommandEngine, side: Side, system: string): Promise<OwnContestant> {
  const window = windowsFor(side.memory.window, engine.info.windows.length)
  const { info } = engine
  const own: OwnEngine = {
    info,
    open: async (options) => asOwn(await engine.open(options)),
    restore: async (options, snapshot) => asOwn(await engine.restore(options, snapshot)),
  }
  return OwnContestant.open(side.name, own, { ...side.memory, window, system })
}

function asOwn(conversation: CommandConversation): OwnConversation {
  return {
    get memory() {
      return conversation.memory
    },
    rehear: (messages, signal) => conversation.rehear(messages, signal),
    generate: (request, signal) => conversation.generate(request, signal),
    snapshot: async () => new Uint8Array(await conversation.snapshot()),
    close: () => {
      conversation.dispose()
      return Promise.resolve()
    },
  }
}
