import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeGgufModel } from '../../bin/bench/gguf/model.ts'
import { LlamaCpp } from '../../bin/bench/llama-cpp.ts'
import { writeRandomModel } from '../../bin/bench/random-model.ts'
import { modelFolder } from '../../bin/model-folder.ts'
import { POCKET } from '../../bin/root.ts'
import { loadEngine } from '../../engine/engine.ts'
import { openLlamaCpp } from '../support/llama-cpp.ts'
import { expectClose } from '../support/numerics.ts'
import { TINY_SHAPE } from '../support/tiny-shape.ts'

/** llama.cpp rounds activations to 8 bits before it multiplies: DECISIONS has 1.8e-2 for these formats. */
const MAX_RMS = 4e-2
const IDS = [5, 9, 77, 1023, 6]

test.each(['q4', 'q8'] as const)(
  'llama.cpp computes our logits of a random model in %s, and is timed',
  async (quant) => {
    const folder = await mkdtemp(join(tmpdir(), 'plateau-gguf-bench-'))
    const path = join(folder, 'model.gguf')
    await writeRandomModel(folder, TINY_SHAPE, quant, POCKET)
    const engine = await loadEngine({ gpu: null, forceCpu: true, files: modelFolder(folder) })
    const ours = Float64Array.from(await engine.logits(IDS, { attention: 'full', window: null }))
    engine.dispose()
    const weightBytes = await writeGgufModel(folder, path)
    const peer = await openLlamaCpp(await readFile(path))
    expectClose('logits', Float32Array.from(await peer.logits(IDS)), ours, MAX_RMS)
    await peer.dispose()
    const timed = new LlamaCpp(path, weightBytes, 16)
    expect((await timed.open()).backend).toMatch(/^CPU: \d+ threads, no GPU, Node$/)
    const { layers, kvHeads, headDim } = TINY_SHAPE
    const { stateBytes } = await timed.prepare({ phase: 'decode', position: 16 })
    expect(stateBytes).toBe(16 * 2 * 2 * layers * kvHeads * headDim)
    expect(await timed.time({ phase: 'decode', position: 16 })).toBeGreaterThan(0)
    await timed.close()
    await rm(folder, { recursive: true })
  },
)
