import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Tokenizer as Library } from '@huggingface/tokenizers'
import { expect } from 'vitest'
import { fileInMemory } from '../../engine/formats/random-access.ts'
import { readGgufModel } from '../../engine/gguf-model.ts'
import { createTokenizer } from '../../engine/text/tokenizer.ts'
import { openLlamaCpp } from './llama-cpp.ts'
import { seeded } from './numerics.ts'
import { tinyGguf } from './tiny-gguf.ts'
import { TINY } from './tiny-model.ts'
import { f32s, i32s, type ValueToWrite } from './write-gguf.ts'

interface TokenizerFile {
  readonly model: { readonly vocab: Record<string, number>; readonly merges: readonly [string, string][] }
  readonly added_tokens: readonly { readonly id: number; readonly content: string }[]
}

const POCKET = JSON.parse(
  await readFile(join(import.meta.dirname, '../../assets/pocket/tokenizer.json'), 'utf8'),
) as TokenizerFile

const PIECES = [
  "The quick brown fox doesn’t jump; it's 12,345.67 metres away, isn't it? ",
  'Grüße aus Köln — ça va très bien, señor! ',
  'Привет, мир. Ελληνικά και עברית, العربية. ',
  '你好，世界。こんにちは世界！ 안녕하세요 ',
  'नमस्ते दुनिया ประเทศไทย ',
  '👩‍👩‍👧‍👦 🏳️‍🌈 ✨ 🙂🙂 ½ ² ',
  'const f = (x: number): string => `${x ** 2}`; // 0xff\n',
  '    if (a[i] !== b[i]) {\n\t\treturn -1\n    }\n\n\n',
  'a  b   c    d\t\te \n f\r\ng ',
  '<|im_start|>user\n<|im_end|> </s> [INST] ',
  'https://example.org/a?b=c&d=%20#e  user@example.com ',
  '1234567890 3.14159 1e-9 007 2026-11-21 ',
]

/** Mixed text: scripts, emoji, code, blanks, in a seeded order. */
export function mixedText(length: number): string {
  const random = seeded(5)
  let text = ''
  while (text.length < length) text += PIECES[Math.floor(random() * PIECES.length)]!
  return text.normalize('NFC')
}

/**
 * Pocket's tokenizer as GGUF has it.
 *
 * @param vocabSize filled up with tokens that no text has
 */
export function byteLevel(pre: string, vocabSize = 0): Record<string, ValueToWrite> {
  const tokens: string[] = []
  for (const [content, id] of Object.entries(POCKET.model.vocab)) tokens[id] = content
  for (const { content, id } of POCKET.added_tokens) tokens[id] = content
  const special = new Set(POCKET.added_tokens.map(({ id }) => id))
  const eos = tokens.length - 1
  for (let id = tokens.length; id < vocabSize; id++) tokens.push(`[unused ${id}]`)
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': pre,
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': i32s(tokens.map((_, id) => (special.has(id) ? 3 : id > eos ? 5 : 1))),
    'tokenizer.ggml.merges': POCKET.model.merges.map((pair) => pair.join(' ')),
    'tokenizer.ggml.eos_token_id': eos,
    'tokenizer.ggml.add_bos_token': false,
  }
}

/** Pocket's words as a SentencePiece vocabulary: the earlier a word was learned, the better its score. */
export function sentencePiece(hasPrefix: boolean): Record<string, ValueToWrite> {
  const words = Object.entries(POCKET.model.vocab)
    .sort(([, a], [, b]) => a - b)
    .map(([content]) => content.replaceAll('Ġ', '\u2581'))
    .filter((content) => /^[\u2581!-~]+$/.test(content))
  const characters = new Set([
    ...words.flatMap((word) => Array.from(word)),
    ...Array.from('äöüßéñçПриветмир世界'),
  ])
  const bytes = Array.from({ length: 256 }, (_, i) => `<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`)
  const merged = words.filter((word) => Array.from(word).length > 1)
  const tokens = ['<unk>', '<s>', '</s>', ...bytes, ...merged, ...characters]
  const types = tokens.map((_, id) => (id === 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1))
  return {
    'tokenizer.ggml.model': 'llama',
    'tokenizer.ggml.tokens': tokens,
    'tokenizer.ggml.token_type': i32s(types),
    'tokenizer.ggml.scores': f32s(tokens.map((_, id) => (id < 259 ? 0 : 259 - id))),
    'tokenizer.ggml.bos_token_id': 1,
    'tokenizer.ggml.eos_token_id': 2,
    'tokenizer.ggml.unknown_token_id': 0,
    'tokenizer.ggml.add_space_prefix': hasPrefix,
    'tokenizer.ggml.add_bos_token': false,
  }
}

/** Ids of our tokenizer, rebuilt from the metadata, against llama.cpp's. */
export async function expectTokensOfLlamaCpp(
  tokenizer: Record<string, ValueToWrite>,
  text: string,
): Promise<void> {
  const vocabSize = (tokenizer['tokenizer.ggml.tokens'] as readonly string[]).length
  const file = await tinyGguf({ ...TINY, family: 'llama', types: 'F32', vocabSize, tokenizer })
  const folder = await readGgufModel(fileInMemory('tiny.gguf', file), 'tiny')
  const ours = createTokenizer(folder)
  const theirs = await openLlamaCpp(file)
  // Line by line, so that a difference is found where it is.
  for (const line of [...text.match(/[^\n]*\n+/g)!.slice(0, 300), text]) {
    expect(ours.encode(line), JSON.stringify(line.slice(0, 200))).toEqual(theirs.encode(line))
  }
  await theirs.dispose()
}

/** Ids of Pocket's tokenizer.json, ours against those of @huggingface/tokenizers. */
export function expectTokensOfLibrary(text: string): void {
  const ours = createTokenizer({
    tokenizer: POCKET,
    tokenizerConfig: { eos_token: '<|im_end|>' },
    generationConfig: undefined,
  })
  const theirs = new Library(POCKET, {})
  for (const part of text.match(/[^]{1,4096}/g) ?? []) {
    // What they read as special tokens is text for us.
    const plain = part.replaceAll('<|', '< |')
    expect(ours.encode(plain)).toEqual(theirs.encode(plain, { add_special_tokens: false }).ids)
  }
}
