const PIECES = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]/g

/**
 * `JSON.parse` that refuses an object naming a key twice, where `JSON.parse` keeps the last one.
 *
 * @throws {SyntaxError} the text is not JSON, or a key is named twice
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  // The text is JSON from here on, so strings and brackets are all that must be told apart.
  const open: (Set<string> | null)[] = []
  for (const { 0: piece, index } of text.matchAll(PIECES)) {
    if (piece === '{') open.push(new Set())
    else if (piece === '[') open.push(null)
    else if (piece === '}' || piece === ']') open.pop()
    else if (isKey(text, index + piece.length)) {
      const keys = open.at(-1)
      const key = JSON.parse(piece) as string
      if (keys?.has(key)) throw new SyntaxError(`the key ${piece} is named twice`)
      keys?.add(key)
    }
  }
  return value
}

function isKey(text: string, position: number): boolean {
  let next = position
  while (' \t\r\n'.includes(text.charAt(next)) && next < text.length) next++
  return text.charAt(next) === ':'
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
