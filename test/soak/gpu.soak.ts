import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modelFolder } from '../../bin/model-folder.ts'
import { type Engine, loadEngine } from '../../engine/engine.ts'
import { capturingGpu } from '../support/gpu.ts'
import { OPTIONS } from '../support/memory-scripts.ts'
import { refuseChats, refuseLoading } from '../support/no-room.ts'
import { count } from './progress.ts'
import { row, times } from './rows.ts'

const POCKET = join(import.meta.dirname, '../../assets/pocket')
const LENGTH = 24
const { gpu, devices } = capturingGpu()
const load = () => loadEngine({ gpu, forceCpu: false, files: modelFolder(POCKET) })

/** Two turns of Pocket, drawn and not greedy; text and state. `onToken` hears of each token of the second. */
async function tell(engine: Engine, onToken: (token: number) => void) {
  const conversation = await engine.open(OPTIONS)
  let text = ''
  for (const [turn, message] of ['My name is Mira.', 'Tell me a story.'].entries()) {
    const request = { message, sampling: { temperature: 0.9, seed: 4 }, maxNewTokens: LENGTH }
    for await (const event of conversation.generate(request, new AbortController().signal)) {
      if (event.type !== 'delta') continue
      text += event.text
      if (turn === 1) onToken(event.newTokens)
    }
  }
  const snapshot = Buffer.from(await conversation.snapshot()).toString('base64')
  conversation.dispose()
  return { text, snapshot }
}

test('device.destroy() at random tokens of Pocket: the same text and the same state', async () => {
  const engine = await load()
  let last = 0
  const straight = await tell(engine, (token) => (last = token))
  const { done, wrong } = await count('device.destroy()', times(200), async (_, random) => {
    const before = devices.length
    const at = 1 + Math.floor(random() * (last - 1))
    const survived = await tell(engine, (token) => {
      // Not every token brings a whole character.
      if (token >= at && devices.length === before) devices.at(-1)?.destroy()
    })
    if (devices.length === before) return 'no new device was taken'
    return survived.text === straight.text && survived.snapshot === straight.snapshot ? null : 'it differs'
  })
  engine.dispose()
  row('device.destroy() at a random token', done, `${wrong.length} with other text or state`)
  expect(wrong).toEqual([])
})

test('every buffer refused for want of memory, all N: one sentence or the same answers, every byte given back', async () => {
  const [loading, chats] = [await refuseLoading(1), await refuseChats(1)]
  const wrong = [...loading.wrong, ...chats.wrong]
  row('every N-th buffer refused by the GPU', loading.runs + chats.runs, `${wrong.length} wrong`)
  expect(wrong).toEqual([])
})
