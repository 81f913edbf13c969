import { createInterface } from 'node:readline'
import { EngineError } from '../../engine/errors.ts'
import { CHAT_HELP, type ChatSettings, readChatSettings } from '../chat-settings.ts'
import {
  type Command,
  type CommandConversation,
  type CommandEngine,
  Interrupted,
  type World,
} from '../command.ts'
import { readIntoMemory, readTextFile } from '../documents.ts'
import { Progress } from '../progress.ts'
import { adapterName, describeReply, type Reply, reply } from '../reply.ts'
import { terminalChat } from '../terminal-chat.ts'

export const chat: Command = {
  summary: 'talk to a model here in the terminal',
  help: CHAT_HELP,
  async run(args, world) {
    const settings = readChatSettings(args)
    if (settings.prompt?.trim() === '') throw new EngineError({ code: 'empty-prompt' })
    const documents = await Promise.all(settings.read.map(readTextFile))
    const engine = await load(settings.model, world)
    try {
      if (engine.info.notice !== '') world.stderr.write(`${engine.info.notice}\n`)
      const conversation = await engine.open(settings.conversation)
      for (const document of documents) await readIntoMemory(conversation, document, world)
      if (world.interrupted.aborted) throw new Interrupted()
      const onTerminal = world.stdin.isTTY && world.stdout.isTTY && settings.prompt === null && !settings.json
      return onTerminal
        ? await terminalChat(engine, conversation, settings, world)
        : await answerAll(engine, conversation, settings, world)
    } finally {
      engine.dispose()
    }
  },
}

async function load(folder: string, world: World): Promise<CommandEngine> {
  const progress = world.stderr.isTTY ? new Progress(world.stderr, 'Loading the model') : null
  const engine = world.loadEngine(folder, ({ phase, loaded, total }) => progress?.show(loaded, total, phase))
  const interrupted = new Promise<never>((_resolve, reject) => {
    world.interrupted.addEventListener('abort', () => reject(new Interrupted()))
  })
  try {
    return await Promise.race([engine, interrupted])
  } finally {
    progress?.clear()
  }
}

/** Answer the prompt, or each line of stdin, one after the other in the same conversation. */
async function answerAll(
  engine: CommandEngine,
  conversation: CommandConversation,
  settings: ChatSettings,
  world: World,
): Promise<number> {
  const { stdin, stdout, stderr, interrupted } = world
  const messages = settings.prompt === null ? createInterface({ input: stdin }) : [settings.prompt]
  let answers = 0
  for await (const message of messages) {
    if (settings.prompt === null && message.trim() === '') continue
    const onText = settings.json ? () => undefined : (text: string) => stdout.write(text)
    const answer = await reply(conversation, { message, ...settings.generation }, world, onText)
    answers++
    if (settings.json) stdout.write(`${JSON.stringify(asJson(answer, engine, settings))}\n`)
    else {
      stdout.write('\n')
      stderr.write(`${describeReply(answer)}\n`)
    }
    if (interrupted.aborted) throw new Interrupted()
  }
  if (answers === 0) throw new EngineError({ code: 'empty-prompt' })
  return 0
}

/** The fields of `--json`. `window` is the longest of any layer, and `null` for full attention. */
function asJson(answer: Reply, { info }: CommandEngine, { conversation }: ChatSettings) {
  const { text, finishReason, promptTokens, newTokens, memory } = answer
  return {
    text,
    finishReason,
    promptTokens,
    newTokens,
    position: memory.position,
    stateBytes: memory.stateBytes,
    weightBytes: info.weightBytes,
    prefillTokensPerSecond: answer.prefillTokensPerSecond,
    decodeTokensPerSecond: answer.decodeTokensPerSecond,
    adapter: adapterName(info),
    attention: conversation.attention,
    window:
      conversation.attention === 'full' ? null : Math.max(...[conversation.window ?? info.windows].flat()),
  }
}
