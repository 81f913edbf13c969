import type { RemoteReport } from '../../electron/remote/remote-bridge.ts'
import type { Contestant } from '../../engine/compare/contestant.ts'
import { OwnContestant } from '../../engine/compare/own-contestant.ts'
import type { ConversationOptions } from '../../engine/protocol.ts'
import { SecondContestant } from '../../engine/second/second-contestant.ts'
import type { ChatEngine } from '../state/engine.ts'
import { formatCount } from '../state/format.ts'
import type { RemoteServer } from '../state/remote-server.svelte.ts'
import type { WindowChoice } from '../state/settings-values.ts'
import { ALL_TOKENS } from '../state/settings.svelte.ts'

/** Something else that can take a side: another model, another engine. */
export interface OtherKind {
  readonly id: string
  readonly label: string
  /** what is said to it leaves this computer */
  readonly leaves?: boolean
  /** below the choice: what one has to know before it starts */
  readonly note?: string
  /** Opens a new conversation with it. @throws {EngineError} */
  open(): Promise<Contestant>
  /** Gives back what `open` needed, once nothing is compared any more. */
  dispose(): void
}

/** One side as it is chosen. */
export interface SideChoice {
  /** `nha`, `window-only`, `full`, or the id of another kind */
  readonly kind: string
  /** of `nha` and `window-only` */
  readonly window: WindowChoice
}

export const OWN_KINDS = [
  { id: 'nha', label: 'Native Hybrid Attention' },
  { id: 'full', label: 'Full attention' },
  { id: 'window-only', label: 'Window only, slots off' },
] as const

/** What a side is called in legends and tables. */
export function sideName({ kind, window }: SideChoice, others: readonly OtherKind[]): string {
  if (kind === 'full') return 'Full attention'
  if (kind !== 'nha' && kind !== 'window-only')
    return others.find(({ id }) => id === kind)?.label ?? 'Another model'
  const name = kind === 'nha' ? 'NHA' : 'Window only'
  if (window === null) return name
  return `${name}, ${typeof window === 'number' ? `window ${formatCount(window)}` : `${window} window`}`
}

/** @throws {EngineError} */
export async function openSide(
  choice: SideChoice,
  engine: ChatEngine,
  others: readonly OtherKind[],
): Promise<Contestant> {
  const other = others.find(({ id }) => id === choice.kind)
  return other ? other.open() : OwnContestant.open(sideName(choice, others), engine, optionsOf(choice))
}

export function optionsOf({ kind, window }: SideChoice): ConversationOptions {
  return {
    attention: kind === 'full' ? 'full' : 'nha',
    window: window === 'all' ? ALL_TOKENS : window,
    slotsOn: kind !== 'window-only',
    system: '',
  }
}

export const REMOTE_ID = 'remote'

/** The server elsewhere, once it is named. */
export function remoteKind(remote: RemoteServer, { host, model }: RemoteReport): OtherKind {
  const label = `${model} at ${host}`
  return {
    id: REMOTE_ID,
    label,
    leaves: true,
    note: `${host} is sent all that was read with each question, and a race asks about fifteen times.`,
    open: () => Promise.resolve(new SecondContestant(label, remote)),
    dispose: () => undefined,
  }
}

export function modelId(id: string): string {
  return `model:${id}`
}

/** A model of the library beside the one in use, loaded when it is first opened. */
export function modelKind(id: string, label: string, load: () => Promise<ChatEngine>): OtherKind {
  let engine: Promise<ChatEngine> | null = null
  return {
    id: modelId(id),
    label,
    async open() {
      engine ??= load()
      try {
        return await OwnContestant.open(label, await engine, optionsOf({ kind: 'nha', window: null }))
      } catch (error) {
        this.dispose()
        throw error
      }
    },
    dispose() {
      void engine?.then((loaded) => loaded.dispose()).catch(() => undefined)
      engine = null
    },
  }
}
