import { createHash } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, statfs, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type ConvertedModel, convertModel } from '../../engine/model/convert-model.ts'
import { readModelFiles } from '../../engine/model-files.ts'
import { parseOptions, quantOption } from '../arguments.ts'
import { type Command, CommandError, Interrupted, UsageError, type World } from '../command.ts'
import { formatBytes, formatDuration } from '../format.ts'
import { modelFolder } from '../model-folder.ts'
import { Progress } from '../progress.ts'

const WEIGHTS = 'model.safetensors'

export const importModel: Command = {
  summary: 'convert a model into a folder of its own, quantised',
  help: `plateau import SOURCE [options]

SOURCE is a Hugging Face folder (safetensors, in one file or several), a GGUF file, or a checkpoint of NHA's authors.
The folder it becomes loads at once: \`plateau chat --model DIR\`.

  --out DIR               the new folder (default: the source's name and the format, here)
  --quant q4|q8|f16       how weights are stored: 4 or 8 bits with scales per 32, or half floats (default: q8)
  --json                  print one object at the end

Progress goes to stderr. The folder appears when it is whole; Ctrl-C leaves nothing behind.
`,
  async run(args, world) {
    const source = args[0]?.startsWith('-') === false ? args[0] : undefined
    const values = parseOptions('import', source === undefined ? args : args.slice(1), {
      out: { type: 'string' },
      quant: { type: 'string', default: 'q8' },
      json: { type: 'boolean', default: false },
    })
    if (source === undefined) throw new UsageError('Say what to import: a model folder or a GGUF file.')
    const quant = quantOption(values.quant)
    const files = modelFolder(source)
    const out = resolve(values.out ?? `${files.name}-${quant}`)
    await refuseExisting(out)

    const start = performance.now()
    const folder = await readModelFiles(files, () => undefined)
    try {
      const model = convertModel(folder, quant)
      await refuseFullDisk(out, model.weightBytes)
      await writeModel(model, out, world)
      const seconds = (performance.now() - start) / 1000
      const { weightBytes, tensors } = model
      world.stdout.write(
        values.json
          ? `${JSON.stringify({ model: out, quant, weightBytes, tensors, seconds: Number(seconds.toFixed(1)) })}\n`
          : `${out}: ${tensors} tensors, ${formatBytes(weightBytes)} as ${quant}, in ${formatDuration(seconds)}\n`,
      )
      return 0
    } finally {
      await folder.close()
    }
  },
}

/** Into a folder beside the wanted one, which takes its name when it is whole. */
async function writeModel(model: ConvertedModel, out: string, world: World): Promise<void> {
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
    sums.push(`${await writeWeights(model, join(unfinished, WEIGHTS), world)}  ${WEIGHTS}\n`)
    await writeFile(join(unfinished, 'SHA256SUMS'), sums.join(''))
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
async function writeWeights(model: ConvertedModel, path: string, world: World): Promise<string> {
  const progress = new Progress(world.stderr, 'import')
  const hash = createHash('sha256')
  const file = await open(path, 'wx')
  try {
    let written = 0
    for await (const bytes of model.weights()) {
      if (world.interrupted.aborted) throw new Interrupted()
      for (let at = 0; at < bytes.length;) {
        at += (await file.write(bytes, at, Math.min(bytes.length - at, 1 << 28))).bytesWritten
      }
      hash.update(bytes)
      written += bytes.length
      progress.show(written, model.weightBytes, formatBytes(written))
    }
    await file.sync()
  } finally {
    progress.clear()
    await file.close()
  }
  return hash.digest('hex')
}

async function refuseExisting(out: string): Promise<void> {
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
