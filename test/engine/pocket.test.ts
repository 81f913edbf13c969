import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { modelFolder } from '../../bin/model-folder.ts'
import { type Engine, loadEngine } from '../../engine/engine.ts'
import { createTokenizer } from '../../engine/text/tokenizer.ts'
import golden from '../golden/pocket.json' with { type: 'json' }
import { capturingGpu } from '../support/gpu.ts'
import { expectClose } from '../support/numerics.ts'

const POCKET = join(import.meta.dirname, '../../assets/pocket')

/** Our logits against PyTorch's in f32 on the same int8 weights: an f16 window is the difference, 1.2e-4. */
const MAX_RMS = 1e-3

const { gpu } = capturingGpu()
const { signal } = new AbortController()

describe.each([false, true])('Pocket, forceCpu %s', (forceCpu) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await loadEngine({ gpu, forceCpu, files: modelFolder(POCKET) })
  })
  afterAll(() => engine.dispose())

  test('gives the logits that its trainer computed', async () => {
    const weights = readFileSync(join(POCKET, 'model.safetensors'))
    expect(createHash('sha256').update(weights).digest('hex')).toBe(golden.sha256)
    const logits = await engine.logits(golden.ids, { attention: 'nha', window: null })
    const found = golden.top.map(([id]) => logits[id ?? 0] ?? NaN)
    const expected = golden.top.map(([, logit]) => logit ?? NaN)
    expectClose('logits', found, expected, MAX_RMS)
    expect(logits.indexOf(Math.max(...logits))).toBe(golden.top[0]?.[0])
  })

  test('answers in whole sentences, stops at its end of turn, and remembers a name from a few turns ago', async () => {
    const conversation = await engine.open({ attention: 'nha', window: null, system: '' })
    const say = async (message: string): Promise<string> => {
      let text = ''
      const request = { message, sampling: { temperature: 0 }, maxNewTokens: 60 }
      for await (const event of conversation.generate(request, signal)) {
        if (event.type === 'delta') text += event.text
        if (event.type === 'end') expect(event.finishReason, text).toBe('stop')
      }
      expect(text).toMatch(/^[A-Z].*[.!?]$/s)
      return text
    }
    await say('Hello!')
    expect(await say('My name is Mira.')).toContain('Mira')
    await say('How are you today?')
    await say('I like to drink tea.')
    expect(await say('What is my name?')).toContain('Mira')
    conversation.dispose()
  })
})

test('curly quotes, long dashes and composed letters are read as the lessons had them', () => {
  const [tokenizer, tokenizerConfig] = ['tokenizer.json', 'tokenizer_config.json'].map((name): unknown =>
    JSON.parse(readFileSync(join(POCKET, name), 'utf8')),
  )
  const tokens = createTokenizer({ tokenizer, tokenizerConfig, generationConfig: undefined })
  expect(tokens.encode('“It’s Zoe\u0308’s—or… no–one’s ‘own’.”')).toEqual(
    tokens.encode("\"It's Zo\u00eb's--or... no-one's 'own'.\""),
  )
})

/** What a new user might say first: told, asked in other words, told anew, never told, and about the program. */
const SCRIPT = [
  'Hello!',
  'My name is Mira and I live in Oslo.',
  'My dog is called Rex.',
  'The code of the door is 4821.',
  'How are you?',
  'Anna works as a baker.',
  'What is my name?',
  'Do you know where I live?',
  'What is the door code?',
  "What is my dog's name?",
  'What does Anna do for a living?',
  'How old am I?',
  'Actually, I live in Bergen now.',
  'Where do I live?',
  'What is the memory meter?',
]

test('a fixed script gets the same greedy answers as when the weights were shipped', async () => {
  const engine = await loadEngine({ gpu, forceCpu: false, files: modelFolder(POCKET) })
  const conversation = await engine.open({ attention: 'nha', window: null, system: '' })
  let transcript = ''
  for (const message of SCRIPT) {
    transcript += `> ${message}\n`
    const request = { message, sampling: { temperature: 0 }, maxNewTokens: 80 }
    for await (const event of conversation.generate(request, signal)) {
      if (event.type === 'delta') transcript += event.text
    }
    transcript += '\n'
  }
  conversation.dispose()
  engine.dispose()
  await expect(transcript).toMatchFileSnapshot('../golden/pocket-script.txt')
})
