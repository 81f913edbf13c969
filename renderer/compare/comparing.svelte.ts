import { readInWorker } from '../../engine/documents/client.ts'
import type { ChatMessage } from '../../engine/protocol.ts'
import { startWebllmWorker } from '../../engine/webllm/start-worker.ts'
import { Intake } from '../documents/intake.svelte.ts'
import { asTitle } from '../state/format.ts'
import type { ModelLibrary } from '../state/model-library.svelte.ts'
import type { Model } from '../state/model.svelte.ts'
import type { RemoteServer } from '../state/remote-server.svelte.ts'
import { Comparison } from './comparison.svelte.ts'
import { NeedleHunt } from './needle-hunt.svelte.ts'
import { modelId, modelKind, type OtherKind, remoteKind, webllmKind } from './sides.ts'
import { WindowTrial } from './window-trial.svelte.ts'

export type View = 'race' | 'needle' | 'window'

interface ComparingParts {
  readonly model: Model
  readonly library: ModelLibrary | null
  readonly remote: RemoteServer | null
  /** what was said and read in the chat behind */
  readonly said: () => readonly ChatMessage[]
}

/** What was chosen for one model, and what came of it. */
interface Compared {
  readonly id: string
  readonly comparison: Comparison
  readonly hunt: NeedleHunt
  readonly trial: WindowTrial
}

/** All that is compared. It outlives the screen, because a run takes minutes and a key closes the screen; each model in use has its own. */
export class Comparing {
  view: View = $state('race')
  readonly intake = new Intake(readInWorker)
  /** what can take a side besides the model in use */
  readonly others: readonly OtherKind[] = $derived.by(() => [
    ...this.#models(),
    this.#webllm,
    ...this.#servers(),
  ])

  readonly #parts: ComparingParts
  readonly #webllm = webllmKind(startWebllmWorker)
  /** Made once for each model, so that one loaded for a side can be given back. */
  readonly #made: OtherKind[] = []
  readonly #compared: Compared[] = []

  constructor(parts: ComparingParts) {
    this.#parts = parts
  }

  /** Of the model in use, as it was left. A side, or a chat, that is not there any more is not chosen any more. */
  open(): Compared {
    const { model, said } = this.#parts
    const compared = this.#compared.find(({ id }) => id === model.id) ?? this.#begin()
    compared.comparison.forgetGone(said().length > 0)
    this.intake.problem = ''
    return compared
  }

  /** Nothing runs on, and what other engines needed is given back; what was measured stays. */
  close(): void {
    for (const { comparison, hunt, trial } of this.#compared)
      for (const each of [comparison, hunt, trial]) each.stop()
    this.intake.stop()
    for (const kind of [...this.#made, this.#webllm]) kind.dispose()
  }

  #begin(): Compared {
    const { model, said } = this.#parts
    const engine = () => model.ready()
    const comparison = new Comparison(engine, () => this.others, said)
    const hunt = new NeedleHunt(comparison, engine)
    const begun = { id: model.id, comparison, hunt, trial: new WindowTrial(engine) }
    this.#compared.push(begun)
    return begun
  }

  #models(): OtherKind[] {
    const { model, library } = this.#parts
    return (library?.installed ?? [])
      .filter(({ id, problem }) => id !== model.id && problem === '')
      .map(({ id, name }) => {
        const before = this.#made.find((each) => each.id === modelId(id))
        if (before) return before
        const kind = modelKind(id, asTitle(name), () => model.another(id))
        this.#made.push(kind)
        return kind
      })
  }

  #servers(): OtherKind[] {
    const { remote } = this.#parts
    return remote?.report?.url ? [remoteKind(remote, remote.report)] : []
  }
}
