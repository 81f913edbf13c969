import { parseOptions } from '../arguments.ts'
import type { Command } from '../command.ts'
import { formatBytes, formatCount } from '../format.ts'

export const doctor: Command = {
  summary: 'what GPU was found, and what it can do',
  help: `plateau doctor [--json]

Says what WebGPU finds on this machine. The exit code is 0 where there is an adapter, 1 where there is none.

  --json    print one object: available, hint, vendor, architecture, description, isFallback, features, limits
`,
  async run(args, world) {
    const values = parseOptions('doctor', args, { json: { type: 'boolean', default: false } })
    const report = await world.inspectGpu()
    if (values.json) {
      world.stdout.write(`${JSON.stringify(report)}\n`)
    } else if (report.available) {
      const kind = report.isFallback ? 'a software adapter: works, slowly' : 'a GPU'
      const limits = Object.entries(report.limits).map(
        ([name, value]) =>
          `  ${name.padEnd(36)} ${/size/i.test(name) ? formatBytes(value) : formatCount(value)}`,
      )
      world.stdout.write(
        [
          `${report.description || report.vendor} (${report.vendor} ${report.architecture}), ${kind}`,
          `features: ${report.features.join(', ') || 'none'}`,
          'limits:',
          ...limits,
          '',
        ].join('\n'),
      )
    } else {
      world.stdout.write(`No GPU can be used here: ${report.hint}\nThe built-in model runs on the CPU.\n`)
    }
    return report.available ? 0 : 1
  },
}
