import { m } from '#messages'
import type { Arrival, FitWords } from '../../electron/models/model-bridge.ts'
import { formatBytes, formatFixed } from '../state/format.ts'

const BITS: Readonly<Record<string, number>> = {
  q4: 4,
  q8: 8,
  f16: 16,
  bf16: 16,
  f32: 32,
}

/** How weights are stored; GGUF's own names stay, for those who chose them know them. */
export function formatWords(format: string): string {
  const bits = BITS[format.toLowerCase()]
  return bits === undefined ? format : m.models_format({ bits })
}

/** `40 s left`, `3 min left`, `2.5 h left`. */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 90) return m.models_seconds_left({ time: Math.max(1, Math.round(seconds)) })
  if (seconds < 90 * 60) return m.models_minutes_left({ time: Math.round(seconds / 60) })
  return m.models_hours_left({ time: formatFixed(seconds / 3600, 1) })
}

const STEPS = {
  fetching: m.models_fetching,
  waiting: m.models_waiting,
  converting: m.models_converting,
  fitting: m.models_fitting,
  paused: m.models_paused,
  failed: m.models_failed,
} as const satisfies Record<Arrival['status'], unknown>

/** What a model on its way is doing, with numbers where there are any. */
export function arrivalWords(arrival: Arrival): string {
  const { status, bytes, totalBytes, bytesPerSecond, secondsLeft } = arrival
  if (arrival.fit) return fitWords(arrival, arrival.fit)
  const amount =
    bytes === 0 && totalBytes === null
      ? ''
      : totalBytes === null
        ? formatBytes(bytes)
        : m.models_amount({ done: formatBytes(bytes), total: formatBytes(totalBytes) })
  const isMoving = status === 'fetching' || status === 'converting'
  return [
    STEPS[status](),
    amount,
    isMoving && bytesPerSecond > 0 ? `${formatBytes(Math.round(bytesPerSecond))}/s` : '',
    isMoving && secondsLeft !== null ? formatTimeLeft(secondsLeft) : '',
  ]
    .filter(Boolean)
    .join(' · ')
}

/** Steps are not bytes: what they come to is said as the loss of the last ones. */
function fitWords({ status, secondsLeft }: Arrival, fit: FitWords): string {
  const loss = fit.losses.at(-1)
  return [
    status === 'fitting' ? phaseWords(fit) : STEPS[status](),
    loss === undefined ? '' : m.models_loss({ loss: formatFixed(loss, 3) }),
    status === 'fitting' && secondsLeft !== null ? formatTimeLeft(secondsLeft) : '',
  ]
    .filter(Boolean)
    .join(' · ')
}

const PHASES = {
  ranking: m.models_fit_ranking,
  gates: m.models_fit_gates,
  adapters: m.models_fit_adapters,
  measuring: m.models_fit_measuring,
  asking: m.models_fit_asking,
} as const satisfies Record<FitWords['phase'], unknown>

function phaseWords({ phase }: FitWords): string {
  return PHASES[phase]()
}
