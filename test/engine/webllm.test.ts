import { type ChatCompletionChunk, modelLibURLPrefix, modelVersion, prebuiltAppConfig } from '@mlc-ai/web-llm'
import { describe, expect, test } from 'vitest'
import { WEBLLM_LIBRARIES } from '../../electron/webllm/webllm-files.ts'
import { describe as say, toFailure } from '../../engine/errors.ts'
import { race } from '../../engine/compare/race.ts'
import { SecondContestant } from '../../engine/second/second-contestant.ts'
import type { CompletionEvent, CompletionQuestion } from '../../engine/second/second-engine.ts'
import type { FromWebllm } from '../../engine/webllm/border.ts'
import { atOwnOrigin, chatRecords, modelsFor, type WebllmGpu } from '../../engine/webllm/catalogue.ts'
import { serveWebllm, type WebllmParts } from '../../engine/webllm/serve.ts'
import { describeWebllm } from '../../engine/webllm/words.ts'
import { WebllmEngine, type WebllmWorker } from '../../engine/webllm/webllm-engine.ts'

const RECORDS = chatRecords(prebuiltAppConfig)
const F16 = RECORDS.find(({ required_features: needs }) => needs?.includes('shader-f16')) ?? expect.fail()
const F32 = RECORDS.find(({ required_features: needs }) => !needs) ?? expect.fail()
const LIMITS = {
  maxBufferSize: 2 ** 30,
  maxStorageBufferBindingSize: 2 ** 30,
  maxComputeWorkgroupStorageSize: 2 ** 15,
  maxStorageBuffersPerShaderStage: 10,
}
const GPU: WebllmGpu = { features: new Set(['shader-f16']), limits: LIMITS }
const NEVER = new AbortController().signal
const QUESTION: CompletionQuestion = {
  messages: [{ role: 'user', content: 'Who are you?' }],
  temperature: 0,
  maxNewTokens: 8,
}

/** MLC's engine as it seems from outside: it loads, answers in chunks, and throws what it throws. */
class FakeMlc implements WebllmParts {
  readonly records = RECORDS
  readonly loaded: string[] = []
  readonly questions: CompletionQuestion[] = []
  gpuFound: WebllmGpu = GPU
  fails: Error | null = null
  refusal = ''
  /** ends only when it is stopped */
  endless = false
  stopped = 0
  #now = 0

  gpu = () => Promise.resolve(this.gpuFound)

  load = (record: { readonly model_id: string }, onShare: (share: number) => void) => {
    if (this.fails) return Promise.reject(this.fails)
    onShare(0.5)
    this.loaded.push(record.model_id)
    return Promise.resolve()
  }

