import { Checkpoint } from '../../engine/model/checkpoint.ts'
import { parseConfig } from '../../engine/model/config.ts'
import { type Fit, fitOf } from '../../engine/model/fit.ts'
import { readModelFiles } from '../../engine/model-files.ts'
import type { GpuReport } from '../../engine/protocol.ts'
import { parseOptions, quantOption, type WindowOption, windowOption, windowsFor } from '../arguments.ts'
import { type Command, UsageError } from '../command.ts'
import { formatBytes, formatCount } from '../format.ts'
import { modelFolder } from '../model-folder.ts'
import type { Quant } from '../quant.ts'

export const doctor: Command = {
  summary: 'what GPU was found, what it can do, and what a model takes on it',
  help: `plateau doctor [options]

Says what WebGPU finds on this machine. The exit code is 0 where there is an adapter, 1 where there is none.

  --model PATH          say also what this model takes on the GPU: a folder or a GGUF file, of which no weights are loaded
  --quant q4|q8|f16     as if its weights were brought to this format (default: as they are)
  --window W            with windows as \`plateau chat\` takes them (default: the model's own)
  --json                print one object: available, hint, vendor, architecture, description, isFallback, features,
                        limits; with --model also fit: weights, state, scratch, total, isConstant
`,
  needsGpu: () => true,
  async run(args, world) {
    const values = parseOptions('doctor', args, {
      model: { type: 'string' },
      quant: { type: 'string' },
      window: { type: 'string' },
      json: { type: 'boolean', default: false },
    })
    const { model } = values
    for (const option of ['quant', 'window'] as const)
      if (model === undefined && values[option] !== undefined)
        throw new UsageError(`--${option} says something about a model; name it with --model.`)
    const quant = values.quant === undefined ? null : quantOption(values.quant)
    const window = windowOption(values.window)
    const fit = model === undefined ? null : await weigh(model, quant, window)
    const report = await world.inspectGpu()
    if (values.json) world.stdout.write(`${JSON.stringify(fit ? { ...report, fit } : report)}\n`)
    else world.stdout.write(describe(report) + (fit ? describeFit(fit) : ''))
    return report.available ? 0 : 1
  },
}

async function weigh(path: string, quant: Quant | null, window: WindowOption): Promise<Fit> {
  const folder = await readModelFiles(modelFolder(path), () => undefined)
  try {
    const config = parseConfig(folder.config, folder.configFile)
    const checkpoint = new Checkpoint(folder.tensors, quant)
    return fitOf(config, checkpoint, { window: windowsFor(window, config.layers) })
  } finally {
    await folder.close()
  }
}

function describe(report: GpuReport): string {
  if (!report.available) {
    return `No GPU can be used here: ${report.hint}\nThe built-in model runs on the CPU.\n`
  }
  const kind = report.isFallback ? 'a software adapter: works, slowly' : 'a GPU'
  const limits = Object.entries(report.limits).map(
    ([name, value]) => `  ${name.padEnd(36)} ${/size/i.test(name) ? formatBytes(value) : formatCount(value)}`,
  )
  return [
    `${report.description || report.vendor} (${report.vendor} ${report.architecture}), ${kind}`,
    `features: ${report.features.join(', ') || 'none'}`,
    'limits:',
    ...limits,
    '',
  ].join('\n')
}

function describeFit({ weights, state, scratch, total, isConstant }: Fit): string {
  const length = isConstant ? 'at any length' : 'for 4,096 tokens, and growing'
  return [
    `The model takes ${formatBytes(total)} of GPU memory:`,
    `  ${'weights'.padEnd(36)} ${formatBytes(weights)}`,
    `  ${'a conversation'.padEnd(36)} ${formatBytes(state)} ${length}`,
    `  ${'working memory'.padEnd(36)} ${formatBytes(scratch)}`,
    '',
  ].join('\n')
}
