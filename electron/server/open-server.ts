import type { Disk } from '../disk.ts'
import { Errands } from './errands.ts'
import type { ServerBridge } from './server-bridge.ts'
import { serverHandlers } from './server-calls.ts'
import { ServerSwitch } from './server-switch.ts'
import { ServerToken } from './server-token.ts'

export interface OpenedServer {
  readonly bridge: ServerBridge
  /** what the window is to do */
  readonly errands: Errands
  close(): Promise<void>
}

/** The local server of a shell, as it was left, with the window's engine behind it. */
export async function openServer(folder: string, disk: Disk): Promise<OpenedServer> {
  const errands = new Errands()
  const token = new ServerToken(folder, disk)
  const server = await ServerSwitch.open({ folder, disk, host: errands, token })
  return { bridge: serverHandlers(server, errands), errands, close: () => server.close() }
}
