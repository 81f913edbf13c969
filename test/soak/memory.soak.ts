import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { buildStale } from '../../bin/build.js'
import { loadEngine } from '../../engine/engine.ts'
import { capturingGpu } from '../support/gpu.ts'
import { runMemoryScript } from '../support/memory-scripts.ts'
import { OPENED, temporaryFolder, testConversations } from '../support/test-bridge.ts'
import { modelFilesOf, TINY, tinyModel } from '../support/tiny-model.ts'
import { count } from './progress.ts'
import { row, times } from './rows.ts'

const SCRIPTS = times(10_000)
const KILLS = times(200)
const KEPT_WITHIN_MILLISECONDS = 1000

const letters = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '')

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

test('kill -9 at a random moment: no acknowledged message is lost, no words older than a second, every journal opens', async () => {
  await buildStale('bin')
  const home = temporaryFolder()
  const first = await testConversations(`${home}/plateau`)
  const id = first.newId()
  await first.add(id, [OPENED])
  await first.close()
  const acknowledged: string[] = []
  const { done, wrong } = await count('kill -9 of the terminal chat', KILLS, async (kill, random) => {
    const message = `Message ${kill}: my name is Mira.`
    const args = ['dist/bin/plateau.js', 'chat', '--continue', id, '--max-tokens', '40']
    const child = spawn(process.execPath, args, { env: { ...process.env, XDG_DATA_HOME: home } })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    const answering = new Promise((resolve) => child.stdout.once('data', resolve))
    const printed: { readonly at: number; readonly text: string }[] = []
    child.stdout.on('data', (text: Buffer) =>
      printed.push({ at: performance.now(), text: text.toString('latin1') }),
    )
    child.stdin.write(`${message}\n`)
    // Its answer begins: the message has been acknowledged. Every third time it is killed whenever that may be.
    const begun = answering.then(() => acknowledged.push(message))
    const anyTime = new Promise((resolve) => setTimeout(resolve, random() * 4000))
    await (kill % 3 === 2 ? Promise.race([begun, anyTime]) : begun)
    await new Promise((resolve) => setTimeout(resolve, random() * (kill % 2 === 0 ? 400 : 2400)))
    const old = performance.now() - KEPT_WITHIN_MILLISECONDS
    child.kill('SIGKILL')
    await ended
    const after = await testConversations(`${home}/plateau`)
    const { transcript, readOnly } = await after.openConversation(id)
    await after.close()
    if (readOnly !== '') return `the journal does not open: ${readOnly}`
    const kept = new Set(transcript.nodes.map(({ text }) => text))
    const lost = acknowledged.filter((text) => !kept.has(text))
    if (lost.length > 0) return `${lost.length} acknowledged messages are lost`
    const asked = transcript.nodes.find(({ text }) => text === message)
    const answer = transcript.nodes.find(({ parent }) => asked && parent === asked.node)?.text ?? ''
    const words = letters(
      Buffer.from(printed.flatMap(({ at, text }) => (at <= old ? text : '')).join(''), 'latin1').toString(),
    )
    return letters(answer).startsWith(words) ? null : 'words that were there for a second are lost'
  })
  row(
    'kill -9 of the terminal chat',
    done,
    `${wrong.length} with anything lost or a journal that does not open`,
  )
  expect(wrong).toEqual([])
})
