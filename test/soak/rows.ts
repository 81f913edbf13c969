/** The share of the full counts that is run: `SHARE=0.01 npm run soak` for a short one. */
const SHARE = Number(process.env['SHARE'] ?? 1)

/** How often to do what is done `full` times in a whole soak. */
export function times(full: number): number {
  return Math.max(1, Math.round(full * SHARE))
}

/** A row of the table: what, how often, what was found. */
export function row(what: string, done: number | string, ...found: readonly (string | number)[]): void {
  process.stdout.write(`| ${[what, done, ...found].join(' | ')} |\n`)
}
