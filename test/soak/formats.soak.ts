import { expect, test } from 'vitest'
import {
  byteLevel,
  expectTokensOfLibrary,
  expectTokensOfLlamaCpp,
  mixedText,
  sentencePiece,
} from '../support/mixed-text.ts'
import { gguf, mutate, type Reader, safetensors, wholeModel } from '../support/mutations.ts'
import { SMALL_GGUF, SMALL_SAFETENSORS } from '../support/small-files.ts'
import { tinyGguf } from '../support/tiny-gguf.ts'
import { TINY } from '../support/tiny-model.ts'
import { row, times } from './rows.ts'

const MODEL = await tinyGguf({ ...TINY, family: 'qwen2', types: 'Q8_0' })
const TEXT = mixedText(2 ** 20)

test.each<[string, Reader, Uint8Array<ArrayBuffer>, { rounds: number; seed: number; busy: number }]>([
  [
    'the header of a GGUF file',
    gguf,
    SMALL_GGUF,
    { rounds: times(5_000_000), seed: 21, busy: SMALL_GGUF.length },
  ],
  [
    'the header of safetensors',
    safetensors,
    SMALL_SAFETENSORS,
    { rounds: times(4_900_000), seed: 22, busy: 480 },
  ],
  ['a whole GGUF model', wholeModel, MODEL, { rounds: times(100_000), seed: 23, busy: 12_000 }],
])('seeded mutations of %s: tensors inside the file, or one sentence', async (what, read, file, how) => {
  const { refused, slowest } = await mutate(read, file, how)
  row(`mutations of ${what}`, how.rounds, `${refused} refused`, `slowest ${slowest.toFixed(0)} ms`)
  expect(refused / how.rounds).toBeGreaterThan(0.2)
})

test('1 MB of mixed text: the ids of llama.cpp and of @huggingface/tokenizers', async () => {
  for (const pre of ['qwen2', 'llama-bpe', 'smollm']) await expectTokensOfLlamaCpp(byteLevel(pre), TEXT)
  await expectTokensOfLlamaCpp(sentencePiece(true), TEXT)
  expectTokensOfLibrary(TEXT)
  row('1 MB of mixed text through five tokenizers', TEXT.length, 'the same ids')
})
