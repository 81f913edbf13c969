import type { Bridge } from '../../electron/bridge.ts'
import { Chat } from '../../renderer/state/chat.svelte.ts'
import type { Claims } from '../../renderer/state/claims.ts'
import { RemoteServer } from '../../renderer/state/remote-server.svelte.ts'
import { ScriptedEngine } from './scripted-engine.ts'
import { asSeen } from './seen-bridge.ts'
import { testBridge } from './test-bridge.ts'

const INFO = { version: '', shell: 'browser', webgpu: '' } as const

/** A window on a data folder: the real bridge and disk, and a scripted engine. */
export async function openWindow(folder: string, claims = testClaims()) {
  const { bridge, conversations } = await testBridge(INFO, folder)
  const window = showWindow(bridge, claims)
  await window.chat.conversations?.refresh()
  return { ...window, conversations }
}

/** One of several windows of the same program. */
export function showWindow(bridge: Bridge, claims: Claims) {
  const engine = new ScriptedEngine({ answer: (message) => ({ text: `You said ${message}. Good.` }) })
  const chat = new Chat({
    engine: () => Promise.resolve(engine),
    options: () => ({ attention: 'nha', window: null, system: '' }),
    request: () => ({ sampling: {}, maxNewTokens: 100 }),
    bridge,
    claims,
    elsewhere: (writer) => new RemoteServer(asSeen(bridge)).as(writer),
  })
  return { chat, engine, bridge, claims, list: () => chat.conversations?.list ?? [] }
}

/** What the browser's locks do, for windows in one process. */
export function testClaims(): Claims {
  const held = new Map<string, Promise<void>>()
  return {
    take: (id) => {
      if (held.has(id)) return Promise.resolve(null)
      let free: () => void = () => undefined
      held.set(id, new Promise((resolve) => (free = resolve)))
      const release = () => {
        held.delete(id)
        free()
      }
      return Promise.resolve(release)
    },
    whenFree: async (id) => held.get(id),
  }
}

/** The texts on screen. */
export function shown(chat: Chat): string[] {
  return chat.current.entries.map(({ text }) => text)
}

/** The answer of the n-th turn on screen. */
export function replyOf(chat: Chat, turn: number) {
  const entry = chat.current.entries[2 * turn - 1]
  if (entry?.kind !== 'reply') throw new Error('no reply there')
  return entry
}
