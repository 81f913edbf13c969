import { attentionKind, parseOptions, wholeNumber, windowOption, windowsFor } from '../arguments.ts'
import { type Command, UsageError } from '../command.ts'
import { POCKET } from '../root.ts'

const TOP = 20

export const logits: Command = {
  summary: 'the 20 likeliest next tokens after given ids',
  help: `plateau logits --ids 1,2,3 [options]

Prints the ${TOP} largest logits after the last id, largest first.

  --ids LIST              token ids, separated by commas
  --model DIR             a model folder (default: the built-in Pocket)
  --attention nha|full    which attention (default: nha)
  --window W              tokens kept exactly: a number or all, for every layer, or a list with one for each layer; or
                          lean, balanced or faithful (default: the model's own)
  --json                  print {"top": [[id, logit], ...]}
`,
  needsGpu: () => true,
  async run(args, world) {
    const values = parseOptions('logits', args, {
      ids: { type: 'string' },
      model: { type: 'string', default: POCKET },
      attention: { type: 'string', default: 'nha' },
      window: { type: 'string' },
      json: { type: 'boolean', default: false },
    })
    if (values.ids === undefined) throw new UsageError('--ids is missing: give token ids, as in --ids 1,2,3.')
    const ids = values.ids.split(',').map((id) => wholeNumber('ids', id, 0))
    const attention = attentionKind(values.attention)
    const window = windowOption(values.window)

    const engine = await world.loadEngine(values.model, () => undefined)
    try {
      const options = { attention, window: windowsFor(window, engine.info.windows.length) }
      const top = largest(await engine.logits(ids, options), TOP)
      const text = values.json
        ? JSON.stringify({ top })
        : top.map(([id, logit]) => `${String(id).padStart(6)}  ${logit.toFixed(4)}`).join('\n')
      world.stdout.write(`${text}\n`)
      return 0
    } finally {
      engine.dispose()
    }
  },
}

/** The largest `count` of `values` with their indices, largest first; of equals the first. */
function largest(values: Float32Array, count: number): [id: number, logit: number][] {
  return [...values.entries()].sort(([i, a], [j, b]) => b - a || i - j).slice(0, count)
}
