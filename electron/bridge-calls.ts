import { parseChange } from './arrangement.ts'
import { type AppInfo, type Bridge, type BridgeMethod, CHANNELS, type Outcome } from './bridge.ts'
import { type Conversations, Refusal } from './conversations.ts'
import { diskCode } from './disk.ts'
import { DOCUMENT_PARSERS, documentHandlers } from './document-calls.ts'
import type { DocumentMemories } from './documents.ts'
import { asRecord, parseEntry } from './entries.ts'
import { DownloadError } from './downloads/download-error.ts'
import { ReadOnlyError } from './journal.ts'
import type { ModelBridge } from './models/model-bridge.ts'
import { MODEL_PARSERS, modelHandlers } from './models/model-calls.ts'
import type { RemoteBridge } from './remote/remote-bridge.ts'
import { REMOTE_PARSERS, remoteHandlers } from './remote/remote-calls.ts'
import type { ServerBridge } from './server/server-bridge.ts'
import { SERVER_PARSERS } from './server/server-calls.ts'
import { isLanguage, type Language } from './system-words.ts'
import { UPDATE_PARSERS, updateHandlers } from './updates/update-calls.ts'
import type { Updates } from './updates/updates.ts'

const MOST_ENTRIES = 1000
const LARGEST_SNAPSHOT = 2 ** 30
const LONGEST_QUERY = 1000

/** The bridge of a shell. @param speak left out where the system shows nothing of its own for it */
export function createBridge(
  appInfo: AppInfo | (() => AppInfo),
  conversations: Conversations,
  models: ModelBridge,
  documents: DocumentMemories,
  server: ServerBridge,
  remote: RemoteBridge,
  updates: Updates,
  speak: (language: Language) => void = () => undefined,
): Bridge {
  return {
    appInfo: () => Promise.resolve(typeof appInfo === 'function' ? appInfo() : appInfo),
    listConversations: () => conversations.list(),
    arrangement: () => conversations.arrangement.read(),
    arrange: async ({ change }) => {
      const arrangement = await conversations.arrangement.change(change)
      if (!arrangement) throw new Refusal('The folder is no longer there.')
      return arrangement
    },
    speak({ language }) {
      speak(language)
      return Promise.resolve()
    },
    newConversation: () => Promise.resolve(conversations.newId()),
    openConversation: ({ id }) => conversations.openConversation(id),
    addEntries: ({ id, entries }) => conversations.add(id, entries),
    isFree: ({ id }) => conversations.isFree(id),
    searchConversations: ({ query }) => conversations.search(query),
    exportConversation: async ({ id }) => ({ bytes: await conversations.export(id) }),
    importConversation: ({ bytes }) => conversations.import(bytes),
    closeConversation: ({ id }) => conversations.closeConversation(id),
    deleteConversation: ({ id }) => conversations.remove(id),
    undeleteConversation: ({ id }) => conversations.takeBack(id),
    saveSnapshot: ({ id, node, bytes }) => conversations.saveSnapshot(id, node, bytes),
    loadSnapshot: async ({ id, node }) => ({ bytes: await conversations.loadSnapshot(id, node) }),
    listSnapshots: ({ id }) => conversations.listSnapshots(id),
    storage: async () => ({ ...(await conversations.storage()), ...(await documents.size()) }),
    setSnapshotLimit: ({ bytes }) => conversations.setSnapshotLimit(bytes),
    ...modelHandlers(models),
    ...documentHandlers(documents),
    ...server,
    ...remoteHandlers(remote),
    ...updateHandlers(updates),
  }
}

type Argument<Method extends BridgeMethod> = Parameters<Bridge[Method]> extends [infer A] ? A : undefined

