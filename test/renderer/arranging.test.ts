import { afterEach, describe, expect, test } from 'vitest'
import type { ConversationSummary } from '../../electron/bridge.ts'
import { Arranging } from '../../renderer/library/arranging.svelte.ts'
import { put, sectionsOf } from '../../renderer/library/sections.ts'
import { openWindow, showWindow, testClaims } from '../support/kept-window.ts'
import { closeConversations, OPENED, temporaryFolder } from '../support/test-bridge.ts'

afterEach(closeConversations)

/** The list as it is shown: a line for each section. */
function lines({ sections }: Arranging): string[] {
  return sections.map((section) => {
    const name = section.kind === 'folder' ? section.folder.name : section.kind
    return `${name}: ${section.chats.map(({ title }) => title).join(' ')}`
  })
}

/** A window whose list has these chats, the newest first. */
async function windowWith(...titles: readonly string[]) {
  const window = await openWindow(temporaryFolder())
  const conversations = window.chat.conversations!
  const ids: Record<string, string> = {}
  for (const [i, title] of [...titles].reverse().entries()) {
    const id = window.conversations.newId()
    ids[title] = id
    await window.conversations.add(id, [
      OPENED,
      { type: 'user', node: 1, parent: null, text: title, time: 10_000 + i, aside: false },
    ])
    await window.conversations.closeConversation(id)
  }
  await conversations.refresh()
  return { ...window, list: conversations, arranging: new Arranging(conversations), ids }
}

