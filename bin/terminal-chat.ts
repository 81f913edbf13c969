import { EngineError } from '../engine/errors.ts'
import { describeGrounds } from '../engine/documents/looking.ts'
import type { ConversationOptions } from '../engine/protocol.ts'
import { writeChatFile } from './chat-file.ts'
import type { ChatSettings } from './chat-settings.ts'
import {
  type CommandConversation,
  type CommandEngine,
  CommandError,
  Interrupted,
  type World,
} from './command.ts'
import { readDocument } from './documents/file.ts'
import { formatBytes, formatCount } from './format.ts'
import { KeptChat } from './kept-chat.ts'
import { Keyboard } from './keyboard.ts'
import { adapterName, describeReply, type Reply } from './reply.ts'
import { WordWrap, writeAside } from './terminal-text.ts'
import type { Shelf } from './shelf.ts'
import { pathOf, type SlashCommand, slashCommandOf } from './slash-command.ts'

const HELP = `/read FILE   read a document into memory: txt, md, html, pdf, docx or epub
/stats       speeds and memory
/reset       begin again: a new conversation with an empty memory
/help        this list
/quit        leave; so does Ctrl-D, or Ctrl-C twice
`

/** Commands that nothing comes after. */
const ALONE = ['/stats', '/reset', '/help', '/quit', '/exit']

const ONCE_MORE = 'Leave again to try once more; if that fails, the chat ends without it.'

/** The chat on a terminal, until the user leaves; the exit code. */
export async function terminalChat(
  engine: CommandEngine,
  first: KeptChat,
  { settings, options }: { readonly settings: ChatSettings; readonly options: ConversationOptions },
  shelf: (() => Promise<Shelf>) | null,
  world: World,
): Promise<number> {
  const { stdout } = world
  const keyboard = new Keyboard(world)
  const lost = engine.lost.then((failure) => {
    throw new EngineError(failure)
  })
  let chat = first
  let last: Reply | null = null
  /** it could not be saved when the user wanted to leave */
  let refused = false
  writeAside(greeting(engine, first.conversation, settings), world.stderr)
  for (;;) {
    const message = await Promise.race([keyboard.ask(), lost])
    const command = message?.trim() ?? '/quit'
    switch (command) {
      case '/quit':
      case '/exit':
        try {
          if (settings.save !== null)
            await writeChatFile(settings.save, chat.builder, await chat.conversation.snapshot())
        } catch (error) {
          if (refused || world.stdin.readableEnded || !(error instanceof CommandError)) throw error
          refused = true
          world.stderr.write(`${error.message} ${ONCE_MORE}\n`)
          break
        }
        await chat.close()
        return 0
      case '':
        break
      case '/help':
        stdout.write(HELP)
        break
      case '/stats':
        stdout.write(
          `${describeMemory(engine, chat.conversation)}\n${last ? `${describeReply(last)}\n` : ''}`,
        )
        break
      case '/reset':
        await chat.close()
        chat = await KeptChat.begin(engine, options, shelf && (await shelf()), world)
        if (settings.lookup === false) chat.looking = null
        last = null
        stdout.write('The memory is empty.\n')
        break
      default: {
        const slash = slashCommandOf(command)
        if (slash?.name === '/read') await read(slash.rest, keyboard, chat, world)
        else if (slash) writeAside(whyNot(slash), stdout)
        else last = (await answer(message ?? '', keyboard, chat, settings, world)) ?? last
      }
    }
  }
}

function whyNot({ name }: SlashCommand): string {
  return ALONE.includes(name)
    ? `${name} stands alone, with nothing after it.`
    : `There is no command ${name}; /help lists them.`
}

/** Read a document into the chat. What is refused or stopped is a sentence, and the chat goes on. */
async function read(
  typed: string,
  keyboard: Keyboard,
  chat: KeptChat,
  { stderr, extract }: World,
): Promise<void> {
  if (typed === '') {
    writeAside('Say which file: /read FILE.', stderr)
    return
  }
  const path = pathOf(typed)
  const { signal, release } = keyboard.watchForStop()
  const stoppable = { stderr, extract, interrupted: signal }
  try {
    const document = await readDocument(path, stoppable)
    await chat.read(document, stoppable)
    writeAside(`${document.name} is in memory.`, stderr)
  } catch (error) {
    if (error instanceof Interrupted)
      writeAside(`Reading ${path} was stopped; nothing of it is kept.`, stderr)
    else if (error instanceof CommandError || isRefusal(error)) writeAside(error.message, stderr)
    else throw error
  } finally {
    release()
  }
}

/** Whether the engine is alive after this failure. */
function isRefusal(error: unknown): error is EngineError {
  return error instanceof EngineError && error.failure.code !== 'device-lost'
}

/** Stream one answer. A failure that leaves the engine alive is a sentence, and the chat goes on. */
async function answer(
  message: string,
  keyboard: Keyboard,
  chat: KeptChat,
  { generation }: ChatSettings,
  { stdout, stderr }: World,
): Promise<Reply | null> {
  const { signal, release } = keyboard.watchForStop()
  const lines = new WordWrap(stdout)
  try {
    const onText = (text: string) => lines.write(text)
    const done = await chat.ask({ message, ...generation }, { stderr, interrupted: signal }, onText)
    const ending = {
      stop: '',
      length: ` [stopped at ${generation.maxNewTokens} tokens]`,
      abort: ' [stopped]',
      loop: ' [stopped: the answer went round in circles]',
    }
    lines.write(`${ending[done.finishReason]}\n`)
    for (const line of describeGrounds(done)) writeAside(line, stderr)
    stdout.write('\n')
    return done
  } catch (error) {
    if (!isRefusal(error)) throw error
    lines.write(`${error.message}\n`)
    return null
  } finally {
    lines.end()
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
