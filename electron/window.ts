import { type BrowserWindowConstructorOptions, dialog, type Session, shell, type WebContents } from 'electron'
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

/** Ask, then hand a link to the user's browser: https only, for a file: or custom scheme can start programs. */
async function openOutside(url: string): Promise<void> {
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:') return
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message: 'Open this address in your browser?',
    detail: url,
    buttons: ['Open', 'Cancel'],
    cancelId: 1,
    noLink: true,
  })
  if (response === 0) await shell.openExternal(url)
}
