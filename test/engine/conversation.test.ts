import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Conversation, type ConversationParts } from '../../engine/conversation.ts'
import { parseJson } from '../../engine/formats/json.ts'
import { createGpuModel } from '../../engine/model/model.ts'
import { createReferenceModel } from '../../engine/model/model.ref.ts'
import { withRandomSlots } from '../../engine/model/random-slots.ts'
import { type Model, type SavedState, sequenceOptions } from '../../engine/model/sequence.ts'
import type { ChatMessage, GenerationRequest } from '../../engine/protocol.ts'
import { createChatTemplate } from '../../engine/text/chat-template.ts'
import { samplingDefaults } from '../../engine/text/sampling-defaults.ts'
import { createTokenizer } from '../../engine/text/tokenizer.ts'
import { testDevice } from '../support/gpu.ts'
import { everyLogit, gpuOptions, loadTiny } from '../support/loaded-model.ts'
import { expectClose } from '../support/numerics.ts'
import { openingOf } from '../../engine/text/passing-on.ts'
import { byteTokenizer, ScriptedSequence } from '../support/scripted-sequence.ts'
import { TINY, tinyModel } from '../support/tiny-model.ts'

/** The same tokens in other chunks: gemm and gemv sum in different orders. Measured up to 3e-4, as in parity.test.ts. */
const SPLIT_RMS = 1e-3

const { config, checkpoint } = await loadTiny({})
const folder = tinyModel(TINY)
const json = (file: string) => parseJson(new TextDecoder().decode(folder.get(file)))
const tokenizer = createTokenizer({
  tokenizer: json('tokenizer.json'),
  tokenizerConfig: json('tokenizer_config.json'),
  generationConfig: json('generation_config.json'),
})
const template = createChatTemplate(json('tokenizer_config.json'))
const defaults = samplingDefaults(json('generation_config.json'))
const { signal } = new AbortController()

const OWNER = {
  identity: { model: 'm', tokenizer: 't', numerics: 'n' },
  options: { attention: 'nha', window: null, system: '' },
} as const

const NO_OPENING = openingOf({}, byteTokenizer)
const NO_BIAS = { nats: new Map<number, number>(), tokens: 0 }

const SCRIPT: readonly ChatMessage[] = [
  { role: 'user', content: 'My name is Mira.' },
  { role: 'assistant', content: 'Okay, I will remember that.' },
  { role: 'document', content: 'The rain fell softly.' },
  { role: 'user', content: 'Hello' },
  { role: 'assistant', content: 'Hello! How can I help you?' },
]
const QUESTION: ChatMessage = { role: 'user', content: 'What is my name?' }
const RENDERED = tokenizer.encodePieces(
  template.append({ system: '', first: true, afterReply: false }, [...SCRIPT, QUESTION], true),
)

describe.each(['nha', 'window-only', 'full'] as const)('scripted messages, %s', (mode) => {
  const options = sequenceOptions(config, {
    attention: mode === 'full' ? 'full' : 'nha',
    window: null,
    slotsOn: mode !== 'window-only',
  })
  let model: Model
  let parts: ConversationParts
  beforeAll(async () => {
    model = await createGpuModel(gpuOptions(await testDevice(), config, checkpoint))
    const own = { opening: NO_OPENING, doubts: NO_BIAS, owner: OWNER }
    parts = { model, tokenizer, template, defaults, ...own, lock: () => () => undefined }
  })
  afterAll(() => model.dispose())

  async function heard(): Promise<Conversation> {
    const conversation = new Conversation(parts, await model.createSequence(options), '')
    await conversation.hear(SCRIPT.slice(0, 2))
    await conversation.hear(SCRIPT.slice(2, 3))
    await conversation.hear(SCRIPT.slice(3))
    return conversation
  }

  test('heard piece by piece, saved and taken up again: the logits of the whole conversation read at once', async () => {
    const conversation = await heard()
    const { state, unread, first, afterReply } = await conversation.save()
    const restored = await model.createSequence(options, state)
    const context = { system: '', first, afterReply }
    const rest = [...unread, ...tokenizer.encodePieces(template.append(context, [QUESTION], true))]
    expect(state.position + rest.length).toBe(RENDERED.length)
    const straight = await model.createSequence(options)
    const found = everyLogit(await restored.prefill(rest, config.vocabSize))
    const expected = everyLogit(await straight.prefill(RENDERED, config.vocabSize))
    expectClose('logits', found, expected, SPLIT_RMS)
    for (const each of [conversation, restored, straight]) each.dispose()
  })

  test('answers from a saved conversation do not disturb each other', async () => {
    const conversation = await heard()
    const saved = await conversation.save()
    const answer = async (): Promise<string> => {
      const again = new Conversation(parts, await model.createSequence(options, saved.state), '', saved)
      const request = { message: QUESTION.content, sampling: { temperature: 0 }, maxNewTokens: 12 }
      let text = ''
      for await (const event of again.generate(request, signal))
        if (event.type === 'delta') text += event.text
      again.dispose()
      return text
    }
    const text = await answer()
    expect(text).not.toBe('')
    expect(await answer()).toBe(text)
    expect(await conversation.save()).toEqual(saved)
    conversation.dispose()
  })
})

