import type { AppInfo, Bridge } from '../../electron/bridge.ts'

declare global {
  interface Window {
    /** set by Electron's preload script; the browser window calls the same bridge over HTTP */
    readonly plateau?: Bridge
  }
}

/** What the shell says about itself; `null` where there is none, as on a development server. */
export async function appInfo(): Promise<AppInfo | null> {
  if (window.plateau) return window.plateau.appInfo()
  try {
    const response = await fetch(new URL('bridge/appInfo', document.baseURI), { method: 'POST' })
    return response.ok ? ((await response.json()) as AppInfo) : null
  } catch {
    return null
  }
}
