import { describe, test } from 'vitest'
import {
  byteLevel,
  expectTokensOfLibrary,
  expectTokensOfLlamaCpp,
  mixedText,
  sentencePiece,
} from '../../support/mixed-text.ts'

describe('a tokenizer rebuilt from GGUF metadata gives the ids of llama.cpp', () => {
  const text = mixedText(60_000)

  test.each(['qwen2', 'llama-bpe', 'gpt-2', 'smollm', 'tekken', 'default'])(
    'BPE, words as in %s',
    async (pre) => {
      await expectTokensOfLlamaCpp(byteLevel(pre), text)
    },
  )

  test.each([true, false])('SentencePiece, a blank in front: %s', async (hasPrefix) => {
    await expectTokensOfLlamaCpp(sentencePiece(hasPrefix), text)
  })
})

test('tokenizer.json gives the ids of @huggingface/tokenizers on mixed text', () => {
  expectTokensOfLibrary(mixedText(60_000))
})
