import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Conversations } from '../../electron/conversations.ts'
import { nodeDisk } from '../../electron/disk.ts'
import { fold, foldWithPlaces } from '../../electron/fold.ts'
import { closeConversations, OPENED, temporaryFolder, testConversations } from '../support/test-bridge.ts'

afterEach(async () => {
  vi.restoreAllMocks()
  await closeConversations()
})

let time = 1000
async function told(conversations: Conversations, text: string, title = ''): Promise<string> {
  const id = conversations.newId()
  await conversations.add(id, [
    OPENED,
    { type: 'user', node: 1, parent: null, text: 'Good evening', time: (time += 1000), aside: false },
    { type: 'user', node: 2, parent: 1, text, time, aside: false },
    { type: 'title', title },
  ])
  return id
}

const ids = async (conversations: Conversations, query: string) =>
  (await conversations.search(query)).map(({ id }) => id)

describe('search', () => {
  test('finds all words in any order, by parts, without case or accents, titles first and then the newest', async () => {
    const conversations = await testConversations()
    const lake = await told(conversations, 'The lake of Como is deep; we met at the Café.')
    const again = await told(conversations, 'Which lake was it?')
    const titled = await told(conversations, 'nothing of it', 'Lakes')
    await told(conversations, 'something else')
    expect(await ids(conversations, 'LAKE')).toEqual([titled, again, lake])
    expect(await ids(conversations, 'cafe lak')).toEqual([lake])
    expect(await ids(conversations, 'lake sea')).toEqual([])
    expect(await ids(conversations, '  ')).toEqual([])
    const [found] = await conversations.search('café')
    expect(found).toEqual({ id: lake, excerpt: expect.stringContaining('at the Café.') as string })
  })

  test('knows what was just said, and no longer what was deleted', async () => {
    const folder = temporaryFolder()
    const conversations = await testConversations(folder)
    const id = await told(conversations, 'one')
    expect(await ids(conversations, 'herring')).toEqual([])
    await conversations.add(id, [{ type: 'user', node: 3, parent: 2, text: 'a herring', time, aside: false }])
    expect(await ids(conversations, 'herring')).toEqual([id])
    await conversations.close()
    expect(readFileSync(join(folder, 'texts.json'), 'utf8')).toContain('herring')
    await conversations.remove(id)
    expect(await ids(conversations, 'herring')).toEqual([])
    await conversations.close()
    expect(readFileSync(join(folder, 'texts.json'), 'utf8')).not.toContain('herring')
  })

  test('reads no journal whose text is noted, and all of them when the note is no good', async () => {
    const folder = temporaryFolder()
    const first = await testConversations(folder)
    for (let i = 0; i < 5; i++) await told(first, `number ${i}`)
    await first.search('')
    await first.close()
    const read = vi.spyOn(nodeDisk, 'read')
    const journals = () => read.mock.calls.filter(([path]) => path.endsWith('.journal')).length
    const next = await testConversations(folder)
    expect(await ids(next, 'zebra')).toEqual([])
    expect(journals()).toBe(0)
    for (const note of ['', '[[]]', '{"a":1}', '[["x",1,2]]']) {
      writeFileSync(join(folder, 'texts.json'), note)
      expect(await ids(await testConversations(folder), 'number 3')).toHaveLength(1)
    }
  })

  test('finds the same places in folded text as in the text', () => {
    const text = 'Ångström, ﬁsh and \u{1F41F} in Zürich'
    const { folded, places } = foldWithPlaces(text)
    expect(folded).toBe(fold(text))
    expect(text.slice(places[folded.indexOf('zurich')])).toBe('Zürich')
    expect(text.slice(places[folded.indexOf('sh and')])).toBe('sh and \u{1F41F} in Zürich')
  })
})
