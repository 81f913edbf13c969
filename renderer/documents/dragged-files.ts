/** The files that are dragged or dropped, none before they are let go of; `null` for what is no file, as text. */
export function draggedFiles({ dataTransfer }: DragEvent): readonly File[] | null {
  return dataTransfer?.types.includes('Files') ? [...dataTransfer.files] : null
}
