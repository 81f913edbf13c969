/**
 * Bring the rows of whole heads from rotated pairs into halves: what llama.cpp's converter does to Llama's q and k,
 * undone. Its row 2·i + j of a head is row i + j·D/2 here.
 *
 * @param bytes whole heads, D rows each
 */
export function unpairRows(
  bytes: Uint8Array<ArrayBuffer>,
  rowBytes: number,
  headDim: number,
): Uint8Array<ArrayBuffer> {
  const ordered = new Uint8Array(bytes.length)
  const rows = bytes.length / rowBytes
  for (let row = 0; row < rows; row++) {
    const inHead = row % headDim
    const target = row - inHead + (inHead >> 1) + (inHead & 1) * (headDim / 2)
    ordered.set(bytes.subarray(row * rowBytes, (row + 1) * rowBytes), target * rowBytes)
  }
  return ordered
}