/** What the window sends is checked here, field by field, whichever way it came. */
const PARSERS: { readonly [Method in BridgeMethod]: (argument: unknown) => Argument<Method> } = {
  appInfo: none,
  speak(argument) {
    const { language } = asRecord(argument)
    if (!isLanguage(language)) throw new Refusal('There are no words in that language.')
    return { language }
  },
  listConversations: none,
  arrangement: none,
  arrange(argument) {
    const change = parseChange(asRecord(argument)['change'])
    if (!change) throw new Refusal('The list cannot be arranged like that.')
    return { change }
  },
  newConversation: none,
  openConversation: onlyId,
  addEntries(argument) {
    const { entries } = asRecord(argument)
    if (!Array.isArray(entries) || entries.length > MOST_ENTRIES) throw new Refusal('There are no entries.')
    const parsed = (entries as unknown[]).map((entry) => {
      const good = parseEntry(entry)
      if (!good) throw new Refusal('An entry is not what it should be.')
      return good
    })
    return { ...onlyId(argument), entries: parsed }
  },
  isFree: onlyId,
  searchConversations(argument) {
    const { query } = asRecord(argument)
    if (typeof query !== 'string' || query.length > LONGEST_QUERY)
      throw new Refusal(`A search takes up to ${LONGEST_QUERY} characters.`)
    return { query }
  },
  exportConversation: onlyId,
  importConversation(argument) {
    const { bytes } = asRecord(argument)
    if (!(bytes instanceof Uint8Array) || bytes.length > LARGEST_SNAPSHOT)
      throw new Refusal('The file is too large for a chat.')
    return { bytes: new Uint8Array(bytes) }
  },
  closeConversation: onlyId,
  deleteConversation: onlyId,
  undeleteConversation: onlyId,
  saveSnapshot(argument) {
    const { bytes } = asRecord(argument)
    if (!(bytes instanceof Uint8Array) || bytes.length > LARGEST_SNAPSHOT)
      throw new Refusal('There are no bytes to keep.')
    // A copy, which also leaves behind memory that could be shared with the window.
    return { ...onlyIdAndNode(argument), bytes: new Uint8Array(bytes) }
  },
  loadSnapshot: onlyIdAndNode,
  listSnapshots: onlyId,
  storage: none,
  setSnapshotLimit(argument) {
    const { bytes } = asRecord(argument)
    if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0)
      throw new Refusal('A limit is a whole number of bytes from 0 up.')
    return { bytes }
  },
  ...MODEL_PARSERS,
  ...DOCUMENT_PARSERS,
  ...SERVER_PARSERS,
  ...REMOTE_PARSERS,
  ...UPDATE_PARSERS,
}

export function isBridgeMethod(name: string): name is BridgeMethod {
  return Object.hasOwn(CHANNELS, name)
}

/** One call from the window. Never rejects: what goes wrong is a sentence in the outcome. */
export async function callBridge<Method extends BridgeMethod>(
  bridge: Bridge,
  method: Method,
  argument: unknown,
): Promise<Outcome<Method>> {
  try {
    const handler = bridge[method] as (argument: Argument<Method>) => ReturnType<Bridge[Method]>
    const answer = await handler(PARSERS[method](argument))
    return { answer }
  } catch (error) {
    return { refusal: describeRefusal(error) }
  }
}

/** One sentence for the user. */
export function describeRefusal(error: unknown): string {
  if (error instanceof Refusal || error instanceof ReadOnlyError || error instanceof DownloadError)
    return error.message
  switch (diskCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'The disk is full.'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'Plateau may not write to its folder.'
    default:
      return `The disk failed: ${error instanceof Error ? error.message : String(error)}.`
  }
}

/** Why Plateau could not be opened. What fails on the way need not be the disk: a page may not load. */
export function describeOpening(error: unknown): string {
  const code = diskCode(error)
  // Chromium's errors, and Node's own, have codes that begin so.
  if (code !== '' && !code.startsWith('ERR_')) return describeRefusal(error)
  return error instanceof Error ? error.message : String(error)
}

function none(): undefined {
  return undefined
}

function onlyId(argument: unknown): { id: string } {
  const { id } = asRecord(argument)
  if (typeof id !== 'string' || id.length > 64) throw new Refusal('There is no such chat.')
  return { id }
}

function onlyIdAndNode(argument: unknown): { id: string; node: number } {
  const { node } = asRecord(argument)
  if (typeof node !== 'number' || !Number.isSafeInteger(node) || node < 1)
    throw new Refusal('There is no such message.')
  return { ...onlyId(argument), node }
}
