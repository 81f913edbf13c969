/** What the shell says about itself. */
export interface AppInfo {
  readonly version: string
  readonly shell: 'electron' | 'browser'
  /** what the shell knows about WebGPU where the window finds none, as in `disabled_software`; or empty */
  readonly webgpu: string
}

/** All that the window may ask of the shell around it. */
export interface Bridge {
  appInfo(): Promise<AppInfo>
}

export const CHANNELS = {
  appInfo: 'app:info',
} as const satisfies Record<keyof Bridge, string>
