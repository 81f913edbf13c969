import { expect, test } from 'vitest'
import { loadEngine } from '../../engine/engine.ts'
import { capturingGpu } from '../support/gpu.ts'
import { KilledChat } from '../support/killed-chat.ts'
import { runMemoryScript } from '../support/memory-scripts.ts'
import { modelFilesOf, TINY, tinyModel } from '../support/tiny-model.ts'
import { runWindowScript, smallestEngine } from '../support/window-scripts.ts'
import { count } from './progress.ts'
import { row, times } from './rows.ts'

const SCRIPTS = times(10_000)
const KILLS = times(200)

test('random scripts: text and state as of a straight run, to the bit', async () => {
  const { gpu } = capturingGpu()
  const engine = await loadEngine({ gpu, forceCpu: false, files: modelFilesOf(tinyModel(TINY)) })
  const { done, wrong } = await count('random scripts', SCRIPTS, (_, random) =>
    runMemoryScript(engine, random, 10),
  )
  engine.dispose()
  row('random scripts of 10 steps', done, `${wrong.length} differ`)
  expect(wrong).toEqual([])
})

test('random scripts through window, journal and snapshots, killed on the way: as of a straight run, to the bit', async () => {
  const engine = await smallestEngine()
  const { done, wrong } = await count('random scripts of the program', SCRIPTS, (_, random) =>
    runWindowScript(engine, random, 10),
  )
  engine.dispose()
  row('random scripts of 10 steps through the program', done, `${wrong.length} differ`)
  expect(wrong).toEqual([])
})

test('kill -9 at a random moment: no acknowledged message is lost, no words older than a second, every journal opens', async () => {
  const chat = await KilledChat.begin()
  const { done, wrong } = await count('kill -9 of the terminal chat', KILLS, (kill, random) =>
    chat.kill(kill, random),
  )
  row(
    'kill -9 of the terminal chat',
    done,
    `${wrong.length} with anything lost or a journal that does not open`,
  )
  expect(wrong).toEqual([])
})
