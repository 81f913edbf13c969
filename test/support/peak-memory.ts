import { readFile } from 'node:fs/promises'

const LOOK_MILLISECONDS = 100

/** The most memory that a process of this machine had so far, in bytes; 0 when it is gone. */
export async function peakMemory(id: number): Promise<number> {
  const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '')
  return 1024 * Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1] ?? 0)
}

/** Looks again and again while a process runs: nobody says it afterwards. */
export class PeakMemory {
  #peak = 0
  readonly #timer: NodeJS.Timeout

  constructor(id: number) {
    this.#timer = setInterval(() => {
      void peakMemory(id).then((bytes) => (this.#peak = Math.max(this.#peak, bytes)))
    }, LOOK_MILLISECONDS)
  }

  end(): number {
    clearInterval(this.#timer)
    return this.#peak
  }
}
