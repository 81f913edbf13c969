import { Refusal } from '../conversations.ts'
import { asRecord } from '../entries.ts'
import type { UpdateBridge } from './update-bridge.ts'
import type { Updates } from './updates.ts'

type Argument<Method extends keyof UpdateBridge> =
  Parameters<UpdateBridge[Method]> extends [infer A] ? A : undefined

/** What the window sends about newer versions, field by field. */
export const UPDATE_PARSERS: {
  readonly [Method in keyof UpdateBridge]: (argument: unknown) => Argument<Method>
} = {
  updates: () => undefined,
  setUpdates(argument) {
    const { on } = asRecord(argument)
    if (typeof on !== 'boolean') throw new Refusal('A switch is on or off.')
    return { on }
  },
  fetchUpdate: () => undefined,
  installUpdate: () => undefined,
}

export function updateHandlers(updates: Updates): UpdateBridge {
  return {
    updates: () => Promise.resolve(updates.report()),
    setUpdates: ({ on }) => updates.set(on),
    fetchUpdate: () => Promise.resolve(updates.fetch()),
    installUpdate: () => Promise.resolve(updates.install()),
  }
}
