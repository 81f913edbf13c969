import type { BrowserWindowConstructorOptions, Session, WebContents } from 'electron'
import { openOutside } from './open-outside.ts'
import { isOurPage } from './protocol.ts'

/** The one window: an ordinary web page with no Node in it. */
export function windowOptions(preload: string): BrowserWindowConstructorOptions {
  return {
    title: 'Plateau',
    width: 960,
    height: 800,
    minWidth: 360,
    minHeight: 480,
    show: false,
    // Alt shows it.
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      webviewTag: false,
      spellcheck: false,
    },
  }
}

/** The page stays where it is: no other address, no second window, no webview. A link to https opens outside. */
export function guardContents(contents: WebContents): void {
  contents.on('will-navigate', (event) => {
    if (isOurPage(event.url)) return
    event.preventDefault()
    void openOutside(event.url)
  })
  contents.on('will-redirect', (event) => {
    if (!isOurPage(event.url)) event.preventDefault()
  })
  // The same for a frame: there is none, and the policy allows none.
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame && !isOurPage(event.url)) event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    void openOutside(url)
    return { action: 'deny' }
  })
}

/** Every permission is refused but writing text to the clipboard, which the copy buttons use. */
export function denyPermissions(session: Session): void {
  const isAllowed = (permission: string) => permission === 'clipboard-sanitized-write'
  session.setPermissionRequestHandler((_contents, permission, answer) => answer(isAllowed(permission)))
  session.setPermissionCheckHandler((_contents, permission) => isAllowed(permission))
  session.setDevicePermissionHandler(() => false)
}
