import { createStore, get, set } from 'idb-keyval'

/** Votes by what was voted for: the names of sides, and `''` for no difference. */
export type Tally = Readonly<Record<string, number>>

const KEY = 'votes'
const store = createStore('plateau-compare', 'tally')

export async function readTally(): Promise<Tally> {
  try {
    return asTally(await get<unknown>(KEY, store))
  } catch {
    return {}
  }
}

/** With one vote more; what cannot be kept still counts until the window closes. */
export async function addVote(tally: Tally, name: string): Promise<Tally> {
  const counted = { ...tally, [name]: (tally[name] ?? 0) + 1 }
  try {
    await set(KEY, counted, store)
  } catch {
    // A private window keeps nothing.
  }
  return counted
}

function asTally(stored: unknown): Tally {
  if (typeof stored !== 'object' || stored === null) return {}
  return Object.fromEntries(
    Object.entries(stored).filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1])),
  )
}
