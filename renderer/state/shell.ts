import { m } from '#messages'
import type { Bridge, BridgeMethod, Outcome } from '../../electron/bridge.ts'
import { sayRefusal } from './refusal-words.ts'

type Calls = { readonly [Method in BridgeMethod]: (argument: unknown) => Promise<Outcome<Method>> }

declare global {
  interface Window {
    /** set by Electron's preload script; the browser window calls the same bridge over HTTP */
    readonly plateau?: Calls
  }
}

/** The shell said no; the message is one sentence. */
export class ShellRefusal extends Error {
  override readonly name = 'ShellRefusal'
}

const METHODS = {
  appInfo: true,
  speak: true,
  listConversations: true,
  arrangement: true,
  arrange: true,
  newConversation: true,
  openConversation: true,
  addEntries: true,
  isFree: true,
  searchConversations: true,
  exportConversation: true,
  importConversation: true,
  closeConversation: true,
  deleteConversation: true,
  undeleteConversation: true,
  saveSnapshot: true,
  loadSnapshot: true,
  listSnapshots: true,
  storage: true,
  setSnapshotLimit: true,
  listModels: true,
  lookUpModel: true,
  searchModels: true,
  downloadModel: true,
  importModel: true,
  fitModel: true,
  pauseArrival: true,
  resumeArrival: true,
  cancelArrival: true,
  deleteModel: true,
  setHubToken: true,
  pickModel: true,
  listDocuments: true,
  beginDocument: true,
  documentText: true,
  saveDocumentState: true,
  loadDocumentState: true,
  renameDocument: true,
  deleteDocument: true,
  server: true,
  setServer: true,
  renewServerToken: true,
  nextErrand: true,
  answerErrand: true,
  remote: true,
  setRemote: true,
  setRemoteKey: true,
  askRemote: true,
  hearRemote: true,
  leaveRemote: true,
  updates: true,
  setUpdates: true,
  fetchUpdate: true,
  installUpdate: true,
} as const satisfies Record<BridgeMethod, true>

/** The bridge of the shell around this window; `null` where there is none, as on a development server. */
export async function connectShell(): Promise<Bridge | null> {
  const bridge = Object.fromEntries(
    (Object.keys(METHODS) as BridgeMethod[]).map((method) => [
      method,
      (argument: unknown) => call(method, argument),
    ]),
  ) as Record<BridgeMethod, (argument: unknown) => Promise<unknown>> as Bridge
  try {
    await bridge.appInfo()
    return bridge
  } catch {
    return null
  }
}

/** @throws {ShellRefusal} */
async function call(method: BridgeMethod, argument: unknown): Promise<unknown> {
  const outcome: Outcome = await (window.plateau ? window.plateau[method](argument) : post(method, argument))
  if ('refusal' in outcome) throw new ShellRefusal(sayRefusal(outcome.refusal))
  return outcome.answer
}

/** JSON both ways, and bytes as they are: the other side is `bridge-http.ts`. */
async function post(method: BridgeMethod, argument: unknown): Promise<Outcome> {
  const { bytes, ...rest } = argument === undefined ? {} : (argument as { bytes?: unknown })
  const request: RequestInit =
    bytes instanceof Uint8Array
      ? {
          headers: {
            'content-type': 'application/octet-stream',
            'plateau-argument': encodeURIComponent(JSON.stringify(rest)),
          },
          body: new Uint8Array(bytes),
        }
      : { body: argument === undefined ? null : JSON.stringify(argument) }
  let response: Response
  try {
    response = await fetch(new URL(`bridge/${method}`, document.baseURI), { method: 'POST', ...request })
  } catch {
    throw new ShellRefusal(m.window_gone())
  }
  if (!response.ok) throw new ShellRefusal(sayRefusal((await response.text()).trim()))
  if (response.headers.get('content-type') === 'application/octet-stream')
    return { answer: { bytes: new Uint8Array(await response.arrayBuffer()) } }
  return (await response.json()) as Outcome
}
