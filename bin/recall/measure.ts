import { LookUp } from '../../engine/documents/look-up.ts'
import { asLookedUp } from '../../engine/memory/heard.ts'
import type { SavedConversation } from '../../engine/memory/snapshot.ts'
import { withRandomSlots } from '../../engine/model/random-slots.ts'
import type { ConversationOptions, LookedUpRequest } from '../../engine/protocol.ts'
import { Random } from '../../engine/text/random.ts'
import { type CommandConversation, type CommandEngine, Interrupted } from '../command.ts'
import { drawWorld, type World } from '../../engine/recall/facts.ts'
import { createFiller } from '../../engine/recall/filler.ts'
import { isRefusal, isRight } from '../../engine/recall/judge.ts'
import { pick } from '../../engine/recall/words.ts'

/** What is measured: slots and window, the window alone, noise in the slots, and every token kept. */
export const MODES = ['nha', 'window-only', 'slots-random', 'full'] as const
export type Mode = (typeof MODES)[number]

/** Full attention keeps every token, so it is asked up to this distance only. */
export const FULL_LONGEST = 4096

export interface Plan {
  readonly modes: readonly Mode[]
  readonly distances: readonly number[]
  /** facts told in one conversation */
  readonly facts: readonly number[]
  /** conversations for each of `facts`, in their order */
  readonly rounds: readonly number[]
  readonly seed: number
  /** text between telling and asking; `null` is our own */
  readonly filler: string | null
  /** put the words that a question asks for back into the window before it is answered */
  readonly lookup: boolean
}

/** One question and what came of it. */
export interface Finding {
  readonly attention: Mode
  readonly distance: number
  readonly facts: number
  readonly seen: boolean
  /** of an untold fact the right answer is that it was not told; of an updated one, the latest value */
  readonly fact: 'told' | 'updated' | 'untold'
  readonly right: boolean
  readonly refused: boolean
}

/** Modes that read the same text with the same memory share the reading. */
const READINGS: readonly { readonly modes: readonly Mode[]; readonly options: ConversationOptions }[] = [
  { modes: ['nha', 'slots-random'], options: { attention: 'nha', window: null, system: '' } },
  { modes: ['window-only'], options: { attention: 'nha', window: null, system: '', slotsOn: false } },
  { modes: ['full'], options: { attention: 'full', window: null, system: '' } },
]

const ACKNOWLEDGED = [
  'I will remember that.',
  'Okay, I will remember that.',
  'Thank you, I will remember that.',
  'Good to know. I will remember that.',
]

/** One fact in each conversation is told at the beginning and told anew, otherwise, after all others. */
const UPDATED = 1
/** Facts never told that each conversation is asked for. */
const UNTOLD = 2
const ANSWER_TOKENS = 40
/** What an answer costs beside a token read, about: for the progress bar. */
const ANSWER_WORK = 20

/**
 * Tell facts once, read other text, and ask for each fact once, each time from the memory as it was before any question.
 *
 * @param onProgress work done and all of it, in tokens read
 * @throws {Interrupted} `signal` was aborted
 */
