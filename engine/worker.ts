import { get, set } from 'idb-keyval'
import type { Conversation } from './conversation.ts'
import { type Engine, loadEngine } from './engine.ts'
import { EngineError, toFailure } from './errors.ts'
import { SnapshotError } from './memory/snapshot.ts'
import { fetchedFiles } from './fetched-files.ts'
import type { FromWorker, ToWorker, WorkerResult } from './protocol.ts'

/** The engine's side of the border with the window: messages in, events out, failures as data. */
let engine: Engine | null = null
const conversations = new Map<number, Conversation>()
const running = new Map<number, AbortController>()
let nextConversation = 1
/** Calls that the model answers one at a time: who comes meanwhile waits for the end of that. */
const TURNS = new Set<ToWorker['type']>(['generate', 'read', 'rehear', 'snapshot', 'trace'])
let turn: Promise<unknown> = Promise.resolve()

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = turn.then(work)
  turn = mine.catch(() => undefined)
  return mine
}

function post(message: FromWorker): void {
  self.postMessage(message)
}

self.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === 'stop') {
    running.get(data.id)?.abort()
    return
  }
  const stop = new AbortController()
  running.set(data.id, stop)
  const work = () => serve(data, stop.signal)
  ;(TURNS.has(data.type) ? inTurn(work) : work())
    .then((result) => post({ type: 'done', id: data.id, result }))
    .catch((error: unknown) => post({ type: 'failed', id: data.id, failure: toFailure(error) }))
    .finally(() => running.delete(data.id))
})

async function serve(
  message: Exclude<ToWorker, { type: 'stop' }>,
  signal: AbortSignal,
): Promise<WorkerResult> {
  const { id } = message
  switch (message.type) {
    case 'load': {
      for (const conversation of conversations.values()) conversation.dispose()
      conversations.clear()
      engine?.dispose()
      engine = null
      const loaded = await loadEngine({
        gpu: (navigator as Partial<Navigator>).gpu,
        forceCpu: message.forceCpu,
        files: fetchedFiles(message.modelUrl),
        choices: { get: (key) => get<string>(key), set },
        onProgress: (progress) => post({ type: 'progress', id, progress }),
      })
      engine = loaded
      void loaded.lost.then((failure) => {
        if (engine === loaded) post({ type: 'lost', failure })
      })
      return { type: 'loaded', info: loaded.info }
    }
    case 'open': {
      if (!engine) throw new EngineError({ code: 'bad-request', reason: 'no model is loaded' })
      let conversation: Conversation
      try {
        const { options, snapshot } = message
        conversation = await (snapshot ? engine.restore(options, snapshot) : engine.open(options))
      } catch (error) {
        if (error instanceof SnapshotError) return { type: 'unfit', reason: error.message }
        throw error
      }
      const number = nextConversation++
      conversations.set(number, conversation)
      return { type: 'opened', conversation: number, memory: conversation.memory }
    }
    case 'generate':
      for await (const event of find(message.conversation).generate(message.request, signal)) {
        post({ type: 'event', id, event })
      }
      return { type: 'finished' }
    case 'read':
      for await (const event of find(message.conversation).read(message.name, message.text, signal)) {
        post({ type: 'event', id, event })
      }
      return { type: 'finished' }
    case 'rehear':
      for await (const event of find(message.conversation).rehear(message.messages, signal)) {
        post({ type: 'event', id, event })
      }
      return { type: 'finished' }
    case 'inspect':
      await find(message.conversation).inspect(message.open)
      return { type: 'finished' }
    case 'trace':
      if (!engine) throw new EngineError({ code: 'bad-request', reason: 'no model is loaded' })
      for await (const event of engine.trace(message.options, message.messages, signal)) {
        post({ type: 'event', id, event })
      }
      return { type: 'finished' }
    case 'snapshot':
      return { type: 'snapshot', bytes: await find(message.conversation).snapshot() }
    case 'close':
      find(message.conversation).dispose()
      conversations.delete(message.conversation)
      return { type: 'finished' }
    default:
      return message satisfies never
  }
}

function find(number: number): Conversation {
  const conversation = conversations.get(number)
  if (!conversation) throw new EngineError({ code: 'bad-request', reason: 'this conversation is closed' })
  return conversation
}
