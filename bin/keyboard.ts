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
  /** the editor is open */
  #asking = false
  /** what was typed while the model wrote and no message has taken yet: the keys of a paste are one input */
  #typedAhead: Buffer[] = []
  /** the last of them may go on: it had just come when the model ended */
  #isCut = false

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
    this.#asking = true
    return new Promise((resolve) => {
      const lines: string[] = []
      let pasted: NodeJS.Timeout | undefined
      // What is left in the editor is the unfinished last line of a paste: its Enter ends the message.
      const closeIfEntered = () => {
        if (lines.length > 0 && editor.line === '') editor.close()
      }
      editor.on('line', (line) => {
        this.#armed = false
        lines.push(line)
        clearTimeout(pasted)
        pasted = setTimeout(closeIfEntered, PASTE_MILLISECONDS)
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
        this.#asking = false
        if (lines.length === 0) this.#stdout.write('\n')
        resolve(lines.length > 0 ? lines.join('\n') : null)
      })
      editor.prompt()
      this.#replay(closeIfEntered)
    })
  }

  /** Type what was typed ahead, until the editor has a message; the rest is for the next prompt. */
  #replay(closeIfEntered: () => void): void {
    while (this.#asking) {
      const keys = this.#typedAhead.shift()
      if (!keys) return
      // Not unshift: that would bring it later, and all in one.
      this.#stdin.emit('data', keys)
      // A pause came after it: what is typed by now is no part of it.
      if (this.#typedAhead.length > 0 || !this.#isCut) closeIfEntered()
    }
  }

  /** Until `release`, Ctrl-C aborts `signal`, twice also leaves; what else is typed is for the next messages. */
  watchForStop(): { signal: AbortSignal; release: () => void } {
    const stop = new AbortController()
    // It runs while the last input may go on.
    let pause: NodeJS.Timeout | undefined
    const onKeys = (keys: Buffer) => {
      if (!keys.includes(CTRL_C)) {
        const begun = pause && this.#typedAhead.pop()
        this.#typedAhead.push(begun ? Buffer.concat([begun, keys]) : keys)
        clearTimeout(pause)
        const latest = setTimeout(() => {
          // A model on the CPU may have held up the loop: what came meanwhile is read before this counts as a pause.
          setImmediate(() => {
            if (pause === latest) pause = undefined
          })
        }, PASTE_MILLISECONDS)
        pause = latest
        return
      }
      this.#typedAhead = []
      this.#leaving = stop.signal.aborted
      this.#armed = true
      stop.abort()
    }
    this.#stdin.setRawMode?.(true)
    this.#stdin.on('data', onKeys).resume()
    const release = () => {
      this.#stdin.off('data', onKeys).pause()
      this.#stdin.setRawMode?.(false)
      this.#isCut = pause !== undefined
    }
    return { signal: stop.signal, release }
  }
}
