import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decodeChat } from '../../electron/chat-file.ts'
import { type Conversations } from '../../electron/conversations.ts'
import { FAULT_SCRIPTS, runFaultScript } from '../support/fault-scripts.ts'
import { closeConversations, OPENED, testConversations } from '../support/test-bridge.ts'
import { row, times } from './rows.ts'

test('every N-th operation of the disk fails, all N, three scripts, three kinds of failure', async () => {
  const wrong: string[] = []
  let runs = 0
  for (const [name, script] of Object.entries(FAULT_SCRIPTS))
    for (const fault of ['once', 'dead', 'full'] as const) {
      let failed = true
      for (let failAt = 1; failed; failAt++) {
        const run = await runFaultScript(script, failAt, fault)
        failed = run.failed
        runs++
        if (run.wrong !== '') wrong.push(`${name}, ${fault} at ${failAt}: ${run.wrong}`)
      }
    }
  row('every N-th operation of the disk fails, three scripts', runs, `${wrong.length} wrong`)
  expect(wrong).toEqual([])
})

/** Linux's own, for root. */
const [MOUNT, UNMOUNT] = ['mount', 'umount']
const PAGE = 4096
const SMALLEST = 12
/** A larger disk takes the whole session. */
const SIZES = 60

/** A disk in memory of so many pages; `null` where none can be made, and why. */
function mountSmallDisk(folder: string, pages: number): string | null {
  try {
    execFileSync(MOUNT, ['-t', 'tmpfs', '-o', `size=${pages * PAGE}`, 'tmpfs', folder], { stdio: 'pipe' })
    return null
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[1] ?? error.message) : String(error)
  }
}

test('a disk that gets full at every write of a session: what was acknowledged is there, and it goes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-full-'))
  let sizes = 0
  const wrong: string[] = []
  for (let pages = SMALLEST; pages < SMALLEST + times(SIZES); pages++) {
    const mount = join(folder, String(pages))
    mkdirSync(mount)
    const refused = mountSmallDisk(mount, pages)
    if (refused !== null) {
      row('disk full at every write', 'not done', `no small disk can be made here: ${refused}`)
      return
    }
    try {
      const found = await fillUp(mount, pages)
      if (found !== '') wrong.push(`${pages} pages: ${found}`)
      sizes++
    } finally {
      await closeConversations()
      execFileSync(UNMOUNT, [mount])
    }
  }
  row('disk full at every write, disks of different sizes', sizes, `${wrong.length} wrong`)
  expect(wrong).toEqual([])
})

const SESSION = 120

/** Write until there is no room, look what is there, make room, and go on; what went wrong. */
async function fillUp(mount: string, pages: number): Promise<string> {
  const conversations = await testConversations(join(mount, 'data'))
  const id = conversations.newId()
  const acknowledged: string[] = []
  let parent: number | null = null
  let refusals = 0
  const say = async (node: number) => {
    const text = `message ${node} ${'of a long evening '.repeat(20)}`
    const opened = acknowledged.length === 0 && parent === null ? [OPENED] : []
    await conversations.add(id, [...opened, { type: 'user', node, parent, text, time: node, aside: false }])
    parent = node
    acknowledged.push(text)
    await conversations.saveSnapshot(id, node, new Uint8Array(3000)).catch(() => undefined)
    await conversations.list().catch(() => [])
  }
  for (let node = 1; node <= SESSION; node++) await say(node).catch(() => refusals++)
  if (refusals === 0) return `the disk never got full`
  if (acknowledged.length > 0) {
    const early = await missing(conversations, id, acknowledged)
    if (early !== '') return early
  }
  execFileSync(MOUNT, ['-o', `remount,size=${(pages + 400) * PAGE}`, mount])
  await say(SESSION + 1)
  await conversations.close()
  const after = await testConversations(join(mount, 'data'))
  return missing(after, id, acknowledged)
}

/** Everything acknowledged can be read, and exported. */
async function missing(
  conversations: Conversations,
  id: string,
  acknowledged: readonly string[],
): Promise<string> {
  const { transcript } = await conversations.openConversation(id)
  const exported = decodeChat(await conversations.export(id))?.builder.transcript.nodes ?? []
  const lost = acknowledged.filter(
    (text) => ![transcript.nodes, exported].every((nodes) => nodes.some((node) => node.text === text)),
  )
  return lost.length === 0 ? '' : `${lost.length} of ${acknowledged.length} messages lost`
}
