import type { Bridge } from '../../electron/bridge.ts'
import { nodeDisk } from '../../electron/disk.ts'
import type { TranscriptNode } from '../../electron/transcript.ts'
import { loadEngine } from '../../engine/engine.ts'
import { asHeard, asPassage } from '../../engine/memory/heard.ts'
import { Chat } from '../../renderer/state/chat.svelte.ts'
import type { ConversationHandle } from '../../renderer/state/engine.ts'
import { EngineInProcess } from './engine-in-process.ts'
import { FaultyDisk } from './fault-ports.ts'
import { testClaims } from './kept-window.ts'
import { OPTIONS } from './memory-scripts.ts'
import { closeConversations, temporaryFolder, testBridge } from './test-bridge.ts'
import { modelFilesOf, tinyModel } from './tiny-model.ts'
import { MIN_VOCAB, SPECIALS } from './tiny-tokenizer.ts'

const LETTERS = 'abcdefghijklmnopqrstuvwxyz '
const INFO = { version: '', shell: 'browser', webgpu: '' } as const
const REQUEST = { sampling: { temperature: 0, repetitionPenalty: 1 }, maxNewTokens: 8 }
/** Operations of the disk in one turn, about: a kill falls into any of them. */
const OPERATIONS_OF_TURN = 40

/**
 * The reference in f64 with random weights, as small as it gets. What it says is letters, and a letter is a token: text
 * that is read again is the very tokens that were written.
 */
export async function smallestEngine(): Promise<EngineInProcess> {
  const says = [...new TextEncoder().encode(LETTERS), 256 + SPECIALS.indexOf('<|im_end|>')]
  const size = { hiddenSize: 8, mlpSize: 8, layers: 1, queryHeads: 1, kvHeads: 1, headDim: 8, slots: 2 }
  const model = tinyModel({
    ...size,
    family: 'llama_nha',
    format: 'f32',
    vocabSize: MIN_VOCAB,
    windows: 24,
    gateBias: true,
    tiedHead: false,
    says,
    seed: 11,
  })
  return new EngineInProcess(await loadEngine({ gpu: undefined, forceCpu: true, files: modelFilesOf(model) }))
}

/** The program on a folder: window, bridge and disk; `kill` ends it without another byte on the disk. */
async function start(folder: string, engine: EngineInProcess, lookUp: boolean) {
  const disk = new FaultyDisk(nodeDisk, Infinity, 'dead')
  const { bridge } = await testBridge(INFO, folder, undefined, disk)
  const acknowledged: string[] = []
  const noting: Bridge = {
    ...bridge,
    addEntries: async (argument) => {
      await bridge.addEntries(argument)
      for (const entry of argument.entries) if (entry.type === 'user') acknowledged.push(entry.text)
    },
  }
  const chat = new Chat({
    engine: () => Promise.resolve(engine),
    options: () => OPTIONS,
    request: () => REQUEST,
    bridge: noting,
    claims: testClaims(),
    lookUp: () => lookUp,
  })
  await chat.conversations?.refresh()
  return { chat, disk, acknowledged }
}

/**
 * A random script of send, aside, stop, edit, regenerate, undo, another branch, restart and kill, through the window, the
 * bridge, the journal and the snapshots. Afterwards the way that is shown is gone straight: text and state must agree to
 * the bit, and every message that was acknowledged must be there.
 *
 * @returns what differs, `null` for nothing
 */
