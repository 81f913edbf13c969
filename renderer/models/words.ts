import type { Arrival } from '../../electron/models/model-bridge.ts'
import { formatBytes } from '../state/format.ts'

const FORMATS: Readonly<Record<string, string>> = {
  q4: '4-bit',
  q8: '8-bit',
  f16: '16-bit',
  bf16: '16-bit',
  f32: '32-bit',
}

/** How weights are stored; GGUF's own names stay, for those who chose them know them. */
export function formatWords(format: string): string {
  return FORMATS[format.toLowerCase()] ?? format
}

/** `40 s left`, `3 min left`, `2.5 h left`. */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s left`
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min left`
  return `${(seconds / 3600).toFixed(1)} h left`
}

const STEPS: Readonly<Record<Arrival['status'], string>> = {
  fetching: 'Fetching',
  waiting: 'Waiting for its turn',
  converting: 'Rounding the weights',
  paused: 'Paused',
  failed: 'Stopped',
}

/** What a model on its way is doing, with numbers where there are any. */
export function arrivalWords(arrival: Arrival): string {
  const { status, bytes, totalBytes, bytesPerSecond, secondsLeft } = arrival
  const amount =
    bytes === 0 && totalBytes === null
      ? ''
      : `${formatBytes(bytes)}${totalBytes === null ? '' : ` of ${formatBytes(totalBytes)}`}`
  const isMoving = status === 'fetching' || status === 'converting'
  return [
    STEPS[status],
    amount,
    isMoving && bytesPerSecond > 0 ? `${formatBytes(Math.round(bytesPerSecond))}/s` : '',
    isMoving && secondsLeft !== null ? formatTimeLeft(secondsLeft) : '',
  ]
    .filter(Boolean)
    .join(' · ')
}
