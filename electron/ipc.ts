import { ipcMain, type IpcMainInvokeEvent } from 'electron'
import { type Bridge, CHANNELS } from './bridge.ts'
import { isOurPage } from './protocol.ts'

/** Serve every method of the bridge. One table, so the compiler refuses a method without a handler. */
export function serveBridge(handlers: Bridge): void {
  for (const method of Object.keys(CHANNELS) as (keyof Bridge)[]) {
    ipcMain.handle(CHANNELS[method], (event) => {
      if (!isTrusted(event))
        throw new Error(`${method}: refused for ${event.senderFrame?.url ?? 'a frame that is gone'}`)
      return handlers[method]()
    })
  }
}

/** Only our own page, and not a frame inside it. */
function isTrusted({ senderFrame }: IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && isOurPage(senderFrame.url)
}
