import { describe, expect, test } from 'vitest'
import { fileInMemory } from '../../engine/formats/random-access.ts'
import { readGgufModel } from '../../engine/gguf-model.ts'
import { parseConfig } from '../../engine/model/config.ts'
import { createChatTemplate } from '../../engine/text/chat-template.ts'
import { createTokenizer } from '../../engine/text/tokenizer.ts'
import { tinyGguf } from '../support/tiny-gguf.ts'
import { TINY } from '../support/tiny-model.ts'
import { f32s, i32s, type ValueToWrite, writeGguf } from '../support/write-gguf.ts'

const open = (file: Uint8Array<ArrayBuffer>) => readGgufModel(fileInMemory('tiny.gguf', file), 'tiny')
const LLAMA = { ...TINY, family: 'llama', types: 'F32' } as const

describe('a GGUF file is the folder it stands for', () => {
  test('with its config, its end of turn and its chat template', async () => {
    const folder = await open(await tinyGguf({ ...LLAMA, ropeFactors: [1, 2, 4, 8, 8, 8, 8, 8] }))
    const config = parseConfig(folder.config, folder.configFile)
    expect(config).toMatchObject({
      modelType: 'llama',
      name: 'Tiny',
      headDim: 16,
      tiedHead: true,
      keyGates: true,
    })
    expect(config.ropeFrequencies[1]).toBe(10_000 ** (-1 / 8) / 2)
    const tokenizer = createTokenizer(folder)
    const pieces = createChatTemplate(folder.tokenizerConfig).append(
      { system: '', first: true, afterReply: false },
      [{ role: 'user', content: 'hi <|im_end|>' }],
      true,
    )
    const ids = tokenizer.encodePieces(pieces)
    expect(ids.filter((id) => id === tokenizer.endOfTurn)).toHaveLength(1)
  })
})

describe('refused in one sentence', () => {
  const arch = (fields: Record<string, ValueToWrite>) =>
    writeGguf({ 'general.architecture': 'llama', ...fields }, new Map())
  const tokens = { 'tokenizer.ggml.tokens': ['a', 'b'] }
  const spm = { ...tokens, 'tokenizer.ggml.model': 'llama', 'tokenizer.ggml.scores': f32s([0, 0]) }

  test.each([
    [
      'another architecture',
      { 'general.architecture': 'mamba' },
      'type "mamba" cannot run here; these can: llama, qwen2, qwen3',
    ],
    ['no architecture', {}, 'type "none" cannot run here'],
    ['an architecture that is a number', { 'general.architecture': 7 }, 'general.architecture is not a text'],
  ])('%s', async (_, fields: Record<string, ValueToWrite>, reason) => {
    await expect(open(writeGguf(fields, new Map()))).rejects.toThrow(reason)
  })

  test.each([
    ['a part of a split model', { 'split.count': 3 }, 'it is one part of a model in several files'],
    ['experts', { 'llama.expert_count': 8 }, 'it is a mixture of experts'],
    [
      'part of RoPE',
      { 'llama.attention.key_length': 64, 'llama.rope.dimension_count': 32 },
      'RoPE turns 32 of 64',
    ],
    ['YaRN', { 'llama.rope.scaling.type': 'yarn' }, 'its RoPE scaling is "yarn"'],
    ['no tokens', {}, 'it has no tokens'],
    ['another tokenizer', { ...tokens, 'tokenizer.ggml.model': 'rwkv' }, 'its tokenizer is "rwkv"'],
    [
      'types of other tokens',
      { ...tokens, 'tokenizer.ggml.token_type': i32s([1]) },
      'it has 2 tokens and the types of 1',
    ],
    ['no merges', { ...tokens, 'tokenizer.ggml.model': 'gpt2' }, 'it has no merges'],
    [
      'a merge of three',
      { ...tokens, 'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.merges': ['a b c'] },
      'a merge is not two tokens',
    ],
    [
      'an unknown way to split words',
      {
        ...tokens,
        'tokenizer.ggml.model': 'gpt2',
        'tokenizer.ggml.merges': [],
        'tokenizer.ggml.pre': 'toString',
      },
      'split by the rules "toString", and these are known: default, gpt-2',
    ],
    ['no scores', { ...tokens, 'tokenizer.ggml.model': 'llama' }, 'it has 2 tokens and the scores of 0'],
    [
      'an end outside the vocabulary',
      { ...spm, 'tokenizer.ggml.eos_token_id': 2 },
      'its eos_token is 2, of 2 tokens',
    ],
  ])('%s', async (_, fields: Record<string, ValueToWrite>, reason) => {
    await expect(open(arch(fields))).rejects.toThrow(reason)
  })

  test('factors of RoPE that are no factors, before they are read', async () => {
    const file = await tinyGguf({ ...LLAMA, ropeFactors: new Array<number>(8).fill(1) })
    const large = file.slice()
    // They are the last tensor: 8 of them become 2,048.
    const at = Buffer.from(large.buffer).indexOf('rope_freqs.weight') + 'rope_freqs.weight'.length + 4
    new DataView(large.buffer).setBigUint64(at, 2n ** 11n, true)
    await expect(open(new Uint8Array([...large, ...new Uint8Array(2 ** 13 - 32)]))).rejects.toThrow(
      'rope_freqs.weight has 8192 bytes',
    )
  })

  test('a config that lacks a size names the file', async () => {
    const folder = await open(arch(spm))
    expect(() => parseConfig(folder.config, folder.configFile)).toThrow(
      'tiny.gguf is damaged: num_hidden_layers',
    )
  })
})

test('a vocabulary of one very long token and 200,000 others is read in a count of steps that grows with its length', async () => {
  const long = 'x'.repeat(1_000_000)
  const words = Array.from({ length: 200_000 }, (_, i) => i.toString(36))
  const all = ['<unk>', long, ...new Set(words)]
  const fields = {
    'general.architecture': 'llama',
    'tokenizer.ggml.model': 'llama',
    'tokenizer.ggml.tokens': all,
    'tokenizer.ggml.scores': f32s(all.map((_, i) => -i)),
  }
  const { tokenizer } = await open(writeGguf(fields, new Map()))
  const { model } = tokenizer as { model: { merges: [string, string][] } }
  expect(model.merges.length).toBeGreaterThan(200_000)
  expect(model.merges.every(([left, right]) => left.length + right.length < 257)).toBe(true)
})
