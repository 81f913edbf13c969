import { spawn } from 'node:child_process'
import { buildStale } from '../../bin/build.js'
import { OPENED, temporaryFolder, testConversations } from './test-bridge.ts'

const KEPT_WITHIN_MILLISECONDS = 1000

/** What of a text does not depend on how it is shown. */
export const letters = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '')

/** One conversation of `plateau chat` that is killed again and again, and gone on with. */
export class KilledChat {
  readonly #home: string
  readonly #id: string
  readonly #acknowledged: string[] = []

  static async begin(): Promise<KilledChat> {
    await buildStale('bin')
    const home = temporaryFolder()
    const conversations = await testConversations(`${home}/plateau`)
    const id = conversations.newId()
    await conversations.add(id, [OPENED])
    await conversations.close()
    return new KilledChat(home, id)
  }

  private constructor(home: string, id: string) {
    this.#home = home
    this.#id = id
  }

  /**
   * Say something, and `kill -9` the process in its answer; every third time whenever that may be.
   *
   * @returns what was lost, `null` for nothing
   */
  async kill(number: number, random: () => number): Promise<string | null> {
    const message = `Message ${number}: my name is Mira.`
    const args = ['dist/bin/plateau.js', 'chat', '--continue', this.#id, '--max-tokens', '40']
    const child = spawn(process.execPath, args, { env: { ...process.env, XDG_DATA_HOME: this.#home } })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    const answering = new Promise((resolve) => child.stdout.once('data', resolve))
    const printed: { readonly at: number; readonly text: string }[] = []
    child.stdout.on('data', (text: Buffer) =>
      printed.push({ at: performance.now(), text: text.toString('latin1') }),
    )
    child.stdin.write(`${message}\n`)
    // Its answer begins: the message has been acknowledged.
    const begun = answering.then(() => this.#acknowledged.push(message))
    const anyTime = new Promise((resolve) => setTimeout(resolve, random() * 4000))
    await (number % 3 === 2 ? Promise.race([begun, anyTime]) : begun)
    await new Promise((resolve) => setTimeout(resolve, random() * (number % 2 === 0 ? 400 : 2400)))
    const old = performance.now() - KEPT_WITHIN_MILLISECONDS
    child.kill('SIGKILL')
    await ended
    return this.#lost(message, printed.flatMap(({ at, text }) => (at <= old ? text : '')).join(''))
  }

  /** @param words of the answer that were there for a second, a character for each byte */
  async #lost(message: string, words: string): Promise<string | null> {
    const conversations = await testConversations(`${this.#home}/plateau`)
    const { transcript, readOnly } = await conversations.openConversation(this.#id)
    await conversations.close()
    if (readOnly !== '') return `the journal does not open: ${readOnly}`
    const kept = new Set(transcript.nodes.map(({ text }) => text))
    const lost = this.#acknowledged.filter((text) => !kept.has(text))
    if (lost.length > 0) return `${lost.length} acknowledged messages are lost`
    const asked = transcript.nodes.find(({ text }) => text === message)
    const answer = transcript.nodes.find(({ parent }) => asked && parent === asked.node)?.text ?? ''
    return letters(answer).startsWith(letters(Buffer.from(words, 'latin1').toString()))
      ? null
      : 'words that were there for a second are lost'
  }
}
