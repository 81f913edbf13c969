import { ipcMain, type IpcMainInvokeEvent } from 'electron'
import { type Bridge, type BridgeMethod, CHANNELS } from './bridge.ts'
import { callBridge } from './bridge-calls.ts'
import { isOurPage } from './protocol.ts'

/** Serve every method of the bridge. */
export function serveBridge(handlers: Bridge): void {
  for (const method of Object.keys(CHANNELS) as BridgeMethod[]) {
    ipcMain.handle(CHANNELS[method], (event, argument: unknown) => {
      if (!isTrusted(event))
        throw new Error(`${method}: refused for ${event.senderFrame?.url ?? 'a frame that is gone'}`)
      return callBridge(handlers, method, argument)
    })
  }
}

/** Only our own page, and not a frame inside it. */
function isTrusted({ senderFrame }: IpcMainInvokeEvent): boolean {
  return senderFrame !== null && senderFrame.parent === null && isOurPage(senderFrame.url)
}
