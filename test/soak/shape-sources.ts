import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeGgufModel } from '../../bin/bench/gguf/model.ts'
import { type Quant, writeRandomModel } from '../../bin/bench/random-model.ts'
import type { BenchShape } from '../../bin/bench/shapes.ts'
import { pocketTokenizer } from '../support/family-tokenizers.ts'
import { grownTokenizer } from '../support/grown-tokenizer.ts'
import { CHATML } from '../support/tiny-tokenizer.ts'

/** Writes a shape's weights, that nobody trained, as one kind of source has them; returns the path to give to `import`. */
type WriteSource = (folder: string, shape: BenchShape) => Promise<string>

/** By what the source is. As they are published: BF16, four-bit blocks, and F16 with gates. */
export const SOURCES: Readonly<Record<string, WriteSource>> = {
  async 'Hugging Face folder, BF16'(folder, shape) {
    await write(folder, { ...shape, modelType: plain(shape) }, 'bf16')
    return folder
  },
  async 'GGUF, Q4_0'(folder, shape) {
    await write(folder, { ...shape, modelType: plain(shape) }, 'q4')
    const file = join(folder, 'blocks.gguf')
    await writeGgufModel(folder, file, (vocabSize) => ({
      ...pocketTokenizer(grownTokenizer(vocabSize)).gguf,
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

/** The folder, with a tokenizer of as many tokens as the model has rows for. */
async function write(folder: string, shape: BenchShape, quant: Quant): Promise<void> {
  const words = join(folder, 'words')
  await mkdir(words, { recursive: true })
  await writeFile(join(words, 'tokenizer.json'), JSON.stringify(grownTokenizer(shape.vocabSize)))
  await writeFile(
    join(words, 'tokenizer_config.json'),
    JSON.stringify({ eos_token: '<|im_end|>', chat_template: CHATML }),
  )
  await writeRandomModel(folder, shape, quant, words)
}

function plain({ modelType }: BenchShape): BenchShape['modelType'] {
  return modelType === 'llama_nha' ? 'llama' : 'qwen3'
}
