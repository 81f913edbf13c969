import { Refusal } from './conversations.ts'
import type { DocumentBridge } from './document-bridge.ts'
import { isName, LONGEST_NAME, nameFrom, parseNewDocument } from './document-list.ts'
import type { DocumentMemories } from './documents.ts'
import { asRecord, isText } from './entries.ts'

type Argument<Method extends keyof DocumentBridge> =
  Parameters<DocumentBridge[Method]> extends [infer A] ? A : undefined

const LARGEST_STATE = 2 ** 30

/** What the window sends about document memories, field by field. */
export const DOCUMENT_PARSERS: {
  readonly [Method in keyof DocumentBridge]: (argument: unknown) => Argument<Method>
} = {
  listDocuments: () => undefined,
  beginDocument(argument) {
    const { file, text } = asRecord(argument)
    if (!isText(text) || !isText(file, 1000)) throw new Refusal('The text is too long to be kept.')
    const fresh = parseNewDocument({ ...asRecord(argument), name: nameFrom(file), characters: text.length })
    if (!fresh) throw new Refusal('The document is not what it should be.')
    return { ...fresh, file, text }
  },
  documentText: onlyName,
  saveDocumentState(argument) {
    const { bytes } = asRecord(argument)
    if (!(bytes instanceof Uint8Array) || bytes.length > LARGEST_STATE)
      throw new Refusal('There are no bytes to keep.')
    const [tokens, stateBytes] = [whole(argument, 'tokens'), whole(argument, 'stateBytes')]
    return { ...nameAndPage(argument), tokens, stateBytes, bytes: new Uint8Array(bytes) }
  },
  loadDocumentState: nameAndPage,
  renameDocument: (argument) => ({ ...onlyName(argument), to: text(argument, 'to') }),
  deleteDocument: onlyName,
}

export function documentHandlers(documents: DocumentMemories): DocumentBridge {
  return {
    listDocuments: () => documents.list(),
    beginDocument: ({ text, ...fresh }) =>
      documents.beginAnywhere({ ...fresh, name: '', characters: text.length }, text),
    documentText: async ({ name }) => ({ text: await documents.text(name) }),
    saveDocumentState: ({ name, page, bytes, ...memory }) => documents.save(name, page, memory, bytes),
    loadDocumentState: async ({ name, page }) => ({ bytes: await documents.load(name, page) }),
    renameDocument: ({ name, to }) => documents.rename(name, to.trim()),
    deleteDocument: ({ name }) => documents.remove(name),
  }
}

function onlyName(argument: unknown): { name: string } {
  return { name: text(argument, 'name') }
}

function nameAndPage(argument: unknown): { name: string; page: number } {
  return { ...onlyName(argument), page: whole(argument, 'page') }
}

function text(argument: unknown, field: string): string {
  const value = asRecord(argument)[field]
  if (!isName(value)) throw new Refusal(`A name has ${LONGEST_NAME} characters at most.`)
  return value
}

function whole(argument: unknown, field: string): number {
  const value = asRecord(argument)[field]
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw new Refusal(`The ${field} is not what it should be.`)
  return value
}
