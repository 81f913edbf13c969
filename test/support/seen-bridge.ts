import type { Bridge } from '../../electron/bridge.ts'
import { Refusal } from '../../electron/conversations.ts'
import { ShellRefusal } from '../../renderer/state/shell.ts'

/** As the window sees the bridge: what is refused there is a sentence here. */
export function asSeen(bridge: Bridge): Bridge {
  return new Proxy(bridge, {
    get: (_, method: keyof Bridge) => async (argument: never) => {
      try {
        return await bridge[method](argument)
      } catch (error) {
        throw error instanceof Refusal ? new ShellRefusal(error.message) : error
      }
    },
  })
}
