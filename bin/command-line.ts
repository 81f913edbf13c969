import packageJson from '../package.json' with { type: 'json' }
import { EngineError } from '../engine/errors.ts'
import { type Command, CommandError, Interrupted, UsageError, type World } from './command.ts'
import { bench } from './commands/bench.ts'
import { chat } from './commands/chat.ts'
import { compare } from './commands/compare.ts'
import { doctor } from './commands/doctor.ts'
import { download } from './commands/download.ts'
import { hybridize } from './commands/hybridize.ts'
import { importModel } from './commands/import.ts'
import { logits } from './commands/logits.ts'
import { read } from './commands/read.ts'
import { recall } from './commands/recall.ts'
import { serve } from './commands/serve.ts'

const COMMANDS: Readonly<Record<string, Command>> = {
  chat,
  read,
  compare,
  logits,
  recall,
  bench,
  download,
  import: importModel,
  hybridize,
  serve,
  doctor,
}

const HELP = `plateau COMMAND [options]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(9)} ${summary}`)
  .join('\n')}

plateau COMMAND --help says what a command takes; plateau --version, which version this is.
`

/**
 * Run one command; the exit code: 0 done, 1 something refused, 2 the command line is wrong, 130 Ctrl-C.
 * Whatever fails is one sentence on stderr.
 */
export async function runCommandLine(args: readonly string[], world: World): Promise<number> {
  const [name, ...rest] = args
  try {
    if (name === '--help' || name === '-h' || name === 'help') {
      world.stdout.write(HELP)
      return 0
    }
    if (name === '--version') {
      world.stdout.write(`${packageJson.version}\n`)
      return 0
    }
    if (name === undefined) throw new UsageError(`Say which command: ${Object.keys(COMMANDS).join(', ')}.`)
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
    if (!command)
      throw new UsageError(`There is no command "${name}"; there are ${Object.keys(COMMANDS).join(', ')}.`)
    if (asksForHelp(rest)) {
      world.stdout.write(command.help)
      return 0
    }
    return await command.run(rest, world)
  } catch (error) {
    if (error instanceof Interrupted) return 130
    world.stderr.write(`${sentence(error)}\n`)
    return error instanceof UsageError ? 2 : 1
  }
}

/** Whether a command line asks for something that is computed on the GPU. */
export function needsGpu([name = '', ...rest]: readonly string[]): boolean {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  return !asksForHelp(rest) && (command?.needsGpu?.(rest) ?? false)
}

function asksForHelp(args: readonly string[]): boolean {
  return args.includes('--help') || args.includes('-h')
}

function sentence(error: unknown): string {
  if (error instanceof UsageError || error instanceof CommandError || error instanceof EngineError)
    return error.message
  return `Something went wrong inside Plateau: ${error instanceof Error ? error.message : String(error)}`
}
