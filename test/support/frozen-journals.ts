import type { Entry } from '../../electron/entries.ts'
import { OPENED } from './test-bridge.ts'

/** What test/golden/journal-1.journal says. */
export const ENTRIES: readonly Entry[] = [
  OPENED,
  { type: 'user', node: 1, parent: null, text: 'Hello \u{1F33F}', time: 2_000, aside: false },
  { type: 'reply', node: 2, parent: 1, time: 2_500 },
  { type: 'text', node: 2, text: 'Good ' },
  { type: 'text', node: 2, text: 'morning.' },
  { type: 'end', node: 2, reason: 'stop', memory: { position: 31, tokens: 'ab12', stateBytes: 380_928 } },
  { type: 'document', node: 3, parent: 2, name: 'notes.txt', text: 'Rain.', time: 3_000 },
  { type: 'user', node: 4, parent: 3, text: 'And?', time: 4_000, aside: true },
  { type: 'reply', node: 5, parent: 4, time: 4_100 },
  { type: 'end', node: 5, reason: 'abort', memory: null },
  { type: 'user', node: 6, parent: 3, text: 'gone', time: 5_000, aside: false },
  { type: 'forget', node: 6 },
  { type: 'head', node: 2 },
  { type: 'title', title: 'A morning' },
]

/** What test/golden/journal-2.journal says. */
export const ENTRIES_2: readonly Entry[] = [
  {
    type: 'opened',
    created: 1_000,
    model: 'pocket',
    options: { attention: 'nha', window: 'lean', system: 'Be brief.' },
  },
  { type: 'look-up', on: false },
  {
    type: 'document',
    node: 1,
    parent: null,
    name: 'notes.txt',
    text: 'Rain.\fThe gate is green.',
    time: 2_000,
  },
  {
    type: 'user',
    node: 2,
    parent: 1,
    text: 'Which colour is the gate?',
    time: 3_000,
    aside: false,
    lookedUp: [{ node: 1, name: 'notes.txt', page: 2, quote: 'The gate is green.' }],
  },
  { type: 'reply', node: 3, parent: 2, time: 3_100 },
  { type: 'text', node: 3, text: 'Green \u{1F33F}.' },
  { type: 'end', node: 3, reason: 'length', memory: { position: 64, tokens: 'cd34', stateBytes: 380_928 } },
  { type: 'user', node: 4, parent: 3, text: 'And the wall?', time: 4_000, aside: true },
  { type: 'reply', node: 5, parent: 4, time: 4_100 },
  { type: 'end', node: 5, reason: 'failed', memory: null },
  { type: 'look-up', on: true },
  { type: 'head', node: 1 },
]

/** What test/golden/journal-3.journal says. */
export const ENTRIES_3: readonly Entry[] = [
  OPENED,
  { type: 'writer', by: { model: 'large', host: 'gpu.example:8000' } },
  { type: 'user', node: 1, parent: null, text: 'Who are you?', time: 2_000, aside: false },
  { type: 'reply', node: 2, parent: 1, time: 2_100, by: { model: 'large', host: 'gpu.example:8000' } },
  { type: 'text', node: 2, text: 'Another \u{1F33F}.' },
  { type: 'end', node: 2, reason: 'stop', memory: null },
  { type: 'writer', by: null },
  { type: 'user', node: 3, parent: 2, text: 'And you?', time: 3_000, aside: false },
  { type: 'reply', node: 4, parent: 3, time: 3_100 },
  { type: 'text', node: 4, text: 'Pocket.' },
  { type: 'end', node: 4, reason: 'stop', memory: { position: 58, tokens: 'ef56', stateBytes: 380_928 } },
]

/** What test/golden/journal-4.journal says. */
export const ENTRIES_4: readonly Entry[] = [
  OPENED,
  { type: 'user', node: 1, parent: null, text: 'Say it again \u{1F33F}', time: 2_000, aside: false },
  { type: 'reply', node: 2, parent: 1, time: 2_100 },
  { type: 'text', node: 2, text: 'Again, again, again, again, again' },
  { type: 'end', node: 2, reason: 'loop', memory: { position: 300, tokens: 'ab78', stateBytes: 565_248 } },
]