  complete = (question: CompletionQuestion) => {
    this.questions.push(question)
    return this.fails ? Promise.reject(this.fails) : Promise.resolve(this.#chunks())
  }

  stop = () => {
    this.stopped++
  }

  refused = () => {
    const sentence = this.refusal
    return sentence
  }

  now = () => (this.#now += 10)

  async *#chunks(): AsyncGenerator<ChatCompletionChunk> {
    const chunk = { id: 'x', object: 'chat.completion.chunk', created: 0, model: 'x' } as const
    const piece = (content: string, finish: 'stop' | null) => ({
      ...chunk,
      choices: [{ index: 0, delta: { content }, finish_reason: finish }],
    })
    yield piece('I am', null)
    while (this.endless && this.stopped === 0) {
      await new Promise((resolve) => setTimeout(resolve, 0))
      yield piece('.', null)
    }
    yield piece(' fake.', 'stop')
    const usage = { prompt_tokens: 12, completion_tokens: 2, total_tokens: 14, extra: SPEED }
    yield { ...chunk, choices: [], usage }
  }
}

const SPEED = {
  e2e_latency_s: 0,
  prefill_tokens_per_s: 0,
  decode_tokens_per_s: 0,
  time_to_first_token_s: 0,
  time_per_output_token_s: 0,
}

/** A worker without a thread. */
function engineOf(mlc: FakeMlc): {
  engine: WebllmEngine
  started: () => number
  break: (reason: string) => void
} {
  let started = 0
  let breakIt: (reason: string) => void = () => undefined
  const engine = new WebllmEngine((): WebllmWorker => {
    started++
    let hear: (message: FromWebllm) => void = () => undefined
    const answer = serveWebllm(mlc, (message) => hear(message))
    return {
      post: (message) => void answer(message),
      listen: (listener, gone) => {
        hear = listener
        breakIt = gone
      },
      terminate: () => (hear = () => undefined),
    }
  })
  return { engine, started: () => started, break: (reason) => breakIt(reason) }
}

const sentenceOf = (promise: Promise<unknown>) =>
  promise.then(
    () => '',
    (error: unknown) => say(toFailure(error)),
  )

describe('its list', () => {
  test('has the models that chat, their files at our own origin, from where the shell fetches them', () => {
    expect(RECORDS.length).toBeGreaterThan(100)
    expect(WEBLLM_LIBRARIES).toBe(`${modelLibURLPrefix}${modelVersion}/`)
    for (const record of RECORDS) {
      const { model, model_lib: library } = atOwnOrigin(record, 'app://plateau/webllm/')
      expect(model).toMatch(/^app:\/\/plateau\/webllm\/[\w.-]+-MLC\/resolve\/main\/$/)
      expect(library.startsWith(model)).toBe(true)
      expect(record.model_lib).toBe(WEBLLM_LIBRARIES + library.slice(model.length))
    }
  })

  const poor: [string, WebllmGpu, string, RegExp][] = [
    ['none', null, F32.model_id, /no/],
    ['no f16', { features: new Set(), limits: LIMITS }, F16.model_id, /shader-f16.*f32 in its name/],
    [
      'small buffers',
      { ...GPU, limits: { ...LIMITS, maxBufferSize: 2 ** 27 } },
      F32.model_id,
      /maxBufferSize 134217728/,
    ],
  ]
  test.each(poor)('a GPU with %s: said before anything is fetched', async (_name, gpu, id, sentence) => {
    const mlc = new FakeMlc()
    mlc.gpuFound = gpu
    const { engine } = engineOf(mlc)
    const model = (await engine.models()).find((each) => each.id === id)
    expect(describeWebllm(model?.problem ?? expect.fail())).toMatch(sentence)
    expect(await sentenceOf(engine.load(id, () => undefined, NEVER))).toMatch(sentence)
    expect(mlc.loaded).toEqual([])
  })

  test('a model needs what it says, and others do not', () => {
    const plain = { features: new Set<string>(), limits: LIMITS }
    const problems = modelsFor([F32, F16, { ...F32, buffer_size_required_bytes: 2 ** 31 }], plain)
    expect(problems.map(({ problem }) => problem === null)).toEqual([true, false, false])
  })
})

test('begins with the first call, loads once, answers in pieces', async () => {
  const mlc = new FakeMlc()
  const { engine, started } = engineOf(mlc)
  expect(started()).toBe(0)
  const shares: number[] = []
  await engine.load(F32.model_id, (share) => shares.push(share), NEVER)
  await engine.load(F32.model_id, () => undefined, NEVER)
  expect([started(), mlc.loaded, shares]).toEqual([1, [F32.model_id], [0.5]])
  const events: CompletionEvent[] = []
  for await (const event of engine.complete(QUESTION, NEVER)) events.push(event)
  expect(events).toEqual([
    { type: 'delta', text: 'I am' },
    { type: 'delta', text: ' fake.' },
    { type: 'end', finishReason: 'stop', promptTokens: 12, newTokens: 2, milliseconds: 10 },
  ])
})

const named = (name: string, message = 'see https://example.com/trouble\nmore') =>
  Object.assign(new Error(message), { name })
test.each([
  [named('ContextWindowSizeExceededError'), '', /^The text is longer than WebLLM reads/],
  [named('DeviceLostError'), '', /^The GPU stopped while WebLLM used it/],
  [named('ShaderF16SupportError'), '', /^This GPU cannot compute in 16 bits/],
  [named('Error', 'Failed to store x with error: y'), 'There is no network.', /^There is no network\.$/],
  [named('TypeError', 'x is\nnot'), '', /^WebLLM failed: x is\.$/],
])('what it throws is a sentence of ours: %o', async (error, refusal, sentence) => {
  const mlc = new FakeMlc()
  mlc.fails = error
  mlc.refusal = refusal
  const { engine } = engineOf(mlc)
  expect(await sentenceOf(engine.load(F32.model_id, () => undefined, NEVER))).toMatch(sentence)
  expect(await sentenceOf(engine.complete(QUESTION, NEVER).next())).toMatch(sentence)
})

test('a model it does not have, a worker that breaks, and a loading that is stopped', async () => {
  const mlc = new FakeMlc()
  const { engine, break: breakIt } = engineOf(mlc)
  expect(await sentenceOf(engine.load('nobody', () => undefined, NEVER))).toBe('WebLLM has no model nobody.')
  expect(await sentenceOf(engine.load('', () => undefined, NEVER))).toBe('Choose a model for WebLLM first.')
  mlc.load = () => new Promise(() => undefined)
  const loading = sentenceOf(engine.load(F32.model_id, () => undefined, NEVER))
  breakIt('out of memory')
  expect(await loading).toBe('WebLLM could not begin: out of memory.')
  const stop = new AbortController()
  const stopped = sentenceOf(engine.load(F32.model_id, () => undefined, stop.signal))
  stop.abort()
  expect(await stopped).toBe('Loading was stopped.')
})

test('an answer that is stopped ends, here and there', async () => {
  const mlc = new FakeMlc()
  mlc.endless = true
  const { engine } = engineOf(mlc)
  await engine.load(F32.model_id, () => undefined, NEVER)
  const stop = new AbortController()
  const contestant = new SecondContestant('fake', engine)
  const request = { message: 'Who?', sampling: {}, maxNewTokens: 9 }
  let last = ''
  for await (const event of contestant.answer(request, stop.signal)) {
    if (event.type === 'delta') stop.abort()
    last = event.type === 'end' ? event.finishReason : event.type
  }
  expect([last, mlc.stopped]).toEqual(['abort', 1])
})

test('it takes a side of a race', async () => {
  const mlc = new FakeMlc()
  const { engine } = engineOf(mlc)
  await engine.load(F32.model_id, () => undefined, NEVER)
  const task = {
    messages: [{ role: 'document', content: 'A page.' } as const],
    prompt: 'What now?',
    maxNewTokens: 8,
    longest: Infinity,
    limitBytes: 1,
  }
  const [run] = await race([new SecondContestant('fake', engine)], task, NEVER, () => undefined)
  expect(run).toMatchObject({ text: 'I am fake.', stop: null, stateBytes: null })
  expect(mlc.questions[0]?.messages).toHaveLength(1)
})
