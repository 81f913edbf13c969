import { createContext } from 'svelte'
import type { ConversationOptions, GenerationRequest, Sampling } from '../../engine/protocol.ts'
import { DEFAULTS, type Level, LEVELS, parseSettings, type SettingsValues } from './settings-values.ts'

/** Where settings are kept: IndexedDB in the window, a variable in tests. */
export interface SettingsStorage {
  load(): Promise<unknown>
  save(values: SettingsValues): Promise<void>
}

/** The engine reads this window as "every token, exactly": it grows with the conversation. */
export const ALL_TOKENS = 0xffffffff

/** What the user chose; kept at every change, and only that: conversations are never kept here. */
export class Settings {
  values: SettingsValues = $state.raw(DEFAULTS)
  /** false when the last change could not be kept */
  kept = $state(true)

  /** something is not as at first; what was made or chosen by name is no setting, nor is how many are shown */
  readonly isChanged = $derived(JSON.stringify(this.values) !== JSON.stringify(atFirst(this.values)))
  /** the values before all were restored, until something is changed */
  #before: SettingsValues | null = $state.raw(null)
  readonly restored = $derived(this.#before !== null)
  readonly #storage: SettingsStorage
  #saved: Promise<void> = Promise.resolve()

  constructor(storage: SettingsStorage) {
    this.#storage = storage
  }

  /** At the start, and again when the window is come back to: another one may have changed them. */
  async load(): Promise<void> {
    // What cannot be kept is here alone.
    if (!this.kept) return
    const before = this.values
    try {
      await this.#saved
      const stored = parseSettings(await this.#storage.load())
      // What was changed while it was read is newer.
      if (this.values === before && JSON.stringify(stored) !== JSON.stringify(before)) this.values = stored
    } catch {
      this.kept = false
    }
  }

  async change(values: Partial<SettingsValues>): Promise<void> {
    this.#before = null
    this.values = parseSettings({ ...this.values, ...values })
    const saved = this.#storage.save(this.values)
    this.#saved = saved.catch(() => undefined)
    try {
      await saved
      this.kept = true
    } catch {
      this.kept = false
    }
  }

  /** Set one sampling value, or give it back to the model with `undefined`. */
  async changeSampling<Key extends keyof Sampling>(
    key: Key,
    value: Sampling[Key] | undefined,
  ): Promise<void> {
    await this.change({ sampling: { ...this.values.sampling, [key]: value } })
  }

  /** Settings of this level are shown. */
  shows(level: Level): boolean {
    return LEVELS.indexOf(level) <= LEVELS.indexOf(this.values.level)
  }

  async restoreAnswers(): Promise<void> {
    await this.change({ sampling: DEFAULTS.sampling, maxNewTokens: DEFAULTS.maxNewTokens })
  }

  async restoreAll(): Promise<void> {
    const before = this.values
    await this.change(atFirst(before))
    this.#before = before
  }

  /** As it was before all were restored. */
  async undoRestore(): Promise<void> {
    if (this.#before) await this.change(this.#before)
  }

  /** What a conversation that starts now is opened with. */
  conversation(): ConversationOptions {
    const { attention, window, system } = this.values
    return { attention, window: window === 'all' ? ALL_TOKENS : window, system }
  }

  /** What is asked with a message that is sent now. */
  request(): Omit<GenerationRequest, 'message'> {
    const { sampling, maxNewTokens } = this.values
    return { sampling, maxNewTokens }
  }
}

/** The defaults, with the presets, the model and the level that were chosen. */
function atFirst({ presets, model, level }: SettingsValues): SettingsValues {
  return { ...DEFAULTS, presets, model, level }
}

export const [useSettings, provideSettings] = createContext<Settings>()
