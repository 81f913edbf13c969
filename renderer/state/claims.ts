/** Which window of this browser or app writes a conversation: one at a time, and a window that is gone writes none. */
export interface Claims {
  /** What gives it up again; `null` when another window has it. */
  take(id: string): Promise<(() => void) | null>
  /** Resolves when no window has it. Rejects when the signal aborts. */
  whenFree(id: string, signal: AbortSignal): Promise<void>
}

/** Claims by Web Locks: the browser takes them from a window that closes or crashes. */
export function createClaims(locks: LockManager): Claims {
  const nameOf = (id: string) => `conversation ${id}`
  return {
    take: (id) =>
      new Promise((resolve, reject) => {
        const held = locks.request(nameOf(id), { ifAvailable: true }, (lock) => {
          if (lock) return new Promise<void>((release) => resolve(release))
          resolve(null)
          return undefined
        })
        held.catch(reject)
      }),
    whenFree: (id, signal) => locks.request(nameOf(id), { signal }, () => undefined),
  }
}
