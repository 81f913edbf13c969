import { m } from '#messages'
import type { Writer } from '../../electron/entries.ts'
import type { TranscriptNode } from '../../electron/transcript.ts'

/** An exchange, a document, or a question without an answer: one row of the map. */
interface MapRow {
  /** the node one stands at after it */
  readonly node: number
  readonly asked: string
  readonly answered: string
  /** the server elsewhere that wrote the answer */
  readonly by: Writer | null
  /** the column its dot stands in: a branch keeps its own */
  readonly lane: number
  /** the row it goes on from; `null` at the beginning */
  readonly from: number | null
  readonly time: number
}

/**
 * All branches of a conversation, oldest row first, as the rails of a railway: what goes on from a row keeps its lane, and
 * each further branch from there gets a lane of its own. Asides lead nowhere and are left out.
 */
export function branchMap(nodes: readonly TranscriptNode[]): MapRow[] {
  const byNode = new Map(nodes.map((each) => [each.node, each]))
  const answeredQuestions = new Set(nodes.map(({ parent }) => parent))
  const rows: MapRow[] = []
  const rowOf = new Map<number, number>()
  const goneOn = new Set<number | null>()
  let lanes = 0
  for (const each of nodes) {
    if (each.aside || (each.kind === 'user' && answeredQuestions.has(each.node))) continue
    const question = each.kind === 'reply' ? byNode.get(each.parent ?? 0) : undefined
    const before = (question ?? each).parent
    const from = before === null ? null : (rowOf.get(before) ?? null)
    const lane = goneOn.has(from) || from === null ? lanes++ : (rows[from]?.lane ?? 0)
    goneOn.add(from)
    rowOf.set(each.node, rows.length)
    rows.push({
      node: each.node,
      asked:
        question?.text ?? (each.kind === 'document' ? m.chat_read_document({ name: each.name }) : each.text),
      answered: each.kind === 'reply' ? each.text : '',
      by: each.by ?? null,
      lane,
      from,
      time: each.time,
    })
  }
  return rows
}
