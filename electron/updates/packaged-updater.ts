import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { UpdateParts } from './updates.ts'

/** What electron-builder writes beside the program where `publish` names an address. */
const FILE = 'app-update.yml'

/**
 * The updater of a package that was given an address; one without a host for any other.
 *
 * @param resources where a package has what lies beside its archive; `null` for what is no package
 */
export async function packagedUpdater(
  resources: string | null,
): Promise<Pick<UpdateParts, 'host' | 'updater'>> {
  const settings = resources === null ? '' : await readFile(join(resources, FILE), 'utf8').catch(() => '')
  return {
    host: updateHost(settings),
    updater: async () => (await import('electron-updater')).autoUpdater,
  }
}

/** The host of an address of one's own, over https; empty for any other, which is not asked. */
export function updateHost(settings: string): string {
  const valueOf = (name: string) =>
    new RegExp(`^${name}: *['"]?([^'"\\n]+?)['"]? *$`, 'm').exec(settings)?.[1] ?? ''
  const address = valueOf('url')
  if (valueOf('provider') !== 'generic' || !URL.canParse(address)) return ''
  const { protocol, host, username, password } = new URL(address)
  return protocol === 'https:' && username === '' && password === '' ? host : ''
}
