import type { Arrangement, ArrangementChange } from './arrangement.ts'
import { DOCUMENT_CHANNELS, type DocumentBridge } from './document-bridge.ts'
import type { Entry } from './entries.ts'
import { MODEL_CHANNELS, type ModelBridge } from './models/model-bridge.ts'
import { REMOTE_CHANNELS, type RemoteBridge } from './remote/remote-bridge.ts'
import { SERVER_CHANNELS, type ServerBridge } from './server/server-bridge.ts'
import type { Language } from './system-words.ts'
import type { Transcript } from './transcript.ts'
import { UPDATE_CHANNELS, type UpdateBridge } from './updates/update-bridge.ts'

/** What the shell says about itself. */
export interface AppInfo {
  readonly version: string
  readonly shell: 'electron' | 'browser'
  /** what the shell knows about WebGPU where the window finds none, as in `disabled_software`; or empty */
  readonly webgpu: string
}

/** One line of the list of conversations. */
export interface ConversationSummary {
  readonly id: string
  readonly title: string
  readonly created: number
  readonly updated: number
  readonly messages: number
}

export interface OpenedConversation {
  readonly transcript: Transcript
  /** why nothing can be added to it, as the end of a sentence; empty when it can */
  readonly readOnly: string
  /** because another program has it, which may let go of it */
  readonly held: boolean
}

/** A conversation in which all words of a search were found. */
export interface FoundConversation {
  readonly id: string
  /** some words around the first of them; empty when all of them are in the title */
  readonly excerpt: string
}

export interface StorageReport {
  readonly folder: string
  readonly conversations: number
  readonly journalBytes: number
  readonly snapshotBytes: number
  readonly snapshotLimit: number
  /** memories of documents, with their texts: the limit does not cover them, only their user deletes one */
  readonly documents: number
  readonly documentBytes: number
}

/** A call takes one argument or none. `bytes`, in an argument or an answer, travels as bytes. */
export interface Bridge extends ModelBridge, DocumentBridge, ServerBridge, RemoteBridge, UpdateBridge {
  appInfo(): Promise<AppInfo>
  /** What is the system's and not the window's, its menu and its questions, is in this language from now on. */
  speak(argument: { readonly language: Language }): Promise<void>
  /** newest first */
  listConversations(): Promise<readonly ConversationSummary[]>
  /** What is pinned, in folders and moved. */
  arrangement(): Promise<Arrangement>
  /** One step of arranging; how it stands after that. */
  arrange(argument: { readonly change: ArrangementChange }): Promise<Arrangement>
  /** An id for a new conversation; nothing is on the disk before the first `addEntries`. */
  newConversation(): Promise<string>
  openConversation(argument: { readonly id: string }): Promise<OpenedConversation>
  /** Resolves when they are on the disk for good. */
  addEntries(argument: { readonly id: string; readonly entries: readonly Entry[] }): Promise<void>
  /** No other program has it any more. */
  isFree(argument: { readonly id: string }): Promise<boolean>
  /** Those whose title and texts have all words of the query; titles first, then the newest. */
  searchConversations(argument: { readonly query: string }): Promise<readonly FoundConversation[]>
  /** One file with its transcript and its memory, as `plateau chat --restore` takes it. */
  exportConversation(argument: { readonly id: string }): Promise<{ readonly bytes: Uint8Array<ArrayBuffer> }>
  /** A new conversation from such a file. `note`: one sentence about what was lost of it; or empty. */
  importConversation(argument: {
    readonly bytes: Uint8Array<ArrayBuffer>
  }): Promise<{ readonly id: string; readonly note: string }>
  /** Let others open it. */
  closeConversation(argument: { readonly id: string }): Promise<void>
  deleteConversation(argument: { readonly id: string }): Promise<void>
  undeleteConversation(argument: { readonly id: string }): Promise<void>
  saveSnapshot(argument: {
    readonly id: string
    readonly node: number
    readonly bytes: Uint8Array<ArrayBuffer>
  }): Promise<void>
  /** `bytes` is empty when there is none. */
  loadSnapshot(argument: {
    readonly id: string
    readonly node: number
  }): Promise<{ readonly bytes: Uint8Array<ArrayBuffer> }>
  /** The nodes of a conversation that have a snapshot. */
  listSnapshots(argument: { readonly id: string }): Promise<readonly number[]>
  storage(): Promise<StorageReport>
  setSnapshotLimit(argument: { readonly bytes: number }): Promise<void>
}

export type BridgeMethod = keyof Bridge

/** What crosses to the window: an answer, or one sentence that says why there is none. */
export type Outcome<Method extends BridgeMethod = BridgeMethod> =
  { readonly answer: Awaited<ReturnType<Bridge[Method]>> } | { readonly refusal: string }

export const CHANNELS = {
  appInfo: 'app:info',
  speak: 'app:speak',
  listConversations: 'conversations:list',
  arrangement: 'arrangement:read',
  arrange: 'arrangement:change',
  newConversation: 'conversations:new',
  openConversation: 'conversations:open',
  addEntries: 'conversations:add',
  isFree: 'conversations:free',
  searchConversations: 'conversations:search',
  exportConversation: 'conversations:export',
  importConversation: 'conversations:import',
  closeConversation: 'conversations:close',
  deleteConversation: 'conversations:delete',
  undeleteConversation: 'conversations:undelete',
  saveSnapshot: 'snapshots:save',
  loadSnapshot: 'snapshots:load',
  listSnapshots: 'snapshots:list',
  storage: 'storage:report',
  setSnapshotLimit: 'storage:limit',
  ...MODEL_CHANNELS,
  ...DOCUMENT_CHANNELS,
  ...SERVER_CHANNELS,
  ...REMOTE_CHANNELS,
  ...UPDATE_CHANNELS,
} as const satisfies Record<BridgeMethod, string>
