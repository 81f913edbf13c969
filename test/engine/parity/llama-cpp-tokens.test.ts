import { describe, expect, test } from 'vitest'
import {
  BYTE_LEVEL_FAMILIES,
  byteLevelTokenizer,
  pocketTokenizer,
  sentencePieceTokenizer,
} from '../../support/family-tokenizers.ts'
import { POCKET_TOKENIZER } from '../../support/grown-tokenizer.ts'
import { learnByteLevel, learnSentencePiece } from '../../support/learned-vocabulary.ts'
import { mixedText } from '../../support/mixed-text.ts'
import { expectSameTokens } from '../../support/token-parity.ts'

const TEXT = mixedText(30_000)
const BYTE_LEVEL = learnByteLevel(TEXT, 1500)
const SENTENCE_PIECE = learnSentencePiece(TEXT, 1500)

describe('ids on mixed text: ours, @huggingface/tokenizers, ours rebuilt from GGUF, llama.cpp', () => {
  test.each(BYTE_LEVEL_FAMILIES)('%s', async (family) => {
    const count = await expectSameTokens(family, byteLevelTokenizer(family, BYTE_LEVEL), TEXT)
    // Fewer than bytes: the merges were used.
    expect(count).toBeLessThan(TEXT.length)
  })

  test("Pocket's own", async () => {
    await expectSameTokens('Pocket', pocketTokenizer(POCKET_TOKENIZER), TEXT)
  })

  test.each([true, false])('SentencePiece, a blank in front: %s', async (hasPrefix) => {
    await expectSameTokens('SentencePiece', sentencePieceTokenizer(SENTENCE_PIECE, hasPrefix), TEXT)
  })
})
