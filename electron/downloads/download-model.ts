import { dirname } from 'node:path'
import { diskCode } from '../disk.ts'
import { downloadFile, type FileToDownload } from './download-file.ts'
import { DownloadError } from './download-error.ts'
import { Part } from './part.ts'
import type { DownloadPorts } from './ports.ts'
import { Speed } from './speed.ts'

export interface DownloadProgress {
  readonly bytes: number
  /** `null` while the length of a file is not known */
  readonly totalBytes: number | null
  readonly bytesPerSecond: number
  /** `null` while it cannot be told */
  readonly secondsLeft: number | null
}

const PARALLEL = 3

/**
 * Fetch the files of a model, three at a time, the largest first. Files that are there already, with the right length,
 * stay. Aborted, or after a failure, calling again goes on where each file was.
 *
 * @param token see `downloadFile`
 * @throws {DownloadError}, or the signal's reason
 */
export async function downloadModel(
  files: readonly FileToDownload[],
  token: string,
  ports: DownloadPorts,
  signal: AbortSignal,
  onProgress: (progress: DownloadProgress) => void,
): Promise<void> {
  const here = await Promise.all(files.map((file) => bytesHere(file, ports)))
  const total = files.reduce<number | null>(
    (sum, { bytes }) => (sum === null || bytes === null ? null : sum + bytes),
    0,
  )
  await checkRoom(files, here, ports)
  const speed = new Speed(ports.now)
  const report = () => {
    const bytes = here.reduce((sum, { bytes }) => sum + bytes, 0)
    const bytesPerSecond = speed.at(bytes)
    const secondsLeft = total === null || bytesPerSecond === 0 ? null : (total - bytes) / bytesPerSecond
    onProgress({ bytes, totalBytes: total, bytesPerSecond, secondsLeft })
  }
  report()

  const waiting = [...files.entries()]
    .filter(([i]) => here[i]?.done === false)
    .sort(([, a], [, b]) => (b.bytes ?? 0) - (a.bytes ?? 0))
  const others = new AbortController()
  const either = AbortSignal.any([signal, others.signal])
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [i, file] = next
      await downloadFile(file, token, ports, either, (bytes) => {
        here[i] = { bytes, done: false }
        report()
      })
    }
  }
  const failures: unknown[] = []
  const workers = Array.from({ length: PARALLEL }, () =>
    worker().catch((error: unknown) => {
      failures.push(error)
      others.abort(error)
    }),
  )
  await Promise.all(workers)
  signal.throwIfAborted()
  if (failures.length > 0) throw failures[0]
}

async function bytesHere(
  file: FileToDownload,
  { disk }: DownloadPorts,
): Promise<{ readonly bytes: number; readonly done: boolean }> {
  try {
    const { size } = await disk.stat(file.path)
    if (file.bytes === null || size === file.bytes) return { bytes: size, done: true }
  } catch (error) {
    if (diskCode(error) !== 'ENOENT' && diskCode(error) !== 'ENOTDIR') throw error
  }
  return { bytes: (await new Part(disk, file.path).found(file.url)).bytes, done: false }
}

/** @throws {DownloadError} `disk-full`, before a byte is fetched */
async function checkRoom(
  files: readonly FileToDownload[],
  here: readonly { readonly bytes: number; readonly done: boolean }[],
  { disk, freeBytes }: DownloadPorts,
): Promise<void> {
  const needed = files.reduce(
    (sum, { bytes }, i) => sum + Math.max(0, (bytes ?? 0) - (here[i]?.bytes ?? 0)),
    0,
  )
  const [first] = files
  if (!first || needed === 0) return
  await disk.makeFolder(dirname(first.path))
  const free = await freeBytes(dirname(first.path))
  if (free >= needed) return
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`
  const sentence = `The disk has ${gigabytes(free)} free and the model needs ${gigabytes(needed)} more: make room and go on.`
  throw new DownloadError('disk-full', sentence)
}
