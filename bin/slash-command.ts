import { homedir } from 'node:os'
import { join } from 'node:path'

/** A command of a chat on a terminal: its name with the slash, and what stands after it. */
export interface SlashCommand {
  readonly name: string
  readonly rest: string
}

/** The command that is typed; `null` for a message, which may begin with a path. */
export function slashCommandOf(typed: string): SlashCommand | null {
  const [, name, rest = ''] = /^(\/\p{L}[\p{L}\p{N}_-]*)(?:\s+(.*))?$/su.exec(typed.trim()) ?? []
  return name === undefined ? null : { name, rest }
}

/** The path that is typed or dropped, without quotes around it or, but on Windows, backslashes before its blanks, and with the home folder for `~/`. */
export function pathOf(typed: string): string {
  const plain = process.platform === 'win32' ? typed : typed.replace(/\\(.)/gs, '$1')
  const [, , path = plain] = /^(["'])(.+)\1$/s.exec(typed) ?? []
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path
}
