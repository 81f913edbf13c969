import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modelFolder } from '../../bin/model-folder.ts'
import { nodeDisk, replaceFile } from '../../electron/disk.ts'
import { type Conversation } from '../../engine/conversation.ts'
import { loadEngine } from '../../engine/engine.ts'
import { capturingGpu } from '../support/gpu.ts'
import { OPTIONS } from '../support/memory-scripts.ts'
import { row, times } from './rows.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Where it goes on when it was ended: the state is kept after each part. */
const FOLDER = join(ROOT, 'test/output/soak')
const STATE = join(FOLDER, 'long.state')
const PART = 10_000
const LARGEST_DRIFT = 64e6

const { gpu } = capturingGpu()

async function finish(events: AsyncGenerator): Promise<void> {
  while (!(await events.next()).done);
}

test('many tokens through Pocket: the same bytes on the GPU, no more in the process, no NaN; resumable', async () => {
  const engine = await loadEngine({
    gpu,
    forceCpu: false,
    files: modelFolder(join(ROOT, 'assets/pocket')),
  })
  const goal = times(1_000_000)
  const text = readFileSync(join(ROOT, 'assets/samples/letter.txt'), 'utf8')
  mkdirSync(FOLDER, { recursive: true })
  const conversation: Conversation = existsSync(STATE)
    ? await engine.restore(OPTIONS, readFileSync(STATE)).catch(() => engine.open(OPTIONS))
    : await engine.open(OPTIONS)
  const bytes = conversation.memory.stateBytes
  const begun = conversation.memory.position
  let resident = 0
  let drift = 0
  while (conversation.memory.position < goal) {
    const end = Math.min(goal, conversation.memory.position + PART)
    while (conversation.memory.position < end)
      await finish(conversation.read('letter.txt', text, new AbortController().signal))
    // A logit that is no number would throw.
    const request = { message: 'Go on.', sampling: { temperature: 0 }, maxNewTokens: 4 }
    await finish(conversation.generate(request, new AbortController().signal))
    const snapshot = await conversation.snapshot()
    await replaceFile(nodeDisk, STATE, snapshot)
    expect(conversation.memory.stateBytes).toBe(bytes)
    const now = process.memoryUsage().rss
    // What the first part brings into memory is not drift.
    resident ||= now
    drift = Math.max(drift, now - resident)
  }
  const { position } = conversation.memory
  row(
    'tokens through Pocket',
    position,
    `from ${begun}`,
    `${bytes} bytes of state`,
    `RSS ${drift} bytes more at most`,
  )
  conversation.dispose()
  engine.dispose()
  expect(drift).toBeLessThan(LARGEST_DRIFT)
})
