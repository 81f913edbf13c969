import type { Attention } from '../../engine/protocol.ts'

/** What is asked of a contestant at once: n tokens read from nothing, or one token decoded at a position. */
export interface Task {
  readonly phase: 'prefill' | 'decode'
  /** tokens to read in prefill; the position in decode */
  readonly position: number
}

/** What a contestant says of itself once it is loaded. */
export interface Introduction {
  /** what really computes: an adapter, or the processor */
  readonly backend: string
  /** how it was run, where that is not plain */
  readonly note: string
  /** weights that one token reads */
  readonly weightBytes: number
}

/** One engine with one model and one attention, in this process or in a browser's. Times are milliseconds. */
export interface Contestant {
  readonly engine: string
  readonly attention: Attention
  /** the kind of process it runs in: only what runs in the same kind is compared */
  readonly place: Place
  /** @throws why it cannot run, in one sentence */
  open(): Promise<Introduction>
  /** All that is not to be timed; the first run of everything. @throws why this task cannot be done */
  prepare(task: Task): Promise<Prepared>
  /** one prompt, or one token at the position that was prepared, the next one each time */
  time(task: Task): Promise<number>
  /** a state saved, and restored until the next token is there, less a token */
  timeSnapshot(): Promise<Snapshot | null>
  close(): Promise<void>
}

export type Place = 'Node' | 'Chromium'

export interface Prepared {
  /** bytes of a sequence's state there */
  readonly stateBytes: number
  /** of one token, or of the prompt; 0 where they cannot be counted */
  readonly dispatches: number
}

export interface Snapshot {
  readonly save: number
  readonly restore: number
}

/** What can cross from a browser's page. */
export type Answer<T> = { readonly value: T } | { readonly refused: string }

/** `count` ids that differ from call to call and stay far below any vocabulary. */
export function benchTokens(count: number, seed: number): number[] {
  return Array.from({ length: count }, (_, i) => (i * 31 + seed * 7 + 1024) % 251)
}

/** What an adapter calls itself: browsers keep the description to themselves. */
export function adapterName({
  description,
  vendor,
  architecture,
}: Pick<GPUAdapterInfo, 'description' | 'vendor' | 'architecture'>): string {
  return description || `${vendor} ${architecture}`.trim() || 'unnamed'
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
