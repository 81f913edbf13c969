import { reportOf, type Run } from '../../engine/compare/race.ts'

/** A row for each moment of each side; spreadsheets and scripts read it. */
export function asCsv(runs: readonly Run[]): string {
  const head = 'side,tokens,phase,state_bytes,ms_per_token,first_token_ms'
  const rows = runs.flatMap(({ name, series }) =>
    series.map(({ position, phase, stateBytes, msPerToken, firstTokenMs }) =>
      [quoted(name), position, phase, stateBytes ?? '', msPerToken ?? '', firstTokenMs ?? ''].join(','),
    ),
  )
  return `${[head, ...rows].join('\r\n')}\r\n`
}

/** As `plateau compare --json` prints it, and the question. */
export function asJson(runs: readonly Run[], question: string): string {
  const [left, right] = runs.map(reportOf)
  return `${JSON.stringify({ question, left, right }, null, 1)}\n`
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
