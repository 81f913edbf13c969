import { execFile } from 'node:child_process'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { writeGgufModel } from '../../bin/bench/gguf/model.ts'
import { type Quant, writeRandomModel } from '../../bin/bench/random-model.ts'
import { type BenchShape, SHAPES } from '../../bin/bench/shapes.ts'
import { buildStale } from '../../bin/build.js'
import { byteLevel } from '../support/mixed-text.ts'
import { temporaryFolder } from '../support/test-bridge.ts'
import { CHATML } from '../support/tiny-tokenizer.ts'
import { row } from './rows.ts'

const POCKET = 'assets/pocket'
const TOKENS = 4

beforeAll(() => buildStale('bin'))

/** A command as it is typed; the last object that it prints. */
async function plateau(...args: string[]): Promise<Record<string, unknown>> {
  const all = ['dist/bin/plateau.js', ...args, '--json']
  const { stdout } = await promisify(execFile)(process.execPath, all, { maxBuffer: 1 << 24 })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>
}

/** The shape's weights, that nobody trained, as each kind of source has them; the path to give to `import`. */
const SOURCES: Readonly<Record<string, (folder: string, shape: BenchShape) => Promise<string>>> = {
  async 'Hugging Face folder, F16'(folder, shape) {
    await write(folder, { ...shape, modelType: plain(shape) }, 'f16')
    return folder
  },
  async 'GGUF, Q4_0'(folder, shape) {
    await write(folder, { ...shape, modelType: plain(shape) }, 'q4')
    const file = join(folder, 'model.gguf')
    await writeGgufModel(folder, file, (vocabSize) => ({
      ...byteLevel('qwen2', vocabSize),
      'tokenizer.chat_template': CHATML,
    }))
    return file
  },
  async "NHA authors' checkpoint, F16"(folder, shape) {
    await write(folder, shape, 'f16')
    const path = join(folder, 'config.json')
    const fields = Object.entries(JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>)
    const theirs = Object.fromEntries(fields.filter(([field]) => field !== 'layer_windows'))
    await writeFile(path, JSON.stringify({ ...theirs, block_size: 4, transformer_idx: 3 }))
    return folder
  },
}

const write = (folder: string, shape: BenchShape, quant: Quant) =>
  writeRandomModel(folder, shape, quant, POCKET)

const plain = ({ modelType }: BenchShape) => (modelType === 'llama_nha' ? 'llama' : 'qwen3')

for (const name of ['smollm2-135m', 'qwen3-0.6b']) {
  test.each(Object.entries(SOURCES))(
    `${name} from %s is imported as q4, and decodes`,
    async (what, source) => {
      const shape = SHAPES[name]
      if (!shape) throw new Error(`${name} is no shape`)
      const folder = temporaryFolder()
      const from = await source(join(folder, 'from'), shape)
      const out = join(folder, 'out')
      const imported = await plateau('import', from, '--quant', 'q4', '--out', out)
      const { size } = await stat(join(out, 'model.safetensors'))
      expect(size).toBe(imported['weightBytes'])

      const start = performance.now()
      const limits = ['--max-tokens', String(TOKENS), '--temperature', '0']
      const reply = await plateau('chat', '--model', out, '--prompt', 'Hi', ...limits)
      const seconds = (performance.now() - start) / 1000
      expect(reply['newTokens']).toBe(TOKENS)
      row(
        `${name} from ${what}`,
        `${(size / 1e6).toFixed(0)} MB as q4`,
        `import ${String(imported['seconds'])} s`,
        `start to exit ${seconds.toFixed(0)} s`,
        `${String(reply['stateBytes'])} bytes of state`,
      )
      await rm(folder, { recursive: true })
    },
  )
}
