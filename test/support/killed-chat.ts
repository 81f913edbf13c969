import { spawn } from 'node:child_process'
import { buildStale } from '../../bin/build.js'
import { KEPT_WITHIN_MILLISECONDS, lostByKill } from './lost-by-kill.ts'
import { OPENED, temporaryFolder, testConversations } from './test-bridge.ts'

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
    const words = printed.flatMap(({ at, text }) => (at <= old ? text : '')).join('')
    const conversations = await testConversations(`${this.#home}/plateau`)
    const shown = Buffer.from(words, 'latin1').toString()
    const lost = await lostByKill(conversations, this.#id, message, shown, this.#acknowledged)
    await conversations.close()
    return lost
  }
}