const rmsOf = (values: ArrayLike<number>) =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0) / values.length)

test.each(['gpu', 'cpu'])(
  'random slots change the slots alone, keep their size, and are seeded: %s',
  async (where) => {
    const model =
      where === 'gpu'
        ? await createGpuModel(gpuOptions(await testDevice(), config, checkpoint))
        : await createReferenceModel(config, checkpoint)
    const options = sequenceOptions(config, { attention: 'nha', window: null })
    const sequence = await model.createSequence(options)
    await sequence.prefill(RENDERED, 1)
    const saved = await sequence.save()
    expect(saved.slots).toHaveLength(2 * config.layers)
    const random = withRandomSlots(saved, 5)
    expect(withRandomSlots(saved, 5)).toEqual(random)
    expect(withRandomSlots(saved, 6)).not.toEqual(random)
    for (const [i, noise] of random.slots.entries()) {
      // 128 numbers or more: the RMS of a sample this small is within a fifth of that asked for.
      expect(Math.abs(rmsOf(noise) / rmsOf(saved.slots[i]!) - 1)).toBeLessThan(0.2)
      expect(noise).not.toEqual(saved.slots[i])
    }
    expect(withoutSlots(random)).toEqual(withoutSlots(saved))
    const restored = await model.createSequence(options, random)
    expect((await restored.save()).bytes).toEqual(random.bytes)
    const logits = everyLogit(await restored.decode(65, config.vocabSize))
    expect(logits).not.toEqual(everyLogit(await sequence.decode(65, config.vocabSize)))
    for (const each of [sequence, restored, model]) each.dispose()
  },
)

/** The bytes of a state with every slot zeroed. */
function withoutSlots({ bytes, slots }: SavedState): Uint8Array {
  const copy = bytes.slice()
  for (const { byteOffset, byteLength } of slots) copy.fill(0, byteOffset, byteOffset + byteLength)
  return copy
}

test.each([
  [{ passage: 'A black cat.' }, 'Only: a blind calf.', 'Only: A black cat.'],
  [
    { passage: 'black cat', passedOn: 'A black cat slept.' },
    'Only: a blind calf.',
    'Only: A black cat slept.',
  ],
  [
    { passage: 'black cat', passedOn: 'A black cat slept.' },
    'It was a calf, I know.',
    'It was a calf, I know.',
  ],
  [
    { passage: 'black cat', passedOn: 'A black cat slept.', isPassedOn: true },
    'It was a calf, I know.',
    'Only: A black cat slept.',
  ],
  [
    { passage: 'black cat', passedOn: 'A black cat slept.', isPassedOn: true, isLikely: true },
    'It was a calf, I know.',
    'Here: A black cat slept.',
  ],
  [{}, 'Only: a blind calf.', 'Only: a blind calf.'],
  [{ unfound: true }, 'Only: a blind calf.', 'Only: a blind calf.'],
  [{ unfound: true, ofDocuments: true }, 'It was a calf.', 'It was a calf.'],
  [{ unfound: true, ofDocuments: true, isDeclined: true }, 'It was a calf.', 'Not there.'],
])(
  'of what was looked up, %o, instead of “%s” exactly the words are passed on, with those around them: “%s”',
  async (lookedUp, wanted, answer) => {
    const model = { chunkTokens: 64, config: { vocabSize: byteTokenizer.vocabSize } } as Model
    const shared = { template, defaults, doubts: NO_BIAS, owner: OWNER, lock: () => () => undefined }
    const parts = {
      ...shared,
      model,
      tokenizer: byteTokenizer,
      opening: openingOf(
        { passes_on_after: 'Only:', finds_with: 'Here:', declines_with: 'Not there.' },
        byteTokenizer,
      ),
    }
    const script = byteTokenizer.encode(wanted)
    const conversation = new Conversation(parts, new ScriptedSequence(script), '')
    let said = ''
    const request = { message: 'Hello?', ...lookedUp, sampling: {}, maxNewTokens: 50 }
    for await (const event of conversation.generate(request, signal))
      if (event.type === 'delta') said += event.text
    expect(said).toBe(answer)
  },
)

