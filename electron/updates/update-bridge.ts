/** Newer versions of the program as the settings show them. */
export interface UpdateReport {
  /** the host that is asked, as in `updates.example`; empty where the package was given none: then there is no switch */
  readonly host: string
  /** a person has switched it on: the host is asked at each start */
  readonly on: boolean
  readonly stage: 'idle' | 'looking' | 'newest' | 'found' | 'fetching' | 'ready'
  /** what was found; empty before that */
  readonly version: string
  /** of what is being fetched, 0 to 100 */
  readonly percent: number
  /** why the last step did not work, one sentence; or empty */
  readonly problem: string
}

/** The part of the bridge that is about newer versions. Nothing is asked before it is switched on. */
export interface UpdateBridge {
  updates(): Promise<UpdateReport>
  /** Switched on, the host is asked at once. */
  setUpdates(argument: { readonly on: boolean }): Promise<UpdateReport>
  /** Begin to fetch what was found. */
  fetchUpdate(): Promise<UpdateReport>
  /** End the program, put what was fetched in its place, and begin again. */
  installUpdate(): Promise<UpdateReport>
}

export const UPDATE_CHANNELS = {
  updates: 'updates:report',
  setUpdates: 'updates:set',
  fetchUpdate: 'updates:fetch',
  installUpdate: 'updates:install',
} as const satisfies Record<keyof UpdateBridge, string>
