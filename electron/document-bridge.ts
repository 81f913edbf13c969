import type { EntryOptions } from './entries.ts'

/** A document that was read into a memory of its own, or is on the way there. */
export interface DocumentMemory {
  /** given by the user */
  readonly name: string
  /** the file it was */
  readonly file: string
  readonly pages: number
  /** of the text, so that a name is not used for two */
  readonly characters: number
  readonly model: string
  readonly options: EntryOptions
  /** pages whose state is saved, ascending, ends of chapters before others; all of it is read when the last is the last page */
  readonly saved: readonly number[]
  /** SHA-256 of the state of a page, in hex; older lists have none */
  readonly hashes?: Readonly<Record<string, string>>
  readonly tokens: number
  readonly stateBytes: number
  /** what was left out of it and why, a sentence each */
  readonly notes?: readonly string[]
  /** ascending; left out where the document has none */
  readonly chapters?: readonly ChapterEnd[]
}

/** A chapter, and the last whole page of it. */
export interface ChapterEnd {
  readonly title: string
  readonly page: number
}

/** The part of the bridge that is about document memories. */
export interface DocumentBridge {
  listDocuments(): Promise<readonly DocumentMemory[]>
  /** The memory of this very text, model and options, however far it was read; or a new one, named after the file. */
  beginDocument(argument: {
    readonly file: string
    readonly pages: number
    readonly model: string
    readonly options: EntryOptions
    readonly text: string
    readonly notes?: readonly string[]
    readonly chapters?: readonly ChapterEnd[]
  }): Promise<DocumentMemory>
  documentText(argument: { readonly name: string }): Promise<{ readonly text: string }>
  saveDocumentState(argument: {
    readonly name: string
    readonly page: number
    readonly tokens: number
    readonly stateBytes: number
    readonly bytes: Uint8Array<ArrayBuffer>
  }): Promise<DocumentMemory>
  loadDocumentState(argument: {
    readonly name: string
    readonly page: number
  }): Promise<{ readonly bytes: Uint8Array<ArrayBuffer> }>
  renameDocument(argument: { readonly name: string; readonly to: string }): Promise<DocumentMemory>
  deleteDocument(argument: { readonly name: string }): Promise<void>
}

export const DOCUMENT_CHANNELS = {
  listDocuments: 'documents:list',
  beginDocument: 'documents:begin',
  documentText: 'documents:text',
  saveDocumentState: 'documents:save',
  loadDocumentState: 'documents:load',
  renameDocument: 'documents:rename',
  deleteDocument: 'documents:delete',
} as const satisfies Record<keyof DocumentBridge, string>
