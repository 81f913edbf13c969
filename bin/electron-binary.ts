import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

/** A download of 115 MB: 10 Mbit/s take half of this. */
const FETCH_MILLISECONDS = 180_000

/** Where Electron's binary is, or one clause that says why there is none. */
export type ElectronBinary = { readonly path: string } | { readonly path: null; readonly reason: string }

/**
 * Electron's binary: the one named by ELECTRON_OVERRIDE_DIST_PATH, the one the package has, or one fetched now. That
 * is tried once for each version, within a time limit, and a failure is remembered in `node_modules/.cache`.
 *
 * The `electron` module itself is never imported: in plain Node it starts a download and throws.
 */
export async function electronBinary(root: string, note: (line: string) => void): Promise<ElectronBinary> {
  const folder = join(root, 'node_modules/electron')
  const found = installedElectron(root)
  if (found !== null) return { path: found }
  const version = versionOf(folder)
  if (version === null) return { path: null, reason: 'Electron is not installed' }

  const failed = join(root, `node_modules/.cache/plateau/electron-${version}.failed`)
  if (existsSync(failed)) {
    const reason = readFileSync(failed, 'utf8').trim()
    return {
      path: null,
      reason: `Electron ${version} could not be fetched (${reason}; delete ${failed} to try again)`,
    }
  }
  note(`Fetching Electron ${version}, about 115 MB, once ...`)
  const reason = await fetchBinary(folder)
  const fetched = installedElectron(root)
  if (fetched !== null) return { path: fetched }
  mkdirSync(dirname(failed), { recursive: true })
  writeFileSync(failed, `${reason}\n`)
  return { path: null, reason: `Electron ${version} could not be fetched (${reason})` }
}

/** The one that is there already; nothing is fetched. */
export function installedElectron(root: string): string | null {
  const folder = join(root, 'node_modules/electron')
  const pathFile = join(folder, 'path.txt')
  const program = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : null
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH']
  const path =
    override !== undefined ? join(override, program ?? 'electron') : program && join(folder, 'dist', program)
  return path !== null && path !== '' && existsSync(path) ? path : null
}

function versionOf(folder: string): string | null {
  const file = join(folder, 'package.json')
  if (!existsSync(file)) return null
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
  return version
}

/** Run the package's own installer; why it failed, in a few words. */
async function fetchBinary(folder: string): Promise<string> {
  try {
    await promisify(execFile)(process.execPath, [join(folder, 'install.js')], { timeout: FETCH_MILLISECONDS })
    return 'the download left no program'
  } catch (error) {
    const { killed, stderr } = error as { killed?: boolean; stderr?: string }
    if (killed) return `not done after ${FETCH_MILLISECONDS / 60_000} minutes`
    // The installer prints a stack trace; its first line has the message.
    return stderr?.split('\n')[0]?.replace(/^\w*Error: /, '') || 'the download failed'
  }
}
