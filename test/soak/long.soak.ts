import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modelFolder } from '../../bin/model-folder.ts'
import { nodeDisk, replaceFile } from '../../electron/disk.ts'
import { Checkpoint } from '../../engine/model/checkpoint.ts'
import { parseConfig } from '../../engine/model/config.ts'
import { createGpuModel } from '../../engine/model/model.ts'
import { type SavedState, sequenceOptions } from '../../engine/model/sequence.ts'
import { readModelFiles } from '../../engine/model-files.ts'
import { createTokenizer } from '../../engine/text/tokenizer.ts'
import { testDevice } from '../support/gpu.ts'
import { gpuOptions } from '../support/loaded-model.ts'
import { SlotShadow } from '../support/slot-shadow.ts'
import { KEPT, pocketHash } from './progress.ts'
import { row, times } from './rows.ts'

const ROOT = join(import.meta.dirname, '../..')
const POCKET = join(ROOT, 'assets/pocket')
const TEXTS = ['assets/samples/letter.txt', 'README.md', 'CHANGELOG.md', 'DECISIONS.md']
const PART = 10_000
/** tokens that are written, one by one, after each part that is read */
const WRITTEN = 32
const LARGEST_DRIFT = 64e6
const LARGEST_DIFFERENCE = 1e-4

async function loadPocket() {
  const folder = await readModelFiles(modelFolder(POCKET), () => undefined)
  const config = parseConfig(folder.config)
  const model = await createGpuModel(gpuOptions(await testDevice(), config, new Checkpoint(folder.tensors)))
  await folder.close()
  return { model, tokenizer: createTokenizer(folder) }
}

/** What is kept between two runs. */
interface Progress {
  readonly state: SavedState
  /** the largest until now */
  readonly difference: number
}

/** Progress and shadow in one file: position, difference, state, slots in f64. */
function packed({ state, difference }: Progress, shadow: SlotShadow): Uint8Array {
  const header = new Uint8Array(Float64Array.of(state.position, difference).buffer)
  return Buffer.concat([header, state.bytes, ...shadow.slots.map((slots) => new Uint8Array(slots.buffer))])
}

/** The shadow is filled. */
function unpack(bytes: Buffer, shadow: SlotShadow): Progress {
  const end = bytes.length - shadow.slots.reduce((sum, slots) => sum + slots.byteLength, 0)
  let at = end
  for (const slots of shadow.slots) {
    new Uint8Array(slots.buffer).set(bytes.subarray(at, at + slots.byteLength))
    at += slots.byteLength
  }
  const state = { position: bytes.readDoubleLE(0), bytes: new Uint8Array(bytes.subarray(16, end)), slots: [] }
  return { state, difference: bytes.readDoubleLE(8) }
}

test('many tokens through Pocket: the same GPU bytes, no more in the process, no NaN, slots as in f64; resumable', async () => {
  const { model, tokenizer } = await loadPocket()
  const options = sequenceOptions(model.config, { attention: 'nha', window: null })
  const shadow = new SlotShadow(model.config, options)
  const goal = times(1_000_000)
  const ids = TEXTS.flatMap((file) => tokenizer.encode(readFileSync(join(ROOT, file), 'utf8')))
  // Where it goes on when it was ended: the state is kept after each part.
  const file = join(KEPT, `long-${pocketHash()}.state`)
  mkdirSync(KEPT, { recursive: true })
  // One that is done begins anew.
  const isBegun = existsSync(file) && readFileSync(file).readDoubleLE(0) < goal
  const kept = isBegun ? unpack(readFileSync(file), shadow) : null
  const sequence = await model.createSequence(options, kept?.state)
  const begun = sequence.position
  let state = await sequence.save()
  const heldBytes = () => (['weights', 'state', 'scratch'] as const).map((owner) => model.ledger.bytes(owner))
  let resident = 0
  let drift = 0
  let difference = kept?.difference ?? 0
  let held: number[] = []
  const follow = async () => {
    shadow.follow(state, sequence.position)
    state = await sequence.save()
    difference = Math.max(difference, shadow.difference(state))
  }
  // A logit that is no number would throw.
  while (sequence.position < goal) {
    const end = Math.min(goal, sequence.position + PART)
    let best = 0
    while (sequence.position < end) {
      const tokens = Math.min(shadow.step, end - sequence.position)
      const text = Array.from({ length: tokens }, (_, i) => ids[(sequence.position + i) % ids.length]!)
      best = (await sequence.prefill(text, 1)).ids[0]!
      await follow()
    }
    for (let token = 0; token < WRITTEN; token++) best = (await sequence.decode(best, 1)).ids[0]!
    await follow()
    await replaceFile(nodeDisk, file, packed({ state, difference }, shadow))
    const now = process.memoryUsage().rss
    // What the first part brings into memory is not drift.
    resident ||= now
    if (held.length === 0) held = heldBytes()
    expect(heldBytes()).toEqual(held)
    drift = Math.max(drift, now - resident)
  }
  row(
    'tokens through Pocket',
    sequence.position,
    `from ${begun}`,
    `${sequence.stateBytes} bytes of state, ${held.reduce((sum, bytes) => sum + bytes, 0)} on the GPU`,
    `RSS ${drift} bytes more at most`,
    `slots ${difference.toExponential(1)} from f64`,
  )
  sequence.dispose()
  model.dispose()
  expect(drift).toBeLessThan(LARGEST_DRIFT)
  expect(difference).toBeLessThan(LARGEST_DIFFERENCE)
})
