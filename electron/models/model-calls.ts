import { homedir } from 'node:os'
import { isAbsolute, resolve } from 'node:path'
import { Refusal } from '../conversations.ts'
import { asRecord } from '../entries.ts'
import { isQuant, parsePinned } from './arrival-plan.ts'
import type { ArrivalQuant, ModelBridge } from './model-bridge.ts'

type Argument<Method extends keyof ModelBridge> =
  Parameters<ModelBridge[Method]> extends [infer A] ? A : undefined

const LONGEST_PATH = 4096
const MOST_TOKENS = 1_000_000_000

/** What the window sends about models, field by field. */
export const MODEL_PARSERS: {
  readonly [Method in keyof ModelBridge]: (argument: unknown) => Argument<Method>
} = {
  listModels: () => undefined,
  lookUpModel: (argument) => ({ repo: text(argument, 'repo', 200) }),
  searchModels: (argument) => ({ words: text(argument, 'words', 200) }),
  downloadModel(argument) {
    const { file, quant, pinned = [] } = asRecord(argument)
    const files = parsePinned(pinned)
    if (files === null) throw new Refusal('The list of files is not what it should be.')
    return {
      repo: text(argument, 'repo', 200),
      revision: text(argument, 'revision', 200),
      file: file === null ? null : text(argument, 'file', 300),
      quant: quantOf(quant),
      pinned: files,
    }
  },
  importModel(argument) {
    const quant = quantOf(asRecord(argument)['quant'])
    if (quant === null) throw new Refusal('Say how the weights should be stored.')
    return { path: localPath(text(argument, 'path', LONGEST_PATH)), quant }
  },
  fitModel(argument) {
    const { stage, tokens, bytes } = asRecord(argument)
    if (stage !== 'gates' && stage !== 'gates+lora') throw new Refusal('Gates learn, or gates and adapters.')
    if (typeof tokens !== 'number' || !Number.isSafeInteger(tokens) || tokens < 1 || tokens > MOST_TOKENS)
      throw new Refusal(`A model learns from 1 to ${MOST_TOKENS} tokens.`)
    if (!(bytes instanceof Uint8Array)) throw new Refusal('There is no text to learn from.')
    return { ...onlyId(argument), stage, tokens, bytes: new Uint8Array(bytes) }
  },
  pauseArrival: onlyId,
  resumeArrival: onlyId,
  cancelArrival: onlyId,
  deleteModel: onlyId,
  setHubToken: (argument) => ({ token: text(argument, 'token', 1000) }),
  pickModel: (argument) => ({ what: asRecord(argument)['what'] === 'folder' ? 'folder' : 'file' }),
}

/** The library's methods, each to be called by itself. */
export function modelHandlers(models: ModelBridge): ModelBridge {
  return {
    listModels: () => models.listModels(),
    lookUpModel: (argument) => models.lookUpModel(argument),
    searchModels: (argument) => models.searchModels(argument),
    downloadModel: (argument) => models.downloadModel(argument),
    importModel: (argument) => models.importModel(argument),
    fitModel: (argument) => models.fitModel(argument),
    pauseArrival: (argument) => models.pauseArrival(argument),
    resumeArrival: (argument) => models.resumeArrival(argument),
    cancelArrival: (argument) => models.cancelArrival(argument),
    deleteModel: (argument) => models.deleteModel(argument),
    setHubToken: (argument) => models.setHubToken(argument),
    pickModel: (argument) => models.pickModel(argument),
  }
}

function onlyId(argument: unknown): { id: string } {
  return { id: text(argument, 'id', 600) }
}

function quantOf(quant: unknown): ArrivalQuant | null {
  if (!isQuant(quant)) throw new Refusal('Weights are stored as q4, q8 or f16.')
  return quant
}

function text(argument: unknown, field: string, longest: number): string {
  const value = asRecord(argument)[field]
  if (typeof value !== 'string' || value.length > longest || value.includes('\0'))
    throw new Refusal(`The ${field} is not what it should be.`)
  return value
}

/** As a user writes or pastes it. */
function localPath(given: string): string {
  const bare = given.trim().replace(/^(["'])(.*)\1$/, '$2')
  const path = bare.startsWith('~/') ? resolve(homedir(), bare.slice(2)) : bare
  if (!isAbsolute(path)) throw new Refusal('Give the whole path of a GGUF file or of a model folder.')
  return path
}
