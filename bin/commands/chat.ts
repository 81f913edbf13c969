import { createInterface } from 'node:readline'
import { describeGrounds, type Grounds } from '../../engine/documents/looking.ts'
import { EngineError } from '../../engine/errors.ts'
import { windowsOf } from '../../engine/model/layer-windows.ts'
import { windowsFor } from '../arguments.ts'
import { CHAT_HELP, type ChatSettings, readChatSettings } from '../chat-settings.ts'
import { Refusal } from '../../electron/conversations.ts'
import type { ChatFile } from '../../electron/chat-file.ts'
import { checkChatPlace, readChatFile, writeChatFile } from '../chat-file.ts'
import { type Command, type CommandEngine, CommandError, Interrupted, type World } from '../command.ts'
import type { ConversationOptions, LoadProgress } from '../../engine/protocol.ts'
import { chatOfMemory } from '../documents/memory.ts'
import { readDocument } from '../documents/file.ts'
import { formatBytes, formatCount } from '../format.ts'
import { continueChat, KeptChat } from '../kept-chat.ts'
import { Progress } from '../progress.ts'
import { adapterName, describeReply, type Reply } from '../reply.ts'
import { newShelf, type Shelf } from '../shelf.ts'
import { terminalChat } from '../terminal-chat.ts'
import { WordWrap, writeAside } from '../terminal-text.ts'

export const chat: Command = {
  summary: 'talk to a model here in the terminal',
  help: CHAT_HELP,
  needsGpu: () => true,
  async run(args, world) {
    const settings = readChatSettings(args)
    if (settings.prompt?.trim() === '') throw new EngineError({ code: 'empty-prompt' })
    if (settings.save !== null) await checkChatPlace(settings.save)
    const documents = []
    for (const path of settings.read) documents.push(await readDocument(path, world))
    const { memory } = settings
    const file =
      memory !== null
        ? await chatOfMemory(memory, settings.asOf, world)
        : settings.restore === null
          ? null
          : await readChatFile(settings.restore)
    const { save, prompt, json, temporary } = settings
    const onlyReads = prompt === null && documents.length > 0 && save !== null
    const onTerminal = world.stdin.isTTY && world.stdout.isTTY && prompt === null && !json && !onlyReads
    const engine = await load(settings, world)
    try {
      if (engine.info.notice !== '') world.stderr.write(`${engine.info.notice}\n`)
      const window = windowsFor(settings.window, engine.info.windows.length)
      const options = { ...settings.conversation, window }
      const shelf = onTerminal && !temporary ? () => newShelf(world) : null
      const chat = await openChat(engine, { continued: settings.continued, options, file }, shelf, world)
      if (!(settings.lookup ?? chat.builder.transcript.lookUp ?? true)) chat.looking = null
      for (const document of documents) await chat.read(document, world)
      if (world.interrupted.aborted) throw new Interrupted()
      if (onTerminal) return await terminalChat(engine, chat, { settings, options }, shelf, world)
      const answers = onlyReads ? 0 : await answerAll(engine, chat, settings, world)
      if (answers === 0) {
        if (save === null && file === null) throw new EngineError({ code: 'empty-prompt' })
        report(engine, chat, settings, world)
      }
      if (save !== null) await writeChatFile(save, chat.builder, await chat.conversation.snapshot())
      await chat.close()
      return 0
    } finally {
      engine.dispose()
    }
  },
}

/** Where a chat begins: a kept conversation, a file, or these options and nothing else. */
interface Beginning {
  readonly continued: string | null
  readonly options: ConversationOptions
  readonly file: ChatFile | null
}

async function openChat(
  engine: CommandEngine,
  { continued, options, file }: Beginning,
  shelf: (() => Promise<Shelf>) | null,
  world: World,
): Promise<KeptChat> {
  if (continued !== null) {
    try {
      return await continueChat(engine, continued, world)
    } catch (error) {
      if (error instanceof Refusal) throw new CommandError(error.message)
      throw error
    }
  }
  if (!file) return KeptChat.begin(engine, options, shelf && (await shelf()), world)
  const { snapshot, builder } = file
  const { head } = builder.transcript
  const nodes = snapshot && head !== null ? [head] : []
  const load = () => Promise.resolve(snapshot ?? new Uint8Array())
  // A chat that begins with a file or a document memory is a new one, and kept as such.
  return KeptChat.takeUp(
    engine,
    builder,
    { nodes, load },
    shelf && (await shelf()),
    world,
    builder.compacted(),
  )
}

/** What is in memory, where nothing was asked. */
function report(engine: CommandEngine, chat: KeptChat, { json }: ChatSettings, { stdout }: World): void {
  const { position, stateBytes } = chat.conversation.memory
  const words = `memory ${formatBytes(stateBytes)} at position ${formatCount(position)}`
  stdout.write(json ? `${JSON.stringify({ position, stateBytes, ...about(engine, chat) })}\n` : `${words}\n`)
}

async function load({ model, quant }: ChatSettings, world: World): Promise<CommandEngine> {
  const progress = world.stderr.isTTY ? new Progress(world.stderr, 'Loading the model') : null
  const show = ({ phase, loaded, total }: LoadProgress) => progress?.show(loaded, total, phase)
  const engine = world.loadEngine(model, show, quant)
  const interrupted = new Promise<never>((_resolve, reject) => {
    world.interrupted.addEventListener('abort', () => reject(new Interrupted()))
  })
  try {
    return await Promise.race([engine, interrupted])
  } finally {
    progress?.clear()
  }
}

/** Answer the prompt, or each line of stdin, one after the other in the same conversation; how many there were. */
async function answerAll(
  engine: CommandEngine,
  chat: KeptChat,
  settings: ChatSettings,
  world: World,
): Promise<number> {
  const { stdin, stdout, stderr, interrupted } = world
  const messages = settings.prompt === null ? createInterface({ input: stdin }) : [settings.prompt]
  let answers = 0
  for await (const message of messages) {
    if (settings.prompt === null && message.trim() === '') continue
    const lines = new WordWrap(stdout)
    const onText = settings.json ? () => undefined : (text: string) => lines.write(text)
    let answer
    try {
      answer = await chat.ask({ message, ...settings.generation }, world, onText)
    } finally {
      lines.end()
    }
    answers++
    if (settings.json) stdout.write(`${JSON.stringify(asJson(answer, engine, chat))}\n`)
    else {
      lines.write('\n')
      for (const line of [...describeGrounds(answer), describeReply(answer)]) writeAside(line, stderr)
    }
    if (interrupted.aborted) throw new Interrupted()
  }
  return answers
}

/** The fields of `--json`. */
function asJson(answer: Reply & Grounds, engine: CommandEngine, chat: KeptChat) {
  const { text, finishReason, promptTokens, newTokens, memory, lookedUp, cited, inDocument, nearest } = answer
  return {
    text,
    finishReason,
    promptTokens,
    newTokens,
    position: memory.position,
    stateBytes: memory.stateBytes,
    ...(lookedUp.length > 0 || inDocument !== null ? { lookedUp, cited, inDocument, nearest } : {}),
    prefillTokensPerSecond: answer.prefillTokensPerSecond,
    decodeTokensPerSecond: answer.decodeTokensPerSecond,
    ...about(engine, chat),
  }
}

/** `window` is the longest of any layer, and `null` for full attention. */
function about({ info }: CommandEngine, { builder }: KeptChat) {
  const { attention, window } = builder.transcript.options
  return {
    weightBytes: info.weightBytes,
    adapter: adapterName(info),
    attention,
    window: attention === 'full' ? null : Math.max(...windowsOf(window, info.windows)),
  }
}
