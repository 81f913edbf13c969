import type { Page } from 'playwright-core'
import type { Conversations } from '../../electron/conversations.ts'
import type { Entry } from '../../electron/entries.ts'
import { seeded } from './numerics.ts'
import { OPENED } from './test-bridge.ts'

const WORDS = 'rain harbour letter evening garden music winter bread river window friend lamp'.split(' ')

/** A kept chat of so many messages of so many words, questions and answers in Markdown by turns; its id. */
export async function longChat(
  conversations: Conversations,
  messages: number,
  words: number,
): Promise<string> {
  const random = seeded(37)
  const entries: Entry[] = [OPENED]
  const time = Date.now()
  for (let node = 1; node <= messages; node++) {
    const some = (count: number) =>
      Array.from({ length: count }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ')
    const parent = node === 1 ? null : node - 1
    if (node % 2 === 1) {
      entries.push({ type: 'user', node, parent, text: `Number ${node}: ${some(words)}`, time, aside: false })
      continue
    }
    const part = Math.floor(words / 6)
    const text = [
      `Number ${node}: **${some(4)}** ${some(part)}.`,
      `## ${some(5)}`,
      `- ${some(part)}\n- \`${some(3)}\` ${some(part)}`,
      some(2 * part),
      `| ${some(1)} | ${some(1)} |\n| --- | --- |\n| ${some(4)} | ${some(4)} |`,
      '```js\nconst lamp = [1, 2, 3].map((each) => each + 1)\n```',
      some(part),
    ].join('\n\n')
    entries.push(
      { type: 'reply', node, parent: node - 1, time },
      { type: 'text', node, text },
      { type: 'end', node, reason: 'stop', memory: null },
    )
  }
  const id = conversations.newId()
  await conversations.add(id, [...entries, { type: 'title', title: 'A long chat' }])
  await conversations.closeConversation(id)
  return id
}

/** Count, from now on, what changes in the blocks of the answer that is written: in its last two, and elsewhere. */
export async function watchBlocks(page: Page): Promise<() => Promise<unknown>> {
  await page.evaluate(() => {
    const counts = { last: 0, others: 0 }
    const { dataset } = document.body
    const there = new Set(document.querySelectorAll('main .words'))
    new MutationObserver((records) => {
      for (const { target } of records) {
        const element = target instanceof Element ? target : target.parentElement
        const words = element?.closest('.words')
        if (!words || element === words) continue
        const isNew = !there.has(words) && words.closest('li')?.matches(':last-child')
        // A row that comes into sight is made, not changed.
        if (!isNew && !there.has(words)) continue
        const blocks = [...words.children]
        const at = blocks.findIndex((block) => block.contains(element))
        // One delta can end a block and begin the next.
        const isLast = isNew && at >= blocks.length - 2
        counts[isLast ? 'last' : 'others']++
      }
      dataset['changed'] = JSON.stringify(counts)
    }).observe(document.querySelector('main')!, { subtree: true, childList: true, characterData: true })
  })
  return () => page.evaluate(() => JSON.parse(document.body.dataset['changed'] ?? '{}') as unknown)
}
