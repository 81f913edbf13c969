import { afterAll, beforeAll, expect, test } from 'vitest'
import { modelFolder } from '../../bin/model-folder.ts'
import { drawWorld } from '../../engine/recall/facts.ts'
import { createFiller } from '../../engine/recall/filler.ts'
import { isRight } from '../../engine/recall/judge.ts'
import { POCKET } from '../../bin/root.ts'
import { type Engine, loadEngine } from '../../engine/engine.ts'
import type { ChatMessage } from '../../engine/protocol.ts'
import { capturingGpu } from '../support/gpu.ts'
import { seeded } from '../support/numerics.ts'

const SEEDS = 50
/** Characters of other text since the fact was told: about 90 tokens, and 180; the window has 64. */
const DISTANCES = [320, 640]
/** Measured with the shipped weights: 48 and 48 of 50. A device that rounds otherwise may turn an answer or two. */
const LEAST = [46, 46]

let engine: Engine
beforeAll(async () => {
  engine = await loadEngine({
    gpu: capturingGpu().gpu,
    forceCpu: false,
    files: modelFolder(POCKET),
  })
})
afterAll(() => engine.dispose())

test(
  `one fact of which the window has nothing left, ${SEEDS} times at two distances`,
  { timeout: 300_000 },
  async () => {
    const options = { attention: 'nha', window: null, system: '' } as const
    const right = DISTANCES.map(() => 0)
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = seeded(seed)
      const { told } = drawWorld(random, 1, 0, true)
      const filler = createFiller(random, null)
      const [fact] = told
      const conversation = await engine.open(options)
      const unread: ChatMessage[] = [
        { role: 'user', content: fact!.tell },
        { role: 'assistant', content: 'I will remember that.' },
      ]
      let characters = 0
      for (const [i, distance] of DISTANCES.entries()) {
        while (characters < distance) {
          const messages = filler(distance - characters)
          unread.push(...messages)
          characters += messages.reduce((sum, { content }) => sum + content.length, 0)
        }
        await conversation.hear(unread.splice(0))
        const asked = await engine.open(options, await conversation.save())
        const request = {
          message: fact!.ask,
          sampling: { temperature: 0, repetitionPenalty: 1 },
          maxNewTokens: 24,
        }
        let text = ''
        for await (const event of asked.generate(request, new AbortController().signal)) {
          if (event.type === 'delta') text += event.text
        }
        right[i]! += Number(isRight(text, fact!.value))
        asked.dispose()
      }
      conversation.dispose()
    }
    for (const [i, least] of LEAST.entries()) {
      expect(right[i], `right after ${DISTANCES[i]} characters`).toBeGreaterThanOrEqual(least)
    }
  },
)
