import { Tokenizer as Library } from '@huggingface/tokenizers'
import { expect } from 'vitest'
import { fileInMemory } from '../../engine/formats/random-access.ts'
import { readGgufModel } from '../../engine/gguf-model.ts'
import { createTokenizer } from '../../engine/text/tokenizer.ts'
import type { FamilyTokenizer } from './family-tokenizers.ts'
import { openLlamaCpp } from './llama-cpp.ts'
import { tinyGguf } from './tiny-gguf.ts'
import { TINY } from './tiny-model.ts'

/** The library's BPE takes the square of a text without words, and cuts nothing. */
const PART = /[^]{1,4096}/gu
const FIRST_LINES = 100

/** What cannot say all of a family's tokenizer.json, and in which characters it shows. */
const KNOWN: Readonly<
  Record<string, { readonly unknownTo: 'library' | 'llama.cpp' | 'GGUF'; readonly characters: RegExp }>
> = {
  // GGUF has no normalizer: curly quotes, long dashes, dots and hard spaces stay what they are.
  Pocket: { unknownTo: 'GGUF', characters: /[\xa0\u2009\u2010-\u2015\u2018-\u201f\u2026\u202f]/gu },
  // The library's Digits are 0 to 9; those of Hugging Face's own tokenizers are all numbers, as in llama.cpp.
  // Nor is its blank inside ByteLevel theirs.
  SmolLM2: { unknownTo: 'library', characters: /(?![0-9])\p{N}|[\ufeff\x85]/gu },
  'GPT-2': { unknownTo: 'library', characters: /[\ufeff\x85]/gu },
  // llama.cpp has the rules of Tekken for A to Z and no marks; tokenizer.json has them for every script.
  'Mistral Nemo': { unknownTo: 'llama.cpp', characters: /(?![A-Za-z])\p{L}|\p{M}/gu },
}

/**
 * The ids of a text in four ways: our tokenizer from tokenizer.json, @huggingface/tokenizers from the same, our tokenizer
 * rebuilt from GGUF metadata, and llama.cpp's vocabulary from that. All four are the same.
 *
 * @returns how many there are
 */
export async function expectSameTokens(
  family: string,
  { json, gguf }: FamilyTokenizer,
  text: string,
): Promise<number> {
  const { unknownTo, characters = /(?!)/gu } = KNOWN[family] ?? {}
  const knownTo = (who: 'library' | 'llama.cpp' | 'GGUF') =>
    who === unknownTo ? text.replace(characters, 'x') : text
  const ours = createTokenizer({
    tokenizer: json,
    tokenizerConfig: { eos_token: (json['added_tokens'] as { content: string }[]).at(-1)?.content },
    generationConfig: undefined,
  })
  // What they would read as special tokens is text for us.
  const theirs = new Library({ ...json, added_tokens: [] }, {})
  for (const part of knownTo('library').match(PART) ?? [])
    expect(ours.encode(part)).toEqual(theirs.encode(part, { add_special_tokens: false }).ids)

  const vocabSize = (gguf['tokenizer.ggml.tokens'] as readonly string[]).length
  const file = await tinyGguf({ ...TINY, family: 'llama', types: 'F32', vocabSize, tokenizer: gguf })
  const rebuilt = createTokenizer(await readGgufModel(fileInMemory('tiny.gguf', file), 'tiny'))
  const llamaCpp = await openLlamaCpp(file)
  for (const line of linesOf(knownTo('llama.cpp')))
    expect(rebuilt.encode(line), JSON.stringify(line.slice(0, 200))).toEqual(llamaCpp.encode(line))
  await llamaCpp.dispose()
  for (const line of linesOf(knownTo('GGUF')))
    expect(rebuilt.encode(line), JSON.stringify(line.slice(0, 200))).toEqual(ours.encode(line))
  return ours.encode(text).length
}

/** Line by line, so that a difference is found where it is; then all of it. */
function linesOf(text: string): string[] {
  return [...(text.match(/[^\n]*\n+/g) ?? []).slice(0, FIRST_LINES), text]
}
