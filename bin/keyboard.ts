import { createInterface } from 'node:readline'
import type { World } from './command.ts'

const CTRL_C = 3
/** Lines that come closer together than this were pasted: they are one message. */
const PASTE_MILLISECONDS = 15

/** The keys of a terminal: a line editor while the user writes, Ctrl-C alone while the model does. */
export class Keyboard {
  readonly #stdin: World['stdin']
  readonly #stdout: World['stdout']
  #history: string[] = []
  /** Ctrl-C was the last thing pressed: once more leaves */
  #armed = false
  #leaving = false

  constructor({ stdin, stdout }: Pick<World, 'stdin' | 'stdout'>) {
    this.#stdin = stdin
    this.#stdout = stdout
  }

  /** The next message, which may be several pasted lines; `null` when the user leaves. */
  ask(): Promise<string | null> {
    if (this.#leaving) {
      this.#leaving = false
      return Promise.resolve(null)
    }
    const editor = createInterface({
      input: this.#stdin,
      output: this.#stdout,
      prompt: '> ',
      history: this.#history,
      terminal: true,
    })
    editor.on('history', (history) => (this.#history = history))
    return new Promise((resolve) => {
      const lines: string[] = []
      let pasted: NodeJS.Timeout | undefined
      editor.on('line', (line) => {
        this.#armed = false
        lines.push(line)
        clearTimeout(pasted)
        // What is left in the editor is the unfinished last line of the paste: its Enter ends the message.
        pasted = setTimeout(() => {
          if (editor.line === '') editor.close()
        }, PASTE_MILLISECONDS)
      })
      editor.on('SIGINT', () => {
        if (editor.line !== '') {
          editor.write(null, { ctrl: true, name: 'e' })
          editor.write(null, { ctrl: true, name: 'u' })
        } else if (this.#armed) {
          editor.close()
        } else {
          this.#armed = true
          this.#stdout.write('\nPress Ctrl-C again to leave.\n')
          editor.prompt()
        }
      })
      editor.on('close', () => {
        clearTimeout(pasted)
        if (lines.length === 0) this.#stdout.write('\n')
        resolve(lines.length > 0 ? lines.join('\n') : null)
      })
      editor.prompt()
    })
  }

  /** Until `release`, Ctrl-C aborts `signal`, twice also leaves; what else is typed is for the next message. */
  watchForStop(): { signal: AbortSignal; release: () => void } {
    const stop = new AbortController()
    let typed: Buffer[] = []
    const onKeys = (keys: Buffer) => {
      if (!keys.includes(CTRL_C)) {
        typed.push(keys)
        return
      }
      typed = []
      this.#leaving = stop.signal.aborted
      this.#armed = true
      stop.abort()
    }
    this.#stdin.setRawMode?.(true)
    this.#stdin.on('data', onKeys).resume()
    const release = () => {
      this.#stdin.off('data', onKeys).pause()
      this.#stdin.setRawMode?.(false)
      if (typed.length > 0) this.#stdin.unshift(Buffer.concat(typed))
    }
    return { signal: stop.signal, release }
  }
}
