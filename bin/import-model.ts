import { createHash } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ORIGIN_FILE } from '../electron/models/origin.ts'
import type { Origin } from '../electron/models/jobs.ts'
import { type ConvertedModel, convertModel } from '../engine/model/convert-model.ts'
import { readModelFiles } from '../engine/model-files.ts'
import type { ModelFolder } from '../engine/model-folder.ts'
import { CommandError, Interrupted } from './command.ts'
import { formatBytes } from './format.ts'
import { modelFolder } from './model-folder.ts'
import type { Quant } from './quant.ts'

const WEIGHTS = 'model.safetensors'

export interface ModelToImport {
  /** a model folder or a GGUF file */
  readonly source: string
  /** the folder it becomes */
  readonly out: string
  readonly quant: Quant
  /** what to call it; empty for its own name */
  readonly name: string
  /** where it was fetched from, written down beside it */
  readonly origin: Origin | null
}

/**
 * Convert a model into a folder of its own, which appears when it is whole.
 *
 * @param onProgress bytes of weights written
 * @throws {CommandError}, {Interrupted}; {EngineError} what loading the model would be refused with
 */
export async function importInto(
  { source, out, quant, name, origin }: ModelToImport,
  signal: AbortSignal,
  onProgress: (written: number, total: number) => void,
): Promise<{ readonly weightBytes: number; readonly tensors: number }> {
  await refuseExisting(out)
  const folder = await readModelFiles(modelFolder(source), () => undefined)
  try {
    return await writeInto(
      name === '' ? folder : named(folder, name),
      { out, quant, origin },
      signal,
      onProgress,
    )
  } finally {
    await folder.close()
  }
}

/**
 * Write a model that is open into a folder of its own, which appears when it is whole.
 *
 * @throws {CommandError}, {Interrupted}; {EngineError} what loading the model would be refused with
 */
export async function writeInto(
  folder: ModelFolder,
  { out, quant, origin }: Pick<ModelToImport, 'out' | 'quant' | 'origin'>,
  signal: AbortSignal,
  onProgress: (written: number, total: number) => void,
): Promise<{ readonly weightBytes: number; readonly tensors: number }> {
  const model = convertModel(folder, quant)
  await refuseFullDisk(out, model.weightBytes)
  await writeModel(model, out, origin, signal, onProgress)
  return { weightBytes: model.weightBytes, tensors: model.tensors }
}

function named(folder: ModelFolder, name: string): ModelFolder {
  const config: unknown = folder.config
  if (typeof config !== 'object' || config === null) return folder
  return { ...folder, config: { ...config, _name_or_path: name } }
}

/** Into a folder beside the wanted one, which takes its name when it is whole. */
async function writeModel(
  model: ConvertedModel,
  out: string,
  origin: Origin | null,
  signal: AbortSignal,
  onProgress: (written: number, total: number) => void,
): Promise<void> {
  const unfinished = `${out}.part`
  try {
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(unfinished)
    const sums: string[] = []
    for (const [name, json] of model.settings) {
      const text = `${JSON.stringify(json, null, 1)}\n`
      await writeFile(join(unfinished, name), text)
      sums.push(`${createHash('sha256').update(text).digest('hex')}  ${name}\n`)
    }
    sums.push(`${await writeWeights(model, join(unfinished, WEIGHTS), signal, onProgress)}  ${WEIGHTS}\n`)
    await writeFile(join(unfinished, 'SHA256SUMS'), sums.join(''))
    if (origin) await writeFile(join(unfinished, ORIGIN_FILE), `${JSON.stringify(origin, null, 1)}\n`)
    await rename(unfinished, out)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') throw new CommandError(`There is no folder ${dirname(out)} to write to.`)
    if (code === 'ENOSPC') throw new CommandError(`There is no room for the model at ${dirname(out)}.`)
    if (code === 'EACCES' || code === 'EROFS' || code === 'ENOTDIR') {
      throw new CommandError(`Writing to ${dirname(out)} is not permitted.`)
    }
    throw error
  }
}

/** Returns the SHA-256 of what was written. */
async function writeWeights(
  model: ConvertedModel,
  path: string,
  signal: AbortSignal,
  onProgress: (written: number, total: number) => void,
): Promise<string> {
  const hash = createHash('sha256')
  const file = await open(path, 'wx')
  try {
    let written = 0
    for await (const bytes of model.weights()) {
      if (signal.aborted) throw new Interrupted()
      for (let at = 0; at < bytes.length;) {
        at += (await file.write(bytes, at, Math.min(bytes.length - at, 1 << 28))).bytesWritten
      }
      hash.update(bytes)
      written += bytes.length
      onProgress(written, model.weightBytes)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return hash.digest('hex')
}

/** @throws {CommandError} something is there */
export async function refuseExisting(out: string): Promise<void> {
  const found = await readdir(out).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return ['a file']
    return null
  })
  if (found !== null && found.length > 0)
    throw new CommandError(`${out} is there already; name another folder with --out.`)
}

async function refuseFullDisk(out: string, needed: number): Promise<void> {
  const disk = await statfs(dirname(out)).catch(() => null)
  const free = disk ? disk.bavail * disk.bsize : Infinity
  if (free < needed) {
    throw new CommandError(
      `The model needs ${formatBytes(needed)} and ${dirname(out)} has room for ${formatBytes(free)}.`,
    )
  }
}
