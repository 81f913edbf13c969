import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSide, parseSide } from '../../../bin/compare/side.ts'
import { type NeedleFinding, type NeedleGap, plantNeedles } from '../../../engine/compare/needle.ts'
import { type Engine, loadEngine } from '../../../engine/engine.ts'
import { parseConfig } from '../../../engine/model/config.ts'
import { stateBytesAt, type WindowStop } from '../../../renderer/compare/window-trial.svelte.ts'
import { capturingGpu } from '../../support/gpu.ts'
import { modelFilesOf, TINY, tinyModel } from '../../support/tiny-model.ts'

const NEVER = new AbortController().signal
const { gpu } = capturingGpu()

/** One with slots is compared in the window, in test/e2e/models.test.ts. */
describe('an imported model whose heads are too wide for slots', () => {
  const folder = tinyModel({ ...TINY, family: 'llama', headDim: 160, kvHeads: 1, queryHeads: 1, layers: 1 })
  const config = parseConfig(JSON.parse(new TextDecoder().decode(folder.get('config.json'))))
  let engine: Engine
  beforeAll(async () => {
    engine = await loadEngine({ gpu, forceCpu: false, files: modelFilesOf(folder) })
  })
  afterAll(() => engine.dispose())

  test('takes both ends of the slider, and holds there the bytes that its config says', async () => {
    expect(engine.info.slots).toBe(0)
    for (const stop of [0, 'all'] satisfies WindowStop[]) {
      const side = await openSide(engine, parseSide('left', stop === 'all' ? 'full' : `nha:${stop}`), '')
      await side.hear([{ role: 'user', content: 'one page' }], NEVER)
      await side.reopen({ message: 'And?', sampling: { temperature: 0 }, maxNewTokens: 3 }, NEVER)
      const { stateBytes, position } = side.memory
      expect(position).toBeGreaterThan(8)
      expect([stop, stateBytes]).toEqual([stop, stateBytesAt(config, stop, position)])
      await side.close()
    }
  })

  test('is asked for every needle, on both sides, and is wrong without failing', async () => {
    const plan = { lengths: [30], depths: [0, 1], each: 1, seed: 1, limitBytes: Infinity }
    const sides = ['nha:0', 'full'].map((name) => () => openSide(engine, parseSide('left', name), ''))
    const found: (NeedleFinding | NeedleGap)[] = []
    for await (const finding of plantNeedles(sides, plan, NEVER)) found.push(finding)
    expect(found.map(({ side, depth }) => [side, depth])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ])
  })
})
