export type Owner = 'weights' | 'state' | 'scratch'

/** Every GPU byte, by owner. Nothing in the engine makes a buffer except through an account of the ledger. */
export class Ledger {
  readonly device: GPUDevice
  readonly #accounts = new Set<Account>()

  constructor(device: GPUDevice) {
    this.device = device
  }

  open(owner: Owner): Account {
    const account = new Account(this.device, owner, () => this.#accounts.delete(account))
    this.#accounts.add(account)
    return account
  }

  bytes(owner: Owner): number {
    let sum = 0
    for (const account of this.#accounts) if (account.owner === owner) sum += account.bytes
    return sum
  }
}

/** The buffers of one owner: made together, counted together, destroyed together. */
export class Account {
  readonly owner: Owner
  readonly #device: GPUDevice
  readonly #onClose: () => void
  readonly #buffers = new Set<GPUBuffer>()

  constructor(device: GPUDevice, owner: Owner, onClose: () => void) {
    this.owner = owner
    this.#device = device
    this.#onClose = onClose
  }

  get bytes(): number {
    let sum = 0
    for (const buffer of this.#buffers) sum += buffer.size
    return sum
  }

  /** A zero-filled buffer of `size` bytes, rounded up to a multiple of 4. */
  create(label: string, size: number, usage: GPUBufferUsageFlags = 0): GPUBuffer {
    const buffer = this.#device.createBuffer({
      label,
      size: Math.max(4, Math.ceil(size / 4) * 4),
      usage: usage || GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    })
    this.#buffers.add(buffer)
    return buffer
  }

  /** Returns what destroys every buffer that was made since. */
  mark(): () => void {
    const before = new Set(this.#buffers)
    return () => {
      for (const buffer of this.#buffers) if (!before.has(buffer)) this.destroy(buffer)
    }
  }

  destroy(buffer: GPUBuffer): void {
    if (this.#buffers.delete(buffer)) buffer.destroy()
  }

  /** Destroy every buffer of the account. Closing twice is harmless. */
  close(): void {
    for (const buffer of this.#buffers) buffer.destroy()
    this.#buffers.clear()
    this.#onClose()
  }
}