export async function* measure(
  engine: CommandEngine,
  plan: Plan,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): AsyncGenerator<Finding, void> {
  const readings = READINGS.map(({ modes, options }) => ({
    options,
    modes: modes.filter((mode) => plan.modes.includes(mode)),
    distances: plan.distances
      .filter((distance) => options.attention !== 'full' || distance <= FULL_LONGEST)
      .sort((a, b) => a - b),
  })).filter(({ modes, distances }) => modes.length > 0 && distances.length > 0)
  const workOf = ({ modes, distances }: (typeof readings)[number], facts: number) =>
    (distances.at(-1) ?? 0) + modes.length * distances.length * (facts + UPDATED + UNTOLD) * ANSWER_WORK
  const jobs = plan.facts.flatMap((facts, i) =>
    Array.from({ length: plan.rounds[i] ?? 0 }, (_, round) => ({ facts, round })).flatMap((job) =>
      readings.map((reading) => ({ ...job, reading })),
    ),
  )
  const total = jobs.reduce((sum, { reading, facts }) => sum + workOf(reading, facts), 0)
  let finished = 0
  for (const { facts, round, reading } of jobs) {
    const seed = derive(derive(plan.seed, facts), round)
    const world = drawWorld(source(derive(seed, 0)), facts, UNTOLD, round % 2 === 0)
    const conversation = await engine.open(reading.options)
    const window = reading.options.attention === 'full' ? Infinity : Math.max(...engine.info.windows)
    try {
      let answers = 0
      const show = (position: number) => onProgress(finished + position + answers * ANSWER_WORK, total)
      const questions = [
        ...world.told.map((fact) => ({ ...fact, fact: 'told' as const })),
        { ...world.updated, fact: 'updated' as const },
        ...world.untold.map((fact) => ({ ...fact, fact: 'untold' as const })),
      ]
      const walk = read(
        conversation,
        world,
        window,
        reading.distances,
        derive(seed, 1),
        plan.filler,
        signal,
        show,
      )
      for await (const { distance, saved, told } of walk) {
        for (const attention of reading.modes) {
          const memory =
            attention === 'slots-random'
              ? { ...saved, state: withRandomSlots(saved.state, derive(seed, 2)) }
              : saved
          for (const { fact, seen, value, ask: question } of questions) {
            const found = plan.lookup ? told.find(question, saved.state.position) : []
            const looked = asLookedUp(found, plan.lookup ? told.missed(question) : {})
            const text = await ask(engine, reading.options, memory, question, looked, signal)
            answers++
            const [right, refused] = [isRight(text, value), isRefusal(text)]
            yield { attention, distance, facts, seen, fact, right, refused }
            show(distance)
          }
        }
      }
    } finally {
      conversation.dispose()
    }
    finished += workOf(reading, facts)
  }
}

/** Tell, then read on, stopping to save at each distance from the last telling. */
async function* read(
  conversation: CommandConversation,
  { told, updated }: World,
  window: number,
  distances: readonly number[],
  seed: number,
  text: string | null,
  signal: AbortSignal,
  onProgress: (position: number) => void,
): AsyncGenerator<{ distance: number; saved: SavedConversation; told: LookUp }, void> {
  const random = source(seed)
  const filler = createFiller(random, text)
  let characters = 0
  const heard = new LookUp(window)
  for (const content of [updated.first, ...told.map(({ tell }) => tell), updated.tell]) {
    const reply = pick(random, ACKNOWLEDGED)
    await conversation.hear([
      { role: 'user', content },
      { role: 'assistant', content: reply },
    ])
    characters += content.length + reply.length
    heard.add({ name: '', text: content }, conversation.memory.position)
  }
  const start = conversation.memory.position
  // Counted on what was just told, what surrounds a message included: so the next message is rather short than long.
  const charactersPerToken = characters / start
  for (const distance of distances) {
    for (;;) {
      const missing = (distance - (conversation.memory.position - start)) * charactersPerToken
      const messages = filler(missing)
      // Half of it would be too much: that is as near as whole messages come.
      if (missing < messages.reduce((sum, { content }) => sum + content.length, 0) / 2) break
      await conversation.hear(messages)
      for (const { role, content } of messages)
        if (role !== 'assistant') heard.add({ name: '', text: content }, conversation.memory.position)
      onProgress(conversation.memory.position - start)
      await pause(signal)
    }
    yield { distance, saved: await conversation.save(), told: heard }
  }
}

async function ask(
  engine: CommandEngine,
  options: ConversationOptions,
  memory: SavedConversation,
  message: string,
  looked: LookedUpRequest,
  signal: AbortSignal,
): Promise<string> {
  const conversation = await engine.open(options, memory)
  try {
    const greedy = { temperature: 0, repetitionPenalty: 1 }
    let text = ''
    for await (const event of conversation.generate(
      { message, sampling: greedy, maxNewTokens: ANSWER_TOKENS, ...looked },
      signal,
    ))
      if (event.type === 'delta') text += event.text
    await pause(signal)
    return text
  } finally {
    conversation.dispose()
  }
}

/** Let Ctrl-C be heard. @throws {Interrupted} it was pressed */
async function pause(signal: AbortSignal): Promise<void> {
  await new Promise(setImmediate)
  if (signal.aborted) throw new Interrupted()
}

function source(seed: number): () => number {
  const random = new Random(seed)
  return () => random.next()
}

/** Another seed for each index, so that one cell does not depend on which others are measured. */
function derive(seed: number, index: number): number {
  return Math.floor(new Random((seed + index * 0x9e3779b9) % 2 ** 53).next() * 2 ** 53)
}
