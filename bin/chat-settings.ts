import type { ConversationOptions, GenerationRequest } from '../engine/protocol.ts'
import {
  attentionKind,
  nonNegative,
  onOrOff,
  parseOptions,
  quantOption,
  wholeNumber,
  windowOption,
  type WindowOption,
} from './arguments.ts'
import { UsageError } from './command.ts'
import type { AsOf } from './documents/memory.ts'
import type { Quant } from './quant.ts'
import { POCKET } from './root.ts'

export interface ChatSettings {
  /** `null`: messages come from stdin */
  readonly prompt: string | null
  /** a model folder or a GGUF file */
  readonly model: string
  readonly quant: Quant | null
  /** paths of documents to read first */
  readonly read: readonly string[]
  /** put the words that a message asks for back into the window before it is answered; `null`: as the conversation says */
  readonly lookup: boolean | null
  readonly json: boolean
  /** a file to put the conversation and its memory in, at the end; `null` for none */
  readonly save: string | null
  /** a file to begin from; `null` for none */
  readonly restore: string | null
  /** a document memory to begin from, and where in it; `null` for none, and for its end */
  readonly memory: string | null
  readonly asOf: AsOf | null
  /** a kept conversation to go on with: its id, `last` for the newest, `null` for none */
  readonly continued: string | null
  /** nothing of a chat on a terminal is written to disk */
  readonly temporary: boolean
  readonly conversation: Omit<ConversationOptions, 'window'>
  /** a preset among them: what it means is known when the model is */
  readonly window: WindowOption
  readonly generation: Omit<GenerationRequest, 'message'>
}

export const CHAT_HELP = `plateau chat [options]

Without --prompt: a chat on a terminal; from a pipe, each line is one message of the same conversation.

  --prompt TEXT           one message: print its answer and leave
  --system TEXT           the system prompt
  --model PATH            a model folder or a GGUF file (default: the built-in Pocket)
  --quant q4|q8|f16       bring its weights to this format while they are loaded (default: as they are)
  --attention nha|full    full keeps every token, for comparison (default: nha)
  --window W              tokens kept exactly: a number or all, for every layer, or a list with one for each layer
                          or lean (64 tokens, every fourth layer 2,048), balanced (512 and 2,048) or faithful (4,096)
                          (default: the model's own; lean for one that was trained with full attention)
  --max-tokens N          the longest answer (default: 1024)
  --temperature X         0 always takes the likeliest token (default: the model's own)
  --seed S                the same seed on the same device gives the same answer
  --read FILE             read a document into memory first: txt, md, html, pdf, docx or epub; may be given more than
                          once; in a chat on a terminal, /read FILE reads one at any time
  --lookup on|off         before an answer, look up what the message asks for in this conversation and its documents and
                          read those words again (default: on, unless the conversation says otherwise)
  --save FILE.chat        at the end, put the conversation and its memory in a file; with --read and no --prompt, only
                          read
  --restore FILE.chat     begin where such a file ends
  --memory NAME           begin with what \`plateau read\` has read; --page N as it was after page N, --chapter C after a
                          chapter, by its number or words of its title, or the nearest page before that is saved
  --continue [ID]         go on with a conversation of the window or the terminal: the last one, or the one named
  --temporary             a chat on a terminal is kept on this machine unless this is given; with --restore and --memory
                          it is a new one
  --json                  print one object for each answer

Answers go to stdout, progress and notes to stderr. Ctrl-C stops an answer; twice, it leaves.
`

/** @throws {UsageError} an unknown option or a value that makes no sense */
export function readChatSettings(args: readonly string[]): ChatSettings {
  const values = parseOptions('chat', withContinued(args), {
    prompt: { type: 'string' },
    system: { type: 'string', default: '' },
    model: { type: 'string', default: POCKET },
    quant: { type: 'string' },
    attention: { type: 'string', default: 'nha' },
    window: { type: 'string' },
    'max-tokens': { type: 'string', default: '1024' },
    temperature: { type: 'string' },
    seed: { type: 'string' },
    read: { type: 'string', multiple: true, default: [] },
    lookup: { type: 'string' },
    save: { type: 'string' },
    restore: { type: 'string' },
    memory: { type: 'string' },
    page: { type: 'string' },
    chapter: { type: 'string' },
    continue: { type: 'string' },
    temporary: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  })
  const beginnings = (['restore', 'continue', 'memory'] as const).filter(
    (option) => values[option] !== undefined,
  )
  const [taken = null, second] = beginnings
  const fixed = (['system', 'attention', 'window'] as const).find((option) =>
    args.some((argument) => argument === `--${option}` || argument.startsWith(`--${option}=`)),
  )
  if (taken !== null && fixed !== undefined)
    throw new UsageError(
      `--${fixed} cannot be changed in a conversation that has begun; leave it out with --${taken}.`,
    )
  if (taken !== null && second !== undefined)
    throw new UsageError(`--${taken} and --${second} each name a conversation; give one of them.`)
  if (values.temporary && values.continue !== undefined)
    throw new UsageError(
      '--continue goes on with a chat that is kept, and --temporary keeps nothing; give one of them.',
    )
  const { temperature, seed, window } = values
  return {
    prompt: values.prompt ?? null,
    model: values.model,
    quant: values.quant === undefined ? null : quantOption(values.quant),
    read: values.read,
    lookup: values.lookup === undefined ? null : onOrOff('lookup', values.lookup),
    json: values.json,
    save: values.save ?? null,
    restore: values.restore ?? null,
    memory: values.memory ?? null,
    asOf: asOf(values),
    continued: values.continue ?? null,
    temporary: values.temporary,
    conversation: {
      attention: attentionKind(values.attention),
      system: values.system,
    },
    window: windowOption(window),
    generation: {
      maxNewTokens: wholeNumber('max-tokens', values['max-tokens'], 1),
      sampling: {
        ...(temperature === undefined ? {} : { temperature: nonNegative('temperature', temperature) }),
        ...(seed === undefined ? {} : { seed: wholeNumber('seed', seed, 0) }),
      },
    },
  }
}

function asOf({ page, chapter }: { readonly page?: string; readonly chapter?: string }): AsOf | null {
  if (page !== undefined && chapter !== undefined)
    throw new UsageError('--page and --chapter each say where to begin; give one of them.')
  if (chapter?.trim() === '') throw new UsageError('--chapter takes a number or words of a title.')
  if (chapter !== undefined) return { chapter }
  return page === undefined ? null : { page: wholeNumber('page', page, 1) }
}

/** `--continue` alone means the last conversation. */
function withContinued(args: readonly string[]): string[] {
  return args.map((argument, i) => {
    const next = args[i + 1]
    return argument === '--continue' && (next === undefined || next.startsWith('-'))
      ? '--continue=last'
      : argument
  })
}
