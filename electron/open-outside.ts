import { dialog, shell } from 'electron'
import { systemWords } from './system-words.ts'

const LONGEST_ADDRESS = 4096

/** One question at a time: a page that opens a thousand windows does not ask a thousand times. */
let isAsking = false

/** The one place that hands an address to the system: `outsideAddress` says which, and the user is asked. */
export async function openOutside(given: string): Promise<void> {
  const address = outsideAddress(given)
  if (address === null || isAsking) return
  isAsking = true
  const words = systemWords()
  try {
    const { response } = await dialog.showMessageBox({
      type: 'question',
      message: words.openAddress,
      detail: address,
      buttons: [words.open, words.cancel],
      cancelId: 1,
      noLink: true,
    })
    if (response === 0) await shell.openExternal(address)
  } finally {
    isAsking = false
  }
}

/**
 * The address as it is shown and opened, its host in ASCII so that look-alike letters stand out; `null` for what is
 * never opened: https only, for a file: or custom scheme can start programs, and without a name before the host, which
 * can look like another host.
 */
export function outsideAddress(given: string): string | null {
  if (given.length > LONGEST_ADDRESS || !URL.canParse(given)) return null
  const { protocol, username, password, href } = new URL(given)
  return protocol === 'https:' && username === '' && password === '' ? href : null
}
