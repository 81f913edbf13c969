import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process'
import { constants } from 'node:os'

export interface Ended {
  /** as a shell counts: 128 + the signal's number where one ended it */
  readonly code: number
  readonly milliseconds: number
  /** this process was told to end while the child ran, and passed it on */
  readonly interrupted: boolean
}

/**
 * Run a program to its end. A signal that should end this process ends the child instead, and Ctrl-C, which a
 * terminal sends to both, is left to the child where it has the terminal.
 */
export async function runChild(
  file: string,
  args: readonly string[],
  options: { readonly env: NodeJS.ProcessEnv; readonly stdio: StdioOptions; readonly ownsTerminal: boolean },
): Promise<Ended> {
  const start = performance.now()
  const child = spawn(file, args, { env: options.env, stdio: options.stdio })
  let interrupted = false
  const end = () => {
    interrupted = true
    child.kill('SIGTERM')
  }
  const onInterrupt = options.ownsTerminal ? () => undefined : end
  process.on('SIGINT', onInterrupt).on('SIGTERM', end).on('SIGHUP', end)
  try {
    const code = await exitCode(child)
    return { code, interrupted, milliseconds: performance.now() - start }
  } finally {
    process.off('SIGINT', onInterrupt).off('SIGTERM', end).off('SIGHUP', end)
  }
}

function exitCode(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)))
  })
}
