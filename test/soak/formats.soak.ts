import { expect, test } from 'vitest'
import {
  BYTE_LEVEL_FAMILIES,
  byteLevelTokenizer,
  type FamilyTokenizer,
  pocketTokenizer,
  sentencePieceTokenizer,
} from '../support/family-tokenizers.ts'
import { POCKET_TOKENIZER } from '../support/grown-tokenizer.ts'
import { learnByteLevel, learnSentencePiece } from '../support/learned-vocabulary.ts'
import { mixedText } from '../support/mixed-text.ts'
import { gguf, mutate, type Reader, safetensors, wholeModel } from '../support/mutations.ts'
import { SMALL_GGUF, SMALL_SAFETENSORS } from '../support/small-files.ts'
import { tinyGguf } from '../support/tiny-gguf.ts'
import { TINY } from '../support/tiny-model.ts'
import { expectSameTokens } from '../support/token-parity.ts'
import { Progress } from './progress.ts'
import { row, times } from './rows.ts'

const MODEL = await tinyGguf({ ...TINY, family: 'qwen2', types: 'Q8_0' })
/** Of the mixed text, what vocabularies are learned from. */
const LEARNED = 200_000

/** Each with a seed of its own, so that what was done is known by its number alone. */
const CHUNK = 20_000
const MOST_MILLISECONDS = 1000
const done = new Progress<{ rounds: number; refused: number; slowest: number }>('formats')

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
  let { rounds, refused, slowest } = done.get(what) ?? { rounds: 0, refused: 0, slowest: 0 }
  while (rounds < how.rounds) {
    const chunk = Math.min(CHUNK, how.rounds - rounds)
    const found = await mutate(read, file, { ...how, rounds: chunk, seed: how.seed * 1e7 + rounds })
    rounds += chunk
    refused += found.refused
    slowest = Math.max(slowest, found.slowest)
    done.set(what, { rounds, refused, slowest })
  }
  row(`mutations of ${what}`, rounds, `${refused} refused`, `slowest ${slowest.toFixed(0)} ms`)
  expect(refused / rounds).toBeGreaterThan(0.2)
  // Of processor time: what this machine does beside it is not the reader's.
  expect(slowest).toBeLessThan(MOST_MILLISECONDS)
})

const MEGABYTE = mixedText(2 ** 20)
const TOKENIZERS: readonly (readonly [string, FamilyTokenizer])[] = [
  ...BYTE_LEVEL_FAMILIES.map(
    (family) =>
      [family, byteLevelTokenizer(family, learnByteLevel(MEGABYTE.slice(0, LEARNED), 4000))] as const,
  ),
  ['Pocket', pocketTokenizer(POCKET_TOKENIZER)],
  ...[true, false].map(
    (hasPrefix) =>
      [
        `SentencePiece, ${hasPrefix ? 'a' : 'no'} blank in front`,
        sentencePieceTokenizer(learnSentencePiece(MEGABYTE.slice(0, LEARNED), 4000), hasPrefix),
      ] as const,
  ),
]
const encoded = new Progress<number>('tokens')

test.each(TOKENIZERS)(
  '1 MB of mixed text, %s: the ids of llama.cpp and of @huggingface/tokenizers',
  async (name, tokenizer) => {
    if (!encoded.get(name)) encoded.set(name, await expectSameTokens(name, tokenizer, MEGABYTE))
    row(`1 MB of mixed text, ${name}`, `${encoded.get(name)} tokens`, 'the same ids')
  },
)
