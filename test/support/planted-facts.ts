import { drawWorld, type Fact } from '../../engine/recall/facts.ts'
import { pagesOfText } from '../../engine/documents/paging.ts'
import { pageAt } from '../../engine/documents/document.ts'
import { seeded } from './numerics.ts'

export interface Planted extends Fact {
  /** where its sentence begins, and the page that is */
  readonly start: number
  readonly page: number
}

export interface PlantedText {
  readonly text: string
  readonly facts: readonly Planted[]
  /** of the same kinds, about things of which the text says nothing */
  readonly untold: readonly Fact[]
}

/** A text with facts at the ends of its paragraphs, evenly spread; none about the reader, whom a book does not know. */
export function plant(text: string, count: number, seed: number): PlantedText {
  const random = seeded(seed)
  const drawn = drawWorld(random, count * 3, count, false)
  const aboutOthers = ({ tell }: Fact) => !/^(My|I)\b/.test(tell)
  const facts = drawn.told.filter(aboutOthers).slice(0, count)
  const ends = [...text.matchAll(/[.!?]["”]?(?=\r?\n\r?\n)/g)].map((end) => end.index + end[0].length)
  const step = ends.length / facts.length
  let grown = ''
  let from = 0
  const starts = facts.map(({ tell }, i) => {
    const at = ends[Math.floor((i + random()) * step)] ?? text.length
    grown += `${text.slice(from, at)} `
    from = at
    const start = grown.length
    grown += tell
    return start
  })
  grown += text.slice(from)
  const pages = pagesOfText(grown)
  return {
    text: grown,
    facts: facts.map((fact, i) => {
      const start = starts[i] ?? 0
      return { ...fact, start, page: pageAt({ pages }, start) }
    }),
    untold: drawn.untold.filter(aboutOthers),
  }
}
