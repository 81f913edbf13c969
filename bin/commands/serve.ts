import { once } from 'node:events'
import { startLocalServer } from '../../electron/server/local-server.ts'
import {
  attentionKind,
  parseOptions,
  quantOption,
  windowOption,
  windowsFor,
  wholeNumber,
} from '../arguments.ts'
import { type Command, CommandError, UsageError, type World } from '../command.ts'
import { Progress } from '../progress.ts'
import { POCKET } from '../root.ts'
import { engineHost } from '../serve/engine-host.ts'

/** Fixed, so that clients can be set up once; one beyond the window's own. Nothing is registered for it. */
const PORT = '47824'
const MOST_PORT = 65_535

export const serve: Command = {
  summary: "answer other programs on this machine as OpenAI's server would",
  help: `plateau serve [options]

Answers POST /v1/chat/completions, streaming or whole, and GET /v1/models on 127.0.0.1, until Ctrl-C. Every request has to
carry a token, which is printed when it is made and kept in a file that only you can read. One answer is given at a time,
by the model that is loaded here, whatever model a request names.

  curl http://127.0.0.1:${PORT}/v1/chat/completions -H 'Authorization: Bearer TOKEN' \\
    -H 'Content-Type: application/json' -d '{"messages": [{"role": "user", "content": "Hello"}]}'

  --model PATH            a model folder or a GGUF file (default: the built-in Pocket)
  --quant q4|q8|f16       bring its weights to this format while they are loaded (default: as they are)
  --attention nha|full    full keeps every token, for comparison (default: nha)
  --window W              tokens kept exactly, as \`plateau chat\` takes them (default: the model's own)
  --port N                the port; 0 takes a free one (default: ${PORT})
  --new-token             make another token; who has the old one is not answered any more
  --json                  print one object: url, model, token (null unless it is new), tokenFile
`,
  needsGpu: () => true,
  async run(args, world) {
    const values = parseOptions('serve', args, {
      model: { type: 'string', default: POCKET },
      quant: { type: 'string' },
      attention: { type: 'string', default: 'nha' },
      window: { type: 'string' },
      port: { type: 'string', default: PORT },
      'new-token': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    })
    const port = wholeNumber('port', values.port, 0)
    if (port > MOST_PORT) throw new UsageError(`--port must be at most ${MOST_PORT}, not "${values.port}".`)
    const quant = values.quant === undefined ? null : quantOption(values.quant)
    const attention = attentionKind(values.attention)
    const window = windowOption(values.window)

    const progress = world.stderr.isTTY ? new Progress(world.stderr, 'Loading the model') : null
    const engine = await world
      .loadEngine(values.model, ({ phase, loaded, total }) => progress?.show(loaded, total, phase), quant)
      .finally(() => progress?.clear())
    try {
      if (engine.info.notice !== '') world.stderr.write(`${engine.info.notice}\n`)
      // After loading, which may start this program once more, with another driver: a token is printed when it is made.
      const place = world.serverToken()
      const { token, isNew } = values['new-token']
        ? { token: await place.renew(), isNew: true }
        : await place.get()
      const memory = { attention, window: windowsFor(window, engine.info.windows.length) }
      const server = await start(engineHost(engine, memory), token, port)
      try {
        const { modelName } = engine.info
        const about = {
          url: server.url,
          model: modelName,
          token: isNew ? token : null,
          tokenFile: place.path,
        }
        world.stdout.write(values.json ? `${JSON.stringify(about)}\n` : describe(about))
        await ended(world)
      } finally {
        await server.close()
      }
    } finally {
      engine.dispose()
    }
    return 0
  },
}

function start(...[host, token, port]: [ReturnType<typeof engineHost>, string, number]) {
  return startLocalServer({ host, token: () => token, port }).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error
    const why = code === 'EACCES' ? 'is refused by the system' : 'is taken'
    throw new CommandError(`Port ${port} ${why}; name another with --port, or 0 for a free one.`)
  })
}

interface About {
  readonly url: string
  readonly model: string
  readonly token: string | null
  readonly tokenFile: string
}

function describe({ url, model, token, tokenFile }: About): string {
  const where =
    token === null ? `The token is in ${tokenFile}.` : `Token: ${token}\nIt is kept in ${tokenFile}.`
  return `${model} answers at ${url}, until Ctrl-C.\n${where}\n`
}

/** Ctrl-C is how a server ends, so that is no failure. */
async function ended({ interrupted }: World): Promise<void> {
  if (!interrupted.aborted) await once(interrupted, 'abort')
}
