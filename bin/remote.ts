import { dataFolder } from '../electron/data-folder.ts'
import { nodeDisk } from '../electron/disk.ts'
import { Remote } from '../electron/remote/remote.ts'
import { SessionToken } from '../electron/tokens/kept-token.ts'

/** The server elsewhere for the browser window and the terminal, which have no keychain and no dialog of the system's. */
export function openRemote(): Promise<Remote> {
  return Remote.open({
    folder: dataFolder(),
    disk: nodeDisk,
    key: new SessionToken(process.env['PLATEAU_REMOTE_KEY'] ?? ''),
    confirm: () => Promise.resolve(true),
    fetch: (url, init) => fetch(url, init),
  })
}
