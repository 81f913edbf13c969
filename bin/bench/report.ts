import { cpus, loadavg } from 'node:os'
import type { EngineInfo } from '../../engine/protocol.ts'
import { formatBytes, formatCount } from '../format.ts'
import type { KernelRow } from './kernels.ts'
import type { Entry } from './measure.ts'
import { flatnessOf, ratiosOf, type Row, rowsOf, type Subject } from './rows.ts'

/** Dispatches of a token outside the layers: feeding it, embedding, its weighing, head, selection. */
const ENDS = 5

export type Report = ReturnType<typeof describe>

/** What a run found, as `--json` prints it. */
export function describe(
  info: EngineInfo,
  subject: Subject,
  entries: readonly Entry[],
  found: {
    readonly copyBandwidth: number
    readonly loadMilliseconds: number
    readonly versions: Versions
    readonly kernels: readonly KernelRow[]
  },
) {
  const machine = {
    adapter: info.gpu.description || 'CPU reference',
    backend: info.backend,
    copyGigabytesPerSecond: Math.round(found.copyBandwidth / 1e8) / 10,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    loadAverage: loadavg()[0],
    ...found.versions,
  }
  const ours = entries.filter(({ contestant }) => contestant.engine === 'plateau')
  const dispatchesPerToken =
    ours[0]?.timings.find(({ task }) => task.phase === 'decode')?.prepared.dispatches ?? 0
  return {
    machine,
    model: `${subject.shape}, ${subject.quant}`,
    weightBytes: info.weightBytes,
    loadMilliseconds: found.loadMilliseconds,
    /** ms per token at the last position ÷ at the first */
    flatness: ours.flatMap((entry) => {
      const { attention, place } = entry.contestant
      const ratio = flatnessOf(entry)
      return ratio === null ? [] : [{ attention, place, ratio }]
    }),
    dispatchesPerToken,
    dispatchesPerLayer: Math.round((10 * Math.max(0, dispatchesPerToken - ENDS)) / info.windows.length) / 10,
    ratios: ratiosOf(entries),
    kernels: found.kernels,
    rows: entries.flatMap((entry) => rowsOf(entry, subject, found.copyBandwidth)),
  }
}

export type Versions = Readonly<Record<string, string>>

export function table(report: Report): string {
  const { machine, model, rows, flatness, ratios, dispatchesPerToken, dispatchesPerLayer, kernels } = report
  const versions = Object.entries(machine)
    .filter(([name]) => !['adapter', 'backend', 'copyGigabytesPerSecond', 'cpu', 'cores'].includes(name))
    .map(([name, value]) => `${name === 'loadAverage' ? 'load average' : name} ${value}`)
  const lines: string[] = []
  let heading = ''
  for (const row of rows) {
    const { engine, attention, backend } = row
    const next = `${engine}, ${attention} attention, on ${backend}${row.msPerToken === null || row.note === '' ? '' : ` (${row.note})`}`
    if (next !== heading && row.phase !== 'all' && row.msPerToken !== null && !isWhole(row)) {
      heading = next
      lines.push(next)
    }
    lines.push(line(row))
  }
  return `${model} on ${machine.adapter}, which copies ${machine.copyGigabytesPerSecond} GB/s
${machine.cpu}, ${machine.cores} cores, ${versions.join(', ')}
${lines.join('\n')}
dispatches: ${dispatchesPerToken} a token, ${dispatchesPerLayer} a layer
${flatness.map(({ attention, place, ratio }) => `ms/token at the last position ÷ at the first, ${attention} in ${place}: ${ratio.toFixed(2)}\n`).join('')}${ratios.map(({ phase, position, ours, other, ratio }) => `${phase} ${formatCount(position)}: ${other} takes ${ratio.toFixed(2)} times as long as ${ours}\n`).join('')}${kernels.map(kernelLine).join('')}`
}

function kernelLine(row: KernelRow): string {
  const { engine, kernel, rows, cols, tokens, format, milliseconds, gigabytesPerSecond, backend, note } = row
  const what = `${engine} ${kernel}, ${rows}x${cols} ${format}, ${tokens} ${tokens === 1 ? 'vector' : 'vectors'}`
  if (milliseconds === null) return `${what}: not measured: ${note}\n`
  return `${what}: ${milliseconds.toFixed(3)} ms, ${gigabytesPerSecond ?? 0} GB/s of weights, on ${backend}\n`
}

function isWhole({ phase }: Row): boolean {
  return phase === 'first-token' || phase === 'save' || phase === 'restore'
}

function line(row: Row): string {
  const { phase, position, msPerToken, range, tokensPerSecond, stateBytes } = row
  const what = {
    prefill: `prefill ${formatCount(position)}`,
    decode: `decode at ${formatCount(position)}`,
    'first-token': `first token of ${formatCount(position)}`,
    save: 'snapshot, save',
    restore: 'snapshot, restore',
    all: row.engine,
  }[phase]
  if (msPerToken === null || !range) return `  ${what.padEnd(20)} not measured by ${row.engine}: ${row.note}`
  const spread = `(${range[1].toFixed(2)}–${range[0].toFixed(2)})`
  const unit = isWhole(row) ? 'ms      ' : 'ms/token'
  const rate = tokensPerSecond === null ? ''.padEnd(15) : `${tokensPerSecond.toFixed(1).padStart(9)} tok/s`
  const state = stateBytes === null ? '' : `  state ${formatBytes(stateBytes)}`
  const percent = row.bandwidthPercent === null ? '' : `  ${row.bandwidthPercent} % of the copy`
  return `  ${what.padEnd(20)} ${rate} ${msPerToken.toFixed(2).padStart(10)} ${unit} ${spread}${state}${percent}`
}