/** One token, of a model torn between "a" and "?", which comes second. */
async function torn(opening: string, request: Partial<GenerationRequest>): Promise<string> {
  const model = { chunkTokens: 64, config: { vocabSize: byteTokenizer.vocabSize } } as Model
  const [a = 0, b = 0] = byteTokenizer.encode('a?')
  const doubts = { nats: new Map([[b, 3]]), tokens: Infinity }
  const shared = { template, defaults, owner: OWNER, lock: () => () => undefined }
  const config = { passes_on_after: opening, passes_on_by: 3 }
  const parts = {
    ...shared,
    model,
    tokenizer: byteTokenizer,
    opening: openingOf(config, byteTokenizer),
    doubts,
  }
  const sequence = new ScriptedSequence([])
  sequence.prefill = (_, wanted = 0) => {
    const count = Math.min(2, wanted)
    return Promise.resolve({ ids: Uint32Array.of(a, b), logits: Float32Array.of(4, 2), count })
  }
  const sampling = { temperature: 0, repetitionPenalty: 1 }
  const asked = { message: 'Hello?', sampling, maxNewTokens: 1, ...request }
  let said = ''
  for await (const event of new Conversation(parts, sequence, '').generate(asked, signal))
    if (event.type === 'delta') said += event.text
  return said
}

test('what was looked up and not found is doubted', async () => {
  expect(await torn('', {})).toBe('a')
  expect(await torn('', { unfound: false })).toBe('a')
  expect(await torn('', { unfound: true })).toBe('?')
})

test('what was found in documents is rather passed on, and what was not found there is begun in the same way', async () => {
  expect(await torn('?', { passage: 'A cat.', ofDocuments: true })).toBe('?')
  expect(await torn('?', { passage: 'I have a cat.', ofDocuments: false })).toBe('a')
  expect(await torn('?', { unfound: true, ofDocuments: true })).toBe('?')
  expect(await torn('a', { passage: 'A cat.', ofDocuments: true })).toBe('a')
})

describe('a message that is stopped while it waits or is read', () => {
  const model = { chunkTokens: 4, config: { vocabSize: byteTokenizer.vocabSize } } as Model
  const shared = { template, defaults, opening: NO_OPENING, doubts: NO_BIAS, owner: OWNER }
  const parts = { ...shared, model, tokenizer: byteTokenizer, lock: () => () => undefined }
  const sampling = { temperature: 0, repetitionPenalty: 1 }
  const request = { message: 'Hello', sampling, maxNewTokens: 2 }
  const script = byteTokenizer.encode('abcdefgh')

  /** With a system prompt; `turns` are answered, their last token unread. */
  async function talk(turns: number) {
    const sequence = new ScriptedSequence(script)
    const conversation = new Conversation(parts, sequence, 'Be brief.')
    for (let turn = 0; turn < turns; turn++) await finish(conversation.generate(request, signal))
    return { conversation, sequence }
  }

  /** Stopped after so many events. */
  async function finish(events: AsyncGenerator, stop = new AbortController(), after = Infinity) {
    if (after === 0) stop.abort()
    let seen = 0
    while (!(await events.next()).done) if (++seen === after) stop.abort()
  }

  type Ask = (conversation: Conversation, signal: AbortSignal) => AsyncGenerator
  const ASKS: readonly [string, Ask][] = [
    ['generate', (conversation, stop) => conversation.generate({ ...request, begin: 'Yes' }, stop)],
    ['read', (conversation, stop) => conversation.read('a', 'A long document.', stop)],
  ]

  test.each(ASKS)('before any of it was read (%s) leaves what it found', async (_, ask) => {
    for (const turns of [0, 1, 2]) {
      const [stopped, straight] = [await talk(turns), await talk(turns)]
      const stop = new AbortController()
      await finish(ask(stopped.conversation, stop.signal), stop, 0)
      expect(await stopped.conversation.save()).toEqual(await straight.conversation.save())
      for (const { conversation } of [stopped, straight]) await finish(conversation.generate(request, signal))
      expect(stopped.sequence.read).toEqual(straight.sequence.read)
    }
  })

  test.each(ASKS)('half-way (%s) is closed there', async (_, ask) => {
    const { conversation, sequence } = await talk(1)
    const before = sequence.read.length
    const stop = new AbortController()
    await finish(ask(conversation, stop.signal), stop, 1)
    expect(sequence.read).toHaveLength(before + 4)
    const { unread, first } = await conversation.save()
    expect(first).toBe(false)
    expect(unread.length).toBeGreaterThan(0)
    expect(new TextDecoder().decode(Uint8Array.from(unread))).not.toMatch(/Hello|document/)
  })

  test.each(ASKS)('leaves messages that wait to be heard again where they are (%s)', async (_, ask) => {
    const [stopped, straight] = [await talk(0), await talk(0)]
    for (const [i, { conversation }] of [stopped, straight].entries()) {
      const stop = new AbortController()
      await finish(conversation.rehear(SCRIPT, stop.signal), stop, 1)
      const late = new AbortController()
      if (i === 0) await finish(ask(conversation, late.signal), late, 1)
      await finish(conversation.generate(request, signal))
    }
    expect(stopped.sequence.read).toEqual(straight.sequence.read)
  })

  test('is taken back where the model fails before any of it was read', async () => {
    const { conversation, sequence } = await talk(1)
    const before = await conversation.save()
    sequence.failAt = sequence.position
    await expect(finish(conversation.generate(request, signal))).rejects.toThrow('the model failed')
    expect(await conversation.save()).toEqual(before)
  })
})