describe('the list of chats', () => {
  test('is walked through up and down, from section to section, and each step is told', async () => {
    const { arranging, ids } = await windowWith('a', 'b', 'c', 'd')
    await arranging.step(ids['a']!, -1)
    expect(arranging.announcement).toBe('It is the first already.')
    await arranging.step(ids['a']!, 1)
    expect(lines(arranging)).toEqual(['others: b a c d'])
    expect(arranging.announcement).toBe('a in Chats: 2 of 4')
    await arranging.step(ids['d']!, -1)
    await arranging.step(ids['d']!, -1)
    await arranging.step(ids['d']!, 1)
    expect(lines(arranging)).toEqual(['others: b a d c'])
    await arranging.step(ids['b']!, 1)
    await arranging.step(ids['b']!, 1)
    await arranging.step(ids['b']!, 1)
    expect(lines(arranging)).toEqual(['others: a d c b'])
    await arranging.step(ids['b']!, 1)
    expect(arranging.announcement).toBe('It is the last already.')

    await arranging.pin(ids['c']!, true)
    await arranging.newFolder([ids['d']!])
    expect(lines(arranging)).toEqual(['pinned: c', 'New folder: d', 'others: a b'])
    await arranging.step(ids['a']!, -1)
    expect(arranging.announcement).toBe('a in New folder: 2 of 2')
    await arranging.step(ids['a']!, -1)
    await arranging.step(ids['a']!, -1)
    expect(lines(arranging)).toEqual(['pinned: c a', 'New folder: d', 'others: b'])
    await arranging.step(ids['c']!, 1)
    await arranging.step(ids['c']!, 1)
    await arranging.step(ids['c']!, 1)
    await arranging.step(ids['c']!, 1)
    expect(lines(arranging)).toEqual(['pinned: a', 'New folder: d', 'others: c b'])
  })

  test('has folders that are made, named, ordered, closed and removed, which leaves the chats and can be undone', async () => {
    const { arranging, ids } = await windowWith('a', 'b', 'c')
    const work = await arranging.newFolder([])
    const home = await arranging.newFolder([ids['b']!])
    expect(lines(arranging)).toEqual(['New folder: ', 'New folder 2: b', 'others: a c'])
    await arranging.renameFolder(work!, ' Work ')
    await arranging.stepFolder(home!, -1)
    expect(arranging.announcement).toBe('Folder New folder 2: 1 of 2')
    await arranging.stepFolder(home!, -1)
    await arranging.openFolder(work!, false)
    await arranging.file(ids['c']!, work)
    expect(arranging.folders.find(({ name }) => name === 'Work')?.open).toBe(true)
    expect(lines(arranging)).toEqual(['New folder 2: b', 'Work: c', 'others: a'])
    await arranging.removeFolder(arranging.folders[1]!)
    expect(lines(arranging)).toEqual(['New folder 2: b', 'others: a c'])
    await arranging.undoRemoval()
    expect(lines(arranging)).toEqual(['New folder 2: b', 'Work: c', 'others: a'])
    // At its old place, closed as it was; what was put elsewhere meanwhile stays there.
    await arranging.file(ids['a']!, arranging.folders[0]!)
    await arranging.openFolder(arranging.folders[0]!, false)
    await arranging.removeFolder(arranging.folders[0]!)
    await arranging.pin(ids['a']!, true)
    expect((await arranging.undoRemoval())?.open).toBe(false)
    expect(lines(arranging)).toEqual(['pinned: a', 'New folder 2: b', 'Work: c', 'others: '])
    await arranging.pin(ids['a']!, false)
    await arranging.file(ids['c']!, null)
    expect(lines(arranging).at(-1)).toBe('others: a c')
  })

  test('stands the same after a restart, in another window, and after a deletion is undone', async () => {
    const { arranging, ids, list, bridge, conversations } = await windowWith('a', 'b', 'c', 'd')
    const other = showWindow(bridge, testClaims()).chat.conversations!
    const elsewhere = new Arranging(other)
    await arranging.pin(ids['d']!, true)
    await arranging.newFolder([ids['c']!, ids['b']!])
    await other.refresh()
    expect(lines(elsewhere)).toEqual(lines(arranging))
    // Each window changes what the other has not read yet.
    await arranging.pin(ids['a']!, true)
    await elsewhere.renameFolder(elsewhere.folders[0]!, 'Work')
    await list.refresh()
    expect(lines(arranging)).toEqual(['pinned: d a', 'Work: c b', 'others: '])
    await list.remove(ids['c']!)
    expect(lines(arranging)).toEqual(['pinned: d a', 'Work: b', 'others: '])
    await list.undo()
    await conversations.close()
    const again = await openWindow(conversations.folder)
    expect(lines(new Arranging(again.chat.conversations!))).toEqual(['pinned: d a', 'Work: c b', 'others: '])
  })

  test('a chat that was put elsewhere stays there until something is said in it again', () => {
    const chat = (id: string, updated: number): ConversationSummary => ({
      id,
      title: id,
      created: 0,
      updated,
      messages: 1,
    })
    const moved = [{ id: 'a', place: 15, since: 30 }]
    const order = (...chats: ConversationSummary[]) =>
      sectionsOf(chats, { pinned: [], folders: [], moved })[0]!.chats.map(({ id }) => id)
    expect(order(chat('a', 30), chat('b', 20), chat('c', 10))).toEqual(['b', 'a', 'c'])
    expect(order(chat('a', 40), chat('b', 20), chat('c', 10))).toEqual(['a', 'b', 'c'])
    expect(order(chat('new', 50), chat('a', 30), chat('b', 20))).toEqual(['new', 'b', 'a'])
    const [others] = sectionsOf([chat('b', 20)], { pinned: [], folders: [], moved })
    expect(put(others!, chat('b', 20), null)).toEqual({ type: 'free', chat: 'b', place: null })
  })

  test('a folder that another window removed meanwhile is said to be gone', async () => {
    const { arranging, bridge, list, ids } = await windowWith('a')
    const folder = await arranging.newFolder([])
    await bridge.arrange({ change: { type: 'remove-folder', folder: folder!.id } })
    await arranging.file(ids['a']!, folder)
    expect(list.problem).toBe('The folder is no longer there.')
  })
})
