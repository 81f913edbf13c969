import { expect, test } from 'vitest'
import { decodeEntry, encodeEntry, type Entry, parseEntry } from '../../electron/entries.ts'
import { buildTranscript, TranscriptBuilder } from '../../electron/transcript.ts'
import { OPENED } from '../support/test-bridge.ts'

const DOCUMENT = { type: 'document', node: 1, parent: null, name: 'a.pdf', text: 'Rain.', time: 2 } as const
const KNOWN = { tokens: 12, notes: ['No text, perhaps pictures: page 2.'] }

test('what is known of how a document was read is kept with it, also when its journal is written anew', () => {
  const entry: Entry = { ...DOCUMENT, ...KNOWN }
  expect(decodeEntry(encodeEntry(entry))).toEqual(entry)
  const builder = buildTranscript([OPENED, entry].map(encodeEntry))
  expect(builder.transcript.nodes[0]).toMatchObject(KNOWN)
  const anew = new TranscriptBuilder()
  for (const each of builder.compacted()) expect(anew.apply(each)).toBe(true)
  expect(anew.transcript).toEqual(builder.transcript)
})

test('a document of which nothing is known has no more fields than before', () => {
  expect(decodeEntry(encodeEntry(DOCUMENT))).toEqual(DOCUMENT)
  const [node] = buildTranscript([OPENED, DOCUMENT].map(encodeEntry)).transcript.nodes
  expect(Object.keys(node ?? {})).not.toEqual(expect.arrayContaining(['tokens']))
})

test.each([
  [{ tokens: -1 }, {}],
  [{ tokens: '12', notes: 'all' }, {}],
  [{ tokens: 1.5, notes: [1, 'One.', null, 'x'.repeat(3000)] }, { notes: ['One.'] }],
  [
    { notes: Array.from({ length: 100 }, (_, i) => `${i}`) },
    { notes: Array.from({ length: 20 }, (_, i) => `${i}`) },
  ],
])('what is no such thing is not known, and the document is there: %j', (fields, known) => {
  expect(parseEntry({ ...DOCUMENT, ...fields })).toEqual({ ...DOCUMENT, ...known })
})
