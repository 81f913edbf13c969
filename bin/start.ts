import { describeOpening } from '../electron/bridge-calls.ts'
import { CommandError } from './command.ts'
import { leave } from './leave.ts'
import { browserWindow, electronWindow, type Shell, terminal } from './shells.ts'

/** The first shell that can run here; its exit code. */
async function start(shells: readonly Shell[], reasons: string[]): Promise<number> {
  const note = (line: string) => process.stderr.write(`${line}\n`)
  for (const shell of shells) {
    const outcome = await shell(reasons, note)
    if ('code' in outcome) return outcome.code
    reasons.push(outcome.reason)
  }
  return 1
}

function hasDisplay(): boolean {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env
  return process.platform !== 'linux' || Boolean(DISPLAY) || Boolean(WAYLAND_DISPLAY)
}

try {
  leave(
    hasDisplay()
      ? await start([electronWindow, browserWindow, terminal], [])
      : await start([terminal], ['there is no display']),
  )
} catch (error) {
  const sentence =
    error instanceof CommandError ? error.message : `Plateau cannot be opened. ${describeOpening(error)}`
  process.stderr.write(`${sentence}\n`)
  leave(1)
}
