/** End the process once what it printed has been taken: Dawn's threads would keep it alive. */
export function leave(code: number): void {
  process.stdout.write('', (error) => {
    // Whoever listens for the failure of stdout ends the process.
    if (!error) process.stderr.write('', () => process.exit(code))
  })
}
