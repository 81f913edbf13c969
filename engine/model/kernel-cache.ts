type Create<Args extends unknown[], K> = (device: GPUDevice, ...args: Args) => Promise<K>

/** Compiles each kernel once per shape: layers alike share their pipelines, and a mode nobody uses compiles nothing. */
export class KernelCache {
  readonly device: GPUDevice
  readonly #made = new Map<unknown, Map<string, Promise<unknown>>>()

  constructor(device: GPUDevice) {
    this.device = device
  }

  /** `create(device, ...args)`, or what it gave for equal arguments before. */
  get<Args extends unknown[], K>(create: Create<Args, K>, ...args: Args): Promise<K> {
    const ofKind = this.#made.get(create) ?? new Map<string, Promise<unknown>>()
    this.#made.set(create, ofKind)
    const key = JSON.stringify(args)
    const made = (ofKind.get(key) as Promise<K> | undefined) ?? create(this.device, ...args)
    ofKind.set(key, made)
    return made
  }
}
