/** What is in the program, as its build wrote it down. */
export interface Licences {
  readonly version: string
  /** Plateau's own licence */
  readonly own: string
  readonly packages: readonly {
    readonly name: string
    readonly version: string
    readonly licence: string
    /** of its licence file; empty where it brings none */
    readonly text: string
  }[]
}

/** @throws {Error} there is no such list */
export async function readLicences(address: URL): Promise<Licences> {
  const answer = await fetch(address)
  if (!answer.ok) throw new Error(`no list: ${answer.status}`)
  return (await answer.json()) as Licences
}
