import type { Contestant } from '../../engine/compare/contestant.ts'
import { OwnContestant, type OwnConversation, type OwnEngine } from '../../engine/compare/own-contestant.ts'
import { Refusal } from '../../electron/conversations.ts'
import { EngineError } from '../../engine/errors.ts'
import { SecondContestant } from '../../engine/second/second-contestant.ts'
import type { ConversationOptions } from '../../engine/protocol.ts'
import { windowOption, type WindowOption, windowsFor } from '../arguments.ts'
import { type CommandConversation, CommandError, type CommandEngine, UsageError } from '../command.ts'
import { openRemote } from '../remote.ts'

/** One side: how it was written, and what a conversation with it is opened with. */
export interface Side {
  readonly name: string
  /** `null` for the server elsewhere */
  readonly memory:
    (Pick<ConversationOptions, 'attention' | 'slotsOn'> & { readonly window: WindowOption }) | null
}

/**
 * A side as the user writes it: `nha`, `nha:64`, `nha:64,512,64,64`, `nha:lean`, `window-only`, `window-only:64`, `full` or `remote`.
 *
 * @throws {UsageError}
 */
export function parseSide(option: string, name: string): Side {
  const [kind = '', window] = name.split(':', 2)
  if (kind === 'full' && window === undefined) return { name, memory: { attention: 'full', window: null } }
  if (name === 'remote') return { name, memory: null }
  if (kind !== 'nha' && kind !== 'window-only')
    throw new UsageError(
      `--${option} must be nha, nha:W, window-only, window-only:W, full or remote, not "${name}".`,
    )
  return { name, memory: { attention: 'nha', window: windowOption(window), slotsOn: kind === 'nha' } }
}

/** @throws {EngineError} */
export function openSide(engine: CommandEngine, side: Side, system: string): Promise<Contestant> {
  if (!side.memory) return openRemoteSide(system)
  const window = windowsFor(side.memory.window, engine.info.windows.length)
  const { info } = engine
  const own: OwnEngine = {
    info,
    open: async (options) => asOwn(await engine.open(options)),
    restore: async (options, snapshot) => asOwn(await engine.restore(options, snapshot)),
  }
  return OwnContestant.open(side.name, own, { ...side.memory, window, system })
}

/** @throws {CommandError} none is named */
async function openRemoteSide(system: string): Promise<Contestant> {
  const remote = await openRemote()
  const { host, model } = await remote.remote()
  if (host === '')
    throw new CommandError('No server elsewhere is named; it is done in the settings of the window.')
  const contestant = new SecondContestant(`${model} at ${host}`, {
    async *complete(question, signal) {
      try {
        yield* remote.ask(question, signal)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        throw new EngineError({ code: 'second-engine', sentence: error.message })
      }
    },
  })
  if (system !== '') await contestant.hear([{ role: 'system', content: system }])
  return contestant
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