export async function runWindowScript(
  engine: EngineInProcess,
  random: () => number,
  steps: number,
): Promise<string | null> {
  const pick = (count: number) => Math.floor(random() * count)
  const folder = temporaryFolder()
  const lookUp = pick(2) === 0
  const stoppedAfter = new Map<number, number>()
  const acknowledged: string[] = []
  let program = await start(folder, engine, lookUp)
  let said = 0
  /** letters only; what is told is told once */
  const message = () => {
    if (pick(3) === 0) return 'what is my cat called?'
    const number = Array.from(String(said++), (digit) => LETTERS[Number(digit)]).join('')
    return pick(2) === 0 ? `my cat is called mira ${number}` : `the rain fell on the sea ${number}`
  }
  const replies = () => program.chat.current.entries.flatMap((each) => (each.kind === 'reply' ? each : []))
  const begin = async () => {
    program = await start(folder, engine, lookUp)
    const [newest] = program.chat.conversations?.list ?? []
    if (newest) await program.chat.open(newest.id)
    const known = program.chat.current.keeping.nodes
    for (const node of stoppedAfter.keys())
      if (!known.some((each) => each.node === node && each.end)) stoppedAfter.delete(node)
  }
  const act = async () => {
    const { chat } = program
    const some = replies()
    const reply = some[pick(some.length)]
    const kind = pick(9)
    if (kind < 4 || !reply) await chat.send(message())
    else if (kind === 4) await chat.send(message(), true)
    else if (kind === 5) await chat.edit(reply, message())
    else if (kind === 6) await chat.regenerate(reply)
    else if (kind === 7) await chat.undo()
    else {
      const { nodes } = chat.current.keeping
      await chat.current.show(nodes[pick(nodes.length)]?.node ?? 1)
    }
  }
  try {
    for (let step = 0; step < steps; step++) {
      const fate = pick(8)
      const at = 1 + pick(6)
      engine.onToken = () => false
      if (fate === 0) {
        // Closed and started again.
        for (const each of [program.chat.previous, program.chat.current]) await each?.close()
        await closeConversations()
        acknowledged.push(...program.acknowledged)
        await begin()
      } else if (fate === 1) {
        // Killed in the middle of an answer, or after what had none.
        const killed = new Promise<void>((resolve) => {
          engine.onToken = (token) => {
            if (token < at) return false
            program.disk.failIn(0)
            resolve()
            return true
          }
        })
        await Promise.race([act(), killed])
        await die()
      } else if (fate === 2) {
        // Killed at any operation of the disk.
        program.disk.failIn(pick(OPERATIONS_OF_TURN))
        await act()
        await die()
      } else if (fate === 3) {
        const { chat } = program
        engine.onToken = (token) => {
          if (token === at) chat.stop()
          return false
        }
        await act()
        const last = chat.current.keeping.way.at(-1)
        if (last?.end === 'abort') stoppedAfter.set(last.node, stoppedAfter.get(last.node) ?? at)
      } else await act()
    }
    engine.onToken = () => false
    acknowledged.push(...program.acknowledged)
    return await compare()
  } finally {
    for (const each of [program.chat.previous, program.chat.current]) await each?.close()
    await closeConversations()
  }

  async function die(): Promise<void> {
    program.disk.failIn(0)
    acknowledged.push(...program.acknowledged)
    await closeConversations()
    await begin()
  }

  async function compare(): Promise<string | null> {
    const { current } = program.chat
    if (current.readOnly !== '') return `it is read-only: ${current.readOnly}`
    const { nodes, way } = current.keeping
    const lost = acknowledged.filter((text) => !nodes.some((node) => node.text === text))
    if (lost.length > 0) return `lost: ${lost.join(', ')}`
    const straight = await engine.open(OPTIONS)
    try {
      const differs = await goStraight(straight, way, stoppedAfter)
      if (differs !== null) return differs
      const handle = await current.open()
      for (const each of [handle, straight]) await hear(each, { ...BLANK, kind: 'user', text: 'the end' })
      if (handle.memory.tokens !== straight.memory.tokens) return 'other tokens are in memory'
      return Buffer.compare(await handle.snapshot(), await straight.snapshot()) === 0
        ? null
        : 'the states differ'
    } finally {
      await straight.close()
    }
  }
}

const BLANK = { kind: 'user', text: '', lookedUp: [] } as const

type Said = Pick<TranscriptNode, 'kind' | 'text' | 'lookedUp'>

async function hear(handle: ConversationHandle, node: Said): Promise<void> {
  const messages = asHeard(node, asPassage(node.lookedUp ?? []))
  const reading = handle.rehear(messages, new AbortController().signal)
  while (!(await reading.next()).done);
}

/** The turns of a way, each answered anew; one that was killed before its end is read as it was kept. */
async function goStraight(
  handle: ConversationHandle,
  way: readonly TranscriptNode[],
  stoppedAfter: ReadonlyMap<number, number>,
): Promise<string | null> {
  for (const [i, node] of way.entries()) {
    const question = way[i - 1]
    if (node.kind !== 'reply' || !question) {
      const answered = way[i + 1]
      if (!answered?.memory) await hear(handle, node)
      continue
    }
    if (!node.memory) {
      await hear(handle, node)
      continue
    }
    const stop = new AbortController()
    const passage = asPassage(question.lookedUp ?? [])
    let text = ''
    const request = { ...REQUEST, message: question.text, ...(passage === '' ? {} : { passage }) }
    for await (const event of handle.generate(request, stop.signal)) {
      if (event.type !== 'delta') continue
      text += event.text
      if (node.end === 'abort' && event.newTokens === stoppedAfter.get(node.node)) stop.abort()
    }
    if (text !== node.text) return `answer ${node.node}: ${JSON.stringify([node.text, text])}`
  }
  return null
}
