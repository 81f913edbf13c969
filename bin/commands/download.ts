import { basename, join } from 'node:path'
import { dataFolder } from '../../electron/data-folder.ts'
import { DownloadError } from '../../electron/downloads/download-error.ts'
import { downloadModel } from '../../electron/downloads/download-model.ts'
import { filesOf, listModel } from '../../electron/downloads/hub.ts'
import { modelsFolder } from '../../electron/models/models.ts'
import { readOrigin, writeOrigin } from '../../electron/models/origin.ts'
import { parseOptions } from '../arguments.ts'
import { type Command, CommandError, Interrupted, UsageError } from '../command.ts'
import { formatBytes } from '../format.ts'
import { Progress } from '../progress.ts'

export const download: Command = {
  summary: 'fetch a model from Hugging Face, going on where an earlier try ended',
  help: `plateau download --repo OWNER/NAME [options]

Fetches what is needed to load a model: a folder with safetensors, or one GGUF file. What is fetched is checked against
the lengths and, for the weights, the SHA-256 that the hub gives; Ctrl-C pauses, the same command goes on.
The last line on stdout is the path for \`plateau chat --model\`. A gated model needs a token in HF_TOKEN.

  --repo OWNER/NAME    the model (needed)
  --revision REV       a branch, tag or commit (default: the commit of an earlier try, else main as it is now)
  --file NAME.gguf     this file instead of the folder
  --out DIR            where to (default: models/ in Plateau's data folder)
  --json               print one object: path, repo, revision, files, bytes
`,
  async run(args, world) {
    const values = parseOptions('download', args, {
      repo: { type: 'string' },
      revision: { type: 'string' },
      file: { type: 'string' },
      out: { type: 'string' },
      json: { type: 'boolean', default: false },
    })
    const { repo } = values
    if (repo === undefined) throw new UsageError('--repo is missing: give a model, as in --repo OWNER/NAME.')
    const folder = values.out ?? join(modelsFolder(dataFolder()), repo.replace('/', '--'))
    const { url, ports, token } = world.hub
    const progress = new Progress(world.stderr, `Fetching ${repo}`)
    try {
      // Begun at one commit, it goes on at that one.
      const begun = await readOrigin(ports.disk, folder)
      const revision = values.revision ?? (begun?.repo === repo ? begun.revision : 'main')
      const model = await listModel(url, repo, revision, token, ports, world.interrupted)
      const files = filesOf(url, model, values.file ?? null, (name) => join(folder, basename(name)))
      await ports.disk.makeFolder(folder)
      await writeOrigin(ports.disk, folder, model)
      const total = files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0)
      await downloadModel(files, token, ports, world.interrupted, ({ bytes, bytesPerSecond }) => {
        const speed = bytesPerSecond > 0 ? ` · ${formatBytes(Math.round(bytesPerSecond))}/s` : ''
        progress.show(bytes, total, `${formatBytes(bytes)} of ${formatBytes(total)}${speed}`)
      })
      const path = values.file === undefined ? folder : join(folder, basename(values.file))
      const names = files.map((file) => basename(file.path))
      const report = { path, repo, revision: model.revision, files: names, bytes: total }
      world.stdout.write(values.json ? `${JSON.stringify(report)}\n` : `${path}\n`)
      return 0
    } catch (error) {
      if (world.interrupted.aborted) throw new Interrupted()
      if (error instanceof DownloadError) throw new CommandError(error.message)
      throw error
    } finally {
      progress.clear()
    }
  },
}
