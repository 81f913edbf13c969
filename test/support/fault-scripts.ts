import type { Bridge } from '../../electron/bridge.ts'
import { nodeDisk } from '../../electron/disk.ts'
import type { Chat } from '../../renderer/state/chat.svelte.ts'
import { type Fault, FaultyClock, FaultyDisk, type JUMPS } from './fault-ports.ts'
import { replyOf, showWindow, testClaims } from './kept-window.ts'
import {
  closeConversations,
  steadyClock,
  temporaryFolder,
  testBridge,
  testConversations,
} from './test-bridge.ts'

type Script = (chat: Chat, bridge: Bridge) => Promise<void>

/** What a user does in an evening, three times. */
export const FAULT_SCRIPTS: Readonly<Record<string, Script>> = {
  'send, edit, regenerate, branch': async (chat) => {
    for (const text of ['first', 'second']) await chat.send(text)
    if (chat.current.entries.length === 4) {
      await chat.edit(replyOf(chat, 2), 'third')
      await chat.regenerate(replyOf(chat, chat.current.entries.length / 2))
    }
    await chat.current.show(4)
  },
  'aside, undo, forget, a new chat, the old one again': async (chat) => {
    await chat.send('first')
    await chat.send('aside', true)
    await chat.send('second')
    await chat.undo()
    await chat.send('third')
    await chat.current.forget(replyOf(chat, chat.current.entries.length / 2))
    chat.startNew()
    await chat.send('fourth')
    const [, before] = chat.conversations?.list ?? []
    if (before) await chat.open(before.id)
  },
  'rename, search, export, delete, undo, import': async (chat) => {
    await chat.send('first')
    const id = chat.current.keeping.id ?? ''
    await chat.conversations?.rename(id, 'Named')
    await chat.conversations?.search('first')
    const file = await chat.conversations?.export(id)
    await chat.remove(id)
    await chat.conversations?.undo()
    if (file) await chat.conversations?.import(new Blob([file.bytes]))
    chat.startNew()
    await chat.send('second')
  },
}

const INFO = { version: '', shell: 'browser', webgpu: '' } as const
const LONGEST_MILLISECONDS = 5000

/**
 * Run a script with the `failAt`-th operation of the disk failing, or the clock set at its `failAt`-th look. Everything the window says it has kept must be there
 * afterwards, every journal must open, no step may hang, and the engine must have got everything back.
 *
 * @returns what went wrong, and whether an operation failed at all: if none did, there are no more to try
 */
export async function runFaultScript(
  script: Script,
  failAt: number,
  fault: Fault | keyof typeof JUMPS,
): Promise<{ readonly wrong: string; readonly failed: boolean }> {
  const folder = temporaryFolder()
  const isClock = fault === 'back' || fault === 'ahead'
  const disk = new FaultyDisk(nodeDisk, isClock ? Infinity : failAt, isClock ? 'once' : fault)
  const clock = new FaultyClock(steadyClock(), isClock ? failAt : Infinity, isClock ? fault : 'back')
  const hasFailed = () => (isClock ? clock.looks >= failAt : disk.failures > 0)
  const start = performance.now()
  const isSlow = () => performance.now() - start > LONGEST_MILLISECONDS
  const acknowledged: string[] = []
  try {
    const served = await testBridge(INFO, folder, undefined, disk, clock.now).catch(() => null)
    if (!served) return { wrong: '', failed: true }
    const { bridge } = served
    const noting: Bridge = {
      ...bridge,
      addEntries: async (argument) => {
        await bridge.addEntries(argument)
        for (const entry of argument.entries) if (entry.type === 'user') acknowledged.push(entry.text)
      },
    }
    const { chat, engine } = showWindow(noting, testClaims())
    await script(chat, noting)
    for (const each of [chat.previous, chat.current]) await each?.close()
    // A conversation that was left closes behind the user's back.
    const open = () => engine.opened.filter(({ closed }) => !closed).length
    while (open() > 0 && !isSlow()) await new Promise((resolve) => setTimeout(resolve))
    if (open() > 0)
      return { wrong: `${open()} conversations are still open in the engine`, failed: hasFailed() }
  } catch (error) {
    return { wrong: `crashed: ${String(error)}`, failed: hasFailed() }
  } finally {
    await closeConversations()
  }
  const slow = isSlow()
  const after = await testConversations(folder)
  const kept: string[] = []
  for (const { id } of await after.list()) {
    const { transcript, readOnly } = await after.openConversation(id)
    if (readOnly !== '') return { wrong: `a journal cannot be written: ${readOnly}`, failed: hasFailed() }
    kept.push(...transcript.nodes.map(({ text }) => text))
  }
  await closeConversations()
  // What was forgotten or deleted on purpose may be gone.
  const lost = acknowledged.filter((text) => !kept.includes(text) && text !== 'third' && text !== 'first')
  const wrong = lost.length > 0 ? `lost ${lost.join(', ')}` : slow ? 'took longer than 5 s' : ''
  return { wrong, failed: hasFailed() }
}
