import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSide, parseSide } from '../../../bin/compare/side.ts'
import { type NeedleFinding, type NeedleGap, plantNeedles } from '../../../engine/compare/needle.ts'
import { type Engine, loadEngine } from '../../../engine/engine.ts'
import { parseConfig } from '../../../engine/model/config.ts'
import { stateBytesAt, type WindowStop } from '../../../renderer/compare/window-trial.svelte.ts'
import { capturingGpu } from '../../support/gpu.ts'
import { modelFilesOf, TINY, type TinyModel, tinyModel } from '../../support/tiny-model.ts'

const NEVER = new AbortController().signal
const { gpu } = capturingGpu()

/** As people import them: no gates were trained. The second has heads that are too wide for slots. */
const IMPORTED: readonly (readonly [string, Partial<TinyModel>, number])[] = [
  ['gates from its keys', { family: 'qwen3' }, 16],
  ['no slots', { family: 'llama', headDim: 256, queryHeads: 2, kvHeads: 1, layers: 1, windows: 8 }, 0],
]

describe.each(IMPORTED)('a model with random weights that was imported, with %s', (_name, change, slots) => {
  const folder = tinyModel({ ...TINY, ...change })
  const config = parseConfig(JSON.parse(new TextDecoder().decode(folder.get('config.json'))))
  let engine: Engine
  beforeAll(async () => {
    engine = await loadEngine({ gpu, forceCpu: false, files: modelFilesOf(folder) })
  })
  afterAll(() => engine.dispose())
  const sideOf = (stop: WindowStop) => (stop === 'all' ? 'full' : `nha:${stop}`)

  test('takes the places of the slider, and holds there the bytes that its config says', async () => {
    expect(engine.info.slots).toBe(slots)
    for (const stop of [0, 16, 1024, 'all'] satisfies WindowStop[]) {
      const side = await openSide(engine, parseSide('left', sideOf(stop)), '')
      await side.hear([{ role: 'user', content: 'one page' }], NEVER)
      const request = { message: 'And?', sampling: { temperature: 0 }, maxNewTokens: 3 }
      const { firstTokenMs } = await side.reopen(request, NEVER)
      expect(firstTokenMs).toBeGreaterThan(0)
      const { stateBytes, position } = side.memory
      expect([stop, stateBytes]).toEqual([stop, stateBytesAt(config, stop, position)])
      await side.close()
    }
  })

  test('is asked for every needle, on both sides, and is wrong without failing', async () => {
    const plan = { lengths: [60], depths: [0, 1], each: 1, seed: 1, limitBytes: Infinity }
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
