import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCommandLine } from '../../bin/command-line.ts'
import { modelFolder } from '../../bin/model-folder.ts'
import { loadEngine } from '../../engine/engine.ts'
import type { MatrixFormat } from '../../kernels/matrix.ts'
import { relativeRms } from '../support/numerics.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'
import { tinyGguf } from '../support/tiny-gguf.ts'
import { TINY, tinyModel } from '../support/tiny-model.ts'
import { writeSafetensors } from '../support/write-safetensors.ts'
import { fileInMemory } from '../../engine/formats/random-access.ts'
import { readSafetensors } from '../../engine/formats/safetensors.ts'

const IDS = [1, 7, 250, 3, 3, 99]
const FULL = { attention: 'full', window: null } as const

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'plateau-import-'))
  await writeFolder('nha', tinyModel(TINY))
  const plain = { ...TINY, family: 'qwen3', tiedHead: false } as const
  await writeFolder('plain', tinyModel(plain))
  await writeFolder('sharded', await sharded(tinyModel(plain)))
  await writeFile(join(root, 'tiny.gguf'), await tinyGguf({ ...plain, types: 'F16' }))
  const four = { attn_q: 'Q4_0', attn_k: 'Q4_1', attn_v: 'Q4_0', ffn_up: 'Q4_1', ffn_gate: 'Q4_1' } as const
  const blocks = { ...four, token_embd: 'Q8_0', ffn_down: 'Q8_0' } as const
  await writeFile(join(root, 'blocks.gguf'), await tinyGguf({ ...TINY, family: 'llama', types: blocks }))
})
afterAll(() => rm(root, { recursive: true }))

async function writeFolder(name: string, files: Map<string, Uint8Array>): Promise<void> {
  await mkdir(join(root, name))
  for (const [file, bytes] of files) await writeFile(join(root, name, file), bytes)
}

/** The same folder with its weights in two files and an index. */
async function sharded(files: Map<string, Uint8Array<ArrayBuffer>>): Promise<Map<string, Uint8Array>> {
  const tensors = [...(await readSafetensors(fileInMemory('whole', files.get('model.safetensors')!)))]
  const split: [string, typeof tensors][] = [
    ['model-00001-of-00002.safetensors', tensors.slice(0, 9)],
    ['model-00002-of-00002.safetensors', tensors.slice(9)],
  ]
  const weightMap: Record<string, string> = {}
  const changed = new Map<string, Uint8Array>(files)
  changed.delete('model.safetensors')
  for (const [name, part] of split) {
    const entries = part.map(async ([key, { type, shape, file, begin, byteLength }]) => {
      weightMap[key] = name
      return [key, { dtype: type, shape, data: await file.read(begin, byteLength) }] as const
    })
    changed.set(name, writeSafetensors(new Map(await Promise.all(entries))))
  }
  const index = JSON.stringify({ metadata: {}, weight_map: weightMap })
  return changed.set('model.safetensors.index.json', new TextEncoder().encode(index))
}

async function run(...args: string[]) {
  const world = new ScriptedWorld({ answer: () => ({ text: '' }) })
  const code = await runCommandLine(['import', ...args], world)
  return { code, out: world.stdout.text, err: world.stderr.text }
}

async function logits(model: string, quant: MatrixFormat | null = null): Promise<Float32Array> {
  const engine = await loadEngine({ gpu: null, forceCpu: true, files: modelFolder(join(root, model)), quant })
  const found = await engine.logits(IDS, FULL)
  engine.dispose()
  return found
}

describe('import', () => {
  // Weights of an f32 model rounded: f16 2^-11, q8 1/254 of a group's largest, q4 7 % of a weight; the errors add up.
  test.each([
    ['nha', 'f16', 3e-3],
    ['nha', 'q8', 0.03],
    ['plain', 'q4', 0.4],
    ['sharded', 'q8', 0.03],
    ['tiny.gguf', 'f16', 1e-3],
    ['tiny.gguf', 'q4', 0.4],
    ['blocks.gguf', 'q4', 0.4],
  ] as const)(
    '%s to %s loads as its source does when quantised on the way',
    async (source, quant, maxRms) => {
      const out = join(root, `${source}-${quant}`)
      const {
        code,
        out: printed,
        err,
      } = await run(join(root, source), '--quant', quant, '--out', out, '--json')
      expect(err).toContain('import 100 %')
      expect(code).toBe(0)
      const { weightBytes } = JSON.parse(printed) as { weightBytes: number }
      const bytes = await readFile(join(out, 'model.safetensors'))
      expect(bytes.length).toBe(weightBytes)

      const imported = await logits(`${source}-${quant}`)
      expect(imported).toEqual(await logits(source, quant))
      const rms = relativeRms(imported, await logits(source))
      expect(rms, `relative RMS ${rms.toExponential(2)}`).toBeLessThan(maxRms)
    },
  )

  test('one file and its shards are the same model', async () => {
    expect(await logits('sharded')).toEqual(await logits('plain'))
  })

  test('blocks of four and eight bits are taken over as they are', async () => {
    expect(relativeRms(await logits('blocks.gguf', null), await logits('blocks.gguf', 'f32'))).toBeLessThan(
      1e-6,
    )
  })

  test('what was imported can be imported again, and its hashes hold', async () => {
    const [first, second] = [join(root, 'first'), join(root, 'second')]
    await run(join(root, 'plain'), '--quant', 'q8', '--out', first)
    await run(first, '--quant', 'q8', '--out', second)
    expect(await readFile(join(second, 'SHA256SUMS'), 'utf8')).toBe(
      await readFile(join(first, 'SHA256SUMS'), 'utf8'),
    )
    const weights = await readFile(join(second, 'model.safetensors'))
    weights[weights.length - 1]! ^= 1
    await writeFile(join(second, 'model.safetensors'), weights)
    await expect(logits('second')).rejects.toThrow('model.safetensors is not the one expected')
  })

  test('refuses in one sentence', async () => {
    const plain = join(root, 'plain')
    const cases: readonly [readonly string[], string, number][] = [
      [[], 'Say what to import: a model folder or a GGUF file.', 2],
      [[plain, '--quant', 'q2'], '--quant must be q4, q8, f16, not "q2".', 2],
      [[plain, '--out', root], 'is there already; name another folder with --out.', 1],
      [[plain, '--out', join(plain, 'config.json')], 'is there already', 1],
      [[join(root, 'none')], 'there is no such folder', 1],
      [[join(root, 'none.gguf')], 'there is no such file', 1],
      [[plain, '--out', join(root, 'nowhere/model')], 'There is no folder', 1],
    ]
    for (const [args, sentence, code] of cases) {
      const found = await run(...args)
      expect(found.code, args.join(' ')).toBe(code)
      expect(found.err).toContain(sentence)
      expect(found.err.trim().split('\n')).toHaveLength(1)
    }
  })

  test('Ctrl-C, or a source that ends early, leaves nothing behind', async () => {
    const world = new ScriptedWorld({ answer: () => ({ text: '' }) })
    world.interrupt.abort()
    const out = join(root, 'stopped')
    expect(await runCommandLine(['import', join(root, 'plain'), '--out', out], world)).toBe(130)

    const bytes = await readFile(join(root, 'tiny.gguf'))
    await writeFile(join(root, 'short.gguf'), bytes.subarray(0, bytes.length - 100))
    expect((await run(join(root, 'short.gguf'), '--out', out)).err).toContain('it ends after')
    expect((await readdir(root)).filter((name) => name.startsWith('stopped'))).toEqual([])
  })
})
