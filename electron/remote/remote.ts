import { join } from 'node:path'
import { Refusal } from '../conversations.ts'
import { type Disk, removeIfThere, replaceFile } from '../disk.ts'
import { asRecord } from '../entries.ts'
import type { KeptToken } from '../tokens/kept-token.ts'
import { parseAddress } from './address.ts'
import { ask, PATIENCE, type RemoteServer } from './ask.ts'
import { Hearing } from './hearing.ts'
import type {
  RemoteAddressee,
  RemoteBridge,
  RemoteEvent,
  RemoteQuestion,
  RemoteReport,
} from './remote-bridge.ts'

export interface RemoteParts {
  readonly folder: string
  readonly disk: Disk
  readonly key: KeptToken
  /** Ask the user, in a window that no page can press buttons in, whether what is said may go to this host. */
  readonly confirm: (host: string) => Promise<boolean>
  readonly fetch: RemoteServer['fetch']
}

const FILE = 'remote.json'
/** More questions than anyone asks at once. */
const MOST_QUESTIONS = 8

/** The one server elsewhere: none until the user names one, and nothing is sent anywhere else. */
export class Remote implements RemoteBridge {
  readonly #parts: RemoteParts
  readonly #hearings = new Map<number, Hearing>()
  #url: URL | null = null
  #model = ''
  #nextId = 1

  static async open(parts: RemoteParts): Promise<Remote> {
    const made = new Remote(parts)
    try {
      const kept = await parts.disk.read(join(parts.folder, FILE))
      const { url, model } = asRecord(JSON.parse(new TextDecoder().decode(kept)))
      made.#url = parseAddress(String(url))
      made.#model = String(model)
    } catch {
      // None was named, or what is kept is no address: it is named again.
    }
    return made
  }

  private constructor(parts: RemoteParts) {
    this.#parts = parts
  }

  async remote(): Promise<RemoteReport> {
    const { key } = this.#parts
    const isNamed = this.#url !== null
    return {
      url: this.#url?.href ?? '',
      host: this.#url?.host ?? '',
      model: this.#model,
      // The keychain, which may ask for a password, is left alone while there is nothing to send.
      key: {
        given: isNamed && (await key.get()) !== '',
        kept: isNamed ? await key.place() : 'session',
      },
    }
  }

  /** @throws {Refusal} */
  async setRemote({ url, model }: { readonly url: string; readonly model: string }): Promise<RemoteReport> {
    const { key, confirm, disk, folder } = this.#parts
    const address = url.trim() === '' ? null : parseAddress(url)
    const name = model.trim()
    if (address && name === '') throw new Refusal('Give the name of the model, as the server calls it.')
    if (address?.origin !== this.#url?.origin) {
      if (address && !(await confirm(address.host)))
        throw new Refusal(`${address.host} was not named; nothing is sent there.`)
      this.close()
      await key.set('')
    }
    this.#url = address
    this.#model = address ? name : ''
    if (!address) {
      await removeIfThere(disk, join(folder, FILE))
      return this.remote()
    }
    await disk.makeFolder(folder)
    const text = JSON.stringify({ url: address.href, model: name })
    await replaceFile(disk, join(folder, FILE), new TextEncoder().encode(text))
    return this.remote()
  }

  /** @throws {Refusal} */
  async setRemoteKey({ key }: { readonly key: string }): Promise<RemoteReport> {
    if (!this.#url) throw new Refusal('Name the server first; a key belongs to one.')
    await this.#parts.key.set(key)
    return this.remote()
  }

  /** The answer as it comes. @throws {Refusal}, or the signal's reason */
  async *ask(question: RemoteQuestion, signal: AbortSignal): AsyncGenerator<RemoteEvent, void> {
    if (!this.#url) throw new Refusal('No server is named; it is done in the settings.')
    const { key, fetch } = this.#parts
    const server: RemoteServer = {
      url: this.#url,
      model: this.#model,
      key: await key.get(),
      fetch,
      now: () => performance.now(),
      patience: PATIENCE,
    }
    yield* ask(server, question, signal)
  }

  askRemote({
    to,
    ...question
  }: RemoteQuestion & { readonly to: RemoteAddressee }): Promise<{ readonly id: number }> {
    if (this.#url && (to.host !== this.#url.host || to.model !== this.#model))
      return Promise.reject(
        new Refusal(
          `${to.model} at ${to.host} is no longer the one that is named in the settings; nothing was sent.`,
        ),
      )
    if (this.#hearings.size >= MOST_QUESTIONS)
      return Promise.reject(new Refusal(`${MOST_QUESTIONS} questions wait for an answer already.`))
    const id = this.#nextId++
    this.#hearings.set(
      id,
      new Hearing(
        (signal) => this.ask(question, signal),
        () => this.#hearings.delete(id),
      ),
    )
    return Promise.resolve({ id })
  }

  hearRemote({ id }: { readonly id: number }): Promise<readonly RemoteEvent[]> {
    const hearing = this.#hearings.get(id)
    return hearing?.next() ?? Promise.reject(new Refusal('Nobody is asked any more.'))
  }

  leaveRemote({ id }: { readonly id: number }): Promise<void> {
    this.#hearings.get(id)?.leave()
    return Promise.resolve()
  }

  /** Ends what is being asked. */
  close(): void {
    for (const hearing of [...this.#hearings.values()]) hearing.leave()
  }
}
