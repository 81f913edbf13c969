import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where Plateau keeps what belongs to this user, the same for every shell. */
export function dataFolder(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const { XDG_DATA_HOME, LOCALAPPDATA } = environment
  if (platform === 'darwin') return join(homedir(), 'Library/Application Support/Plateau')
  if (platform === 'win32') return join(LOCALAPPDATA || join(homedir(), 'AppData/Local'), 'Plateau')
  return join(XDG_DATA_HOME || join(homedir(), '.local/share'), 'plateau')
}
