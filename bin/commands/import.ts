import { mkdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { dataFolder } from '../../electron/data-folder.ts'
import { modelsFolder } from '../../electron/models/models.ts'
import { parseOptions, quantOption } from '../arguments.ts'
import { type Command, UsageError } from '../command.ts'
import { formatBytes, formatDuration } from '../format.ts'
import { importInto } from '../import-model.ts'
import { Progress } from '../progress.ts'

export const importModel: Command = {
  summary: 'convert a model into a folder of its own, quantised',
  help: `plateau import SOURCE [options]

SOURCE is a Hugging Face folder (safetensors, in one file or several), a GGUF file, or a checkpoint of NHA's authors.
The folder it becomes loads at once: \`plateau chat --model DIR\`.

  --out DIR               the new folder (default: in the library, where the window finds it)
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
    const name = `${basename(resolve(source)).replace(/\.gguf$/i, '')}-${quant}`
    const out = values.out === undefined ? join(modelsFolder(dataFolder()), name) : resolve(values.out)
    if (values.out === undefined) await mkdir(dirname(out), { recursive: true, mode: 0o700 })

    const start = performance.now()
    const progress = new Progress(world.stderr, 'import')
    const options = { source, out, quant, name: '', origin: null }
    try {
      const { weightBytes, tensors } = await importInto(options, world.interrupted, (written, total) =>
        progress.show(written, total, formatBytes(written)),
      )
      progress.clear()
      const seconds = (performance.now() - start) / 1000
      world.stdout.write(
        values.json
          ? `${JSON.stringify({ model: out, quant, weightBytes, tensors, seconds: Number(seconds.toFixed(1)) })}\n`
          : `${out}: ${tensors} tensors, ${formatBytes(weightBytes)} as ${quant}, in ${formatDuration(seconds)}\n`,
      )
      return 0
    } finally {
      progress.clear()
    }
  },
}
