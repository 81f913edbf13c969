/** What pdf.js 6 takes for granted and Node 20 does not have: one function, and classes that only drawing would use. */
type Resolvers = typeof Promise.withResolvers

const withResolvers: Resolvers = <T>() => {
  let resolve: (value: T | PromiseLike<T>) => void = () => undefined
  let reject: (reason?: unknown) => void = () => undefined
  const promise = new Promise<T>((accept, refuse) => {
    resolve = accept
    reject = refuse
  })
  return { promise, resolve, reject }
}

/** Fill in what is missing, before pdf.js is loaded. */
export function fillInForPdf(): void {
  for (const name of ['DOMMatrix', 'Path2D', 'ImageData'])
    if (!(name in globalThis)) Object.assign(globalThis, { [name]: Unused })
  if (!('withResolvers' in Promise)) Object.assign(Promise, { withResolvers })
}

function Unused(): void {
  // Made once when pdf.js is loaded, and never looked at: text is not drawn.
}
