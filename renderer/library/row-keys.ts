export interface RowActions {
  readonly onedit: () => void
  readonly ondelete: () => void
  readonly onstep: (by: -1 | 1) => void
}

/** What the keys do on every row of the list: rename, delete, move. False where a key means nothing here. */
export function onRowKey(event: KeyboardEvent, { onedit, ondelete, onstep }: RowActions): boolean {
  if (event.key === 'F2') onedit()
  else if (event.key === 'Delete') ondelete()
  else if (event.altKey && event.key === 'ArrowUp') onstep(-1)
  else if (event.altKey && event.key === 'ArrowDown') onstep(1)
  else return false
  return true
}
