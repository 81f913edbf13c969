import type { Bridge } from '../../electron/bridge.ts'
import type {
  Arrival,
  ArrivalQuant,
  FitStage,
  HubHit,
  HubReport,
  ModelBridge,
  ModelsReport,
} from '../../electron/models/model-bridge.ts'
import { type CatalogueEntry, parseCatalogue } from './model-catalogue.ts'

export interface LibraryPorts {
  readonly bridge: Bridge
  /** what assets/models.json says */
  readonly catalogue: () => Promise<unknown>
  /** the built-in model's config.json */
  readonly pocket: () => Promise<unknown>
  readonly wait: (milliseconds: number) => Promise<void>
}

/** Fast enough for a bar that moves, and slow enough for nobody to notice the calls. */
const POLL_MILLISECONDS = 400

/** The user's models: what is here, what is on its way, and what may be fetched. */
export class ModelLibrary {
  /** `null` until the first look */
  report: ModelsReport | null = $state.raw(null)
  catalogue: readonly CatalogueEntry[] = $state.raw([])
  /** the built-in model's config.json, once it was read */
  pocket: unknown = $state.raw(null)
  /** what was looked up on the hub last */
  found: HubReport | null = $state.raw(null)
  /** what the hub found for the words that were asked last; `null` when a name was asked */
  hits: readonly HubHit[] | null = $state.raw(null)
  looking = $state(false)
  /** one sentence about what was refused last; empty when nothing was */
  problem = $state('')
  readonly installed = $derived(this.report?.installed ?? [])
  readonly arrivals = $derived(this.report?.arrivals ?? [])

  readonly #ports: LibraryPorts
  #watchers = 0

  constructor(ports: LibraryPorts) {
    this.#ports = ports
  }

  /** Look now, and again and again while something is on its way; the answer ends that. */
  watch(): () => void {
    const mine = ++this.#watchers
    void this.#follow(() => mine === this.#watchers)
    void this.#readCatalogue()
    return () => {
      if (mine === this.#watchers) this.#watchers++
    }
  }

  async refresh(): Promise<void> {
    try {
      this.report = await this.#ports.bridge.listModels()
    } catch (error) {
      this.problem = sentence(error)
    }
  }

  /** Ask the hub about a model, by its name or the address of its page; other words are searched for. */
  async lookUp(text: string): Promise<void> {
    const words = text.trim().replace(/^https?:\/\/(?:www\.)?(?:huggingface\.co|hf\.co)\//, '')
    const [, repo] = /^([^\s/]+\/[^\s/?#]+)/.exec(words) ?? []
    this.found = null
    this.hits = null
    this.looking = true
    await this.#do(async (bridge) => {
      try {
        if (repo === undefined) this.hits = await bridge.searchModels({ words })
        else this.found = await bridge.lookUpModel({ repo })
      } finally {
        // With the answer, so that the next one can be asked for at once.
        this.looking = false
      }
    })
  }

  download(argument: Parameters<ModelBridge['downloadModel']>[0]): Promise<boolean> {
    return this.#do((bridge) => bridge.downloadModel(argument))
  }

  import(path: string, quant: ArrivalQuant): Promise<boolean> {
    return this.#do((bridge) => bridge.importModel({ path, quant }))
  }

  /** Begin to give a model a memory, from these texts. */
  fit(
    id: string,
    stage: FitStage,
    tokens: number,
    texts: readonly { readonly name: string; readonly text: string }[],
  ): Promise<boolean> {
    const bytes = new TextEncoder().encode(JSON.stringify(texts))
    return this.#do((bridge) => bridge.fitModel({ id, stage, tokens, bytes }))
  }

  /** The path that the user chose in the shell's dialog; empty for none. */
  async pick(what: 'file' | 'folder'): Promise<string> {
    let path = ''
    await this.#do(async (bridge) => {
      path = (await bridge.pickModel({ what })).path
    })
    return path
  }

  async pause({ id }: Arrival): Promise<void> {
    await this.#do((bridge) => bridge.pauseArrival({ id }))
  }

  async resume({ id }: Arrival): Promise<void> {
    await this.#do((bridge) => bridge.resumeArrival({ id }))
  }

  async cancel({ id }: Arrival): Promise<void> {
    await this.#do((bridge) => bridge.cancelArrival({ id }))
  }

  async remove(id: string): Promise<void> {
    await this.#do((bridge) => bridge.deleteModel({ id }))
  }

  async setToken(token: string): Promise<boolean> {
    return this.#do((bridge) => bridge.setHubToken({ token }))
  }

  async #follow(isWanted: () => boolean): Promise<void> {
    await this.refresh()
    while (isWanted()) {
      await this.#ports.wait(POLL_MILLISECONDS)
      if (isWanted() && this.arrivals.some(isMoving)) await this.refresh()
    }
  }

  async #readCatalogue(): Promise<void> {
    if (this.catalogue.length > 0) return
    try {
      this.catalogue = parseCatalogue(await this.#ports.catalogue())
      this.pocket = await this.#ports.pocket()
    } catch {
      // Without it there are still the hub and the disk.
    }
  }

  /** Do something, and look at what came of it. Whether it was done; if not, `problem` says why. */
  async #do(work: (bridge: Bridge) => Promise<void>): Promise<boolean> {
    this.problem = ''
    try {
      await work(this.#ports.bridge)
    } catch (error) {
      this.problem = sentence(error)
    }
    const done = this.problem === ''
    await this.refresh()
    return done
  }
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function isMoving({ status }: Arrival): boolean {
  return status !== 'paused' && status !== 'failed'
}
