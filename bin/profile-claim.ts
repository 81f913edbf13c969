import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError } from './command.ts'

/**
 * Claim the browser profile for this process: a second browser on it would hand its window to the first one and end.
 *
 * @throws {CommandError} another Plateau that is still running has it
 */
export function claimProfile(folder: string): { release: () => void } {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'plateau.pid')
  const owner = Number(readIfThere(file))
  if (owner > 0 && owner !== process.pid && isRunning(owner))
    throw new CommandError(`Plateau is open already (process ${owner}); close that window first.`)
  writeFileSync(file, String(process.pid))
  return { release: () => rmSync(file, { force: true }) }
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
