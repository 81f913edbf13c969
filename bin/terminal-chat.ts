import { EngineError } from '../engine/errors.ts'
import type { ChatSettings } from './chat-settings.ts'
import type { CommandConversation, CommandEngine, World } from './command.ts'
import { formatBytes, formatCount } from './format.ts'
import { Keyboard } from './keyboard.ts'
import { adapterName, describeReply, type Reply, reply } from './reply.ts'

const HELP = `/stats   speeds and memory
/reset   begin again with an empty memory
/help    this list
/quit    leave; so does Ctrl-D, or Ctrl-C twice
`

/** The chat on a terminal, until the user leaves; the exit code. */
export async function terminalChat(
  engine: CommandEngine,
  first: CommandConversation,
  settings: ChatSettings,
  world: World,
): Promise<number> {
  const { stdout } = world
  const keyboard = new Keyboard(world)
  const lost = engine.lost.then((failure) => {
    throw new EngineError(failure)
  })
  let conversation = first
  let last: Reply | null = null
  world.stderr.write(`${greeting(engine, first, settings)}\n`)
  for (;;) {
    const message = await Promise.race([keyboard.ask(), lost])
    const command = message?.trim() ?? '/quit'
    switch (command) {
      case '/quit':
        return 0
      case '':
        break
      case '/help':
        stdout.write(HELP)
        break
      case '/stats':
        stdout.write(`${describeMemory(engine, conversation)}\n${last ? `${describeReply(last)}\n` : ''}`)
        break
      case '/reset':
        conversation.dispose()
        conversation = await engine.open(settings.conversation)
        last = null
        stdout.write('The memory is empty.\n')
        break
      default:
        if (/^\/\w+$/.test(command)) stdout.write(`There is no command ${command}; /help lists them.\n`)
        else last = (await answer(message ?? '', keyboard, conversation, settings, world)) ?? last
    }
  }
}

/** Stream one answer. A failure that leaves the engine alive is a sentence, and the chat goes on. */
async function answer(
  message: string,
  keyboard: Keyboard,
  conversation: CommandConversation,
  { generation }: ChatSettings,
  { stdout, stderr }: World,
): Promise<Reply | null> {
  const { signal, release } = keyboard.watchForStop()
  try {
    const onText = (text: string) => stdout.write(text)
    const done = await reply(
      conversation,
      { message, ...generation },
      { stderr, interrupted: signal },
      onText,
    )
    const ending = {
      stop: '',
      length: ` [stopped at ${generation.maxNewTokens} tokens]`,
      abort: ' [stopped]',
    }
    stdout.write(`${ending[done.finishReason]}\n\n`)
    return done
  } catch (error) {
    if (!(error instanceof EngineError) || error.failure.code === 'device-lost') throw error
    stdout.write(`${error.message}\n`)
    return null
  } finally {
    release()
  }
}

function greeting({ info }: CommandEngine, { memory }: CommandConversation, settings: ChatSettings): string {
  const promise =
    settings.conversation.attention === 'nha'
      ? `This chat takes ${formatBytes(memory.stateBytes)} of memory, however long it gets.`
      : 'Full attention: memory grows with every token.'
  return `${info.modelName} on ${adapterName(info)}. ${promise} /help lists commands.`
}

function describeMemory({ info }: CommandEngine, { memory }: CommandConversation): string {
  return [
    `position ${formatCount(memory.position)}`,
    `memory ${formatBytes(memory.stateBytes)}`,
    `weights ${formatBytes(info.weightBytes)}`,
    adapterName(info),
  ].join(' · ')
}
