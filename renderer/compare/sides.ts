import { m } from '#messages'
import type { RemoteReport } from '../../electron/remote/remote-bridge.ts'
import type { Contestant } from '../../engine/compare/contestant.ts'
import { OwnContestant } from '../../engine/compare/own-contestant.ts'
import { WebllmEngine, type WebllmWorker } from '../../engine/webllm/webllm-engine.ts'
import type { ConversationOptions } from '../../engine/protocol.ts'
import { SecondContestant } from '../../engine/second/second-contestant.ts'
import type { ChatEngine } from '../state/engine.ts'
import { formatBytes, formatCount } from '../state/format.ts'
import type { RemoteServer } from '../state/remote-server.svelte.ts'
import { sayWebllm } from '../state/webllm-words.ts'
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
  /** what there is to choose from, asked for once it is chosen; left out where there is one thing. @throws {EngineError} */
  readonly models?: () => Promise<readonly KindModel[]>
  /**
   * Opens a new conversation with it.
   *
   * @param model of `models`; empty without
   * @param onShare how much of what it needs is there, where that takes a while
   * @throws {EngineError}
   */
  open(model: string, onShare: (share: number) => void, signal: AbortSignal): Promise<Contestant>
  /** Gives back what `open` needed, once nothing is compared any more. */
  dispose(): void
}

/** One of the models of another engine. */
export interface KindModel {
  readonly id: string
  readonly label: string
  /** why it cannot run here, one sentence; or empty */
  readonly problem: string
}

/** One side as it is chosen. */
export interface SideChoice {
  /** `nha`, `window-only`, `full`, or the id of another kind */
  readonly kind: string
  /** of `nha` and `window-only` */
  readonly window: WindowChoice
  /** of a kind with models; empty until one is chosen */
  readonly model?: string
}

export const OWN_KINDS = [
  { id: 'nha', label: m.settings_nha, why: m.compare_why_nha },
  { id: 'full', label: m.settings_full, why: m.compare_why_full },
  { id: 'window-only', label: m.compare_window_only, why: m.compare_why_window_only },
] as const

const NAMED = {
  lean: m.compare_lean_named,
  balanced: m.compare_balanced_named,
  faithful: m.compare_faithful_named,
  all: m.compare_all_named,
} as const

/** What a side is called in legends and tables. */
export function sideName({ kind, window, model = '' }: SideChoice, others: readonly OtherKind[]): string {
  if (kind === 'full') return m.settings_full()
  if (kind !== 'nha' && kind !== 'window-only') {
    const label = others.find(({ id }) => id === kind)?.label ?? m.compare_another()
    return model === '' ? label : `${model}, ${label}`
  }
  const name = kind === 'nha' ? m.compare_nha() : m.compare_window_only_short()
  if (window === null) return name
  if (typeof window === 'number') return m.compare_named_window({ name, tokens: formatCount(window) })
  return NAMED[window]({ name })
}

/** @throws {EngineError} */
export async function openSide(
  choice: SideChoice,
  engine: ChatEngine,
  others: readonly OtherKind[],
  onShare: (share: number) => void,
  signal: AbortSignal,
): Promise<Contestant> {
  const other = others.find(({ id }) => id === choice.kind)
  return other
    ? other.open(choice.model ?? '', onShare, signal)
    : OwnContestant.open(sideName(choice, others), engine, optionsOf(choice))
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
  const label = m.compare_model_at({ model, host })
  return {
    id: REMOTE_ID,
    label,
    leaves: true,
    note: m.compare_remote_note({ host }),
    open: () => Promise.resolve(new SecondContestant(label, remote.as({ host, model }))),
    dispose: () => undefined,
  }
}

/** WebLLM with the models of its own list, each in a worker of its own, which `start` begins. */
export function webllmKind(start: () => WebllmWorker): OtherKind {
  const engines = new Map<string, WebllmEngine>()
  let list: readonly KindModel[] = []
  return {
    id: 'webllm',
    label: 'WebLLM',
    note: m.compare_webllm_note(),
    async models() {
      if (list.length > 0) return list
      const engine = new WebllmEngine(start)
      try {
        list = (await engine.models()).map(({ id, megabytes, problem }) => ({
          id,
          label: `${id}, ${formatBytes(megabytes * 1e6)}`,
          problem: problem ? sayWebllm(problem) : '',
        }))
        return list
      } finally {
        engine.dispose()
      }
    },
    async open(model, onShare, signal) {
      const engine = engines.get(model) ?? new WebllmEngine(start)
      engines.set(model, engine)
      await engine.load(model, onShare, signal)
      return new SecondContestant(`${model}, WebLLM`, engine)
    },
    dispose() {
      for (const engine of engines.values()) engine.dispose()
      engines.clear()
    },
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
