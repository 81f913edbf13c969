/** Offer bytes or text as a file to keep. */
export function saveFile(name: string, content: Uint8Array<ArrayBuffer> | string | Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content]))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
