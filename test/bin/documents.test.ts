import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommandLine } from '../../bin/command-line.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'
import { OPENED, temporaryFolder } from '../support/test-bridge.ts'
import { writeDocx, writeEpub, writePdf } from '../support/write-documents.ts'

const answering = () => new ScriptedWorld({ answer: () => ({ text: 'Fine.' }) })

async function fileOf(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(temporaryFolder(), name)
  await writeFile(path, bytes)
  return path
}

test('chat --read takes every type, and says what was left out', async () => {
  const world = answering()
  const files = await Promise.all([
    fileOf('a.pdf', writePdf(['Page one of a.', ''])),
    fileOf('b.docx', writeDocx(['Page one of b.', 'Page two of b.'])),
    fileOf('c.epub', writeEpub([{ title: 'C', paragraphs: ['Inside of c.'] }])),
    fileOf('d.html', Buffer.from('<p>Inside of <b>d</b>.')),
    fileOf('e.md', Buffer.from('Inside of **e**.')),
  ])
  const args = ['chat', ...files.flatMap((file) => ['--read', file]), '--prompt', 'Well?']
  expect(await runCommandLine(args, world)).toBe(0)
  expect(world.documents.map(({ name, text }) => `${name}: ${text.replaceAll('\f', '').trim()}`)).toEqual([
    'a.pdf: Page one of a.',
    'b.docx: Page one of b.\n\nPage two of b.',
    'c.epub: C\n\nInside of c.',
    'd.html: Inside of d.',
    'e.md: Inside of **e**.',
  ])
  expect(world.stderr.text).toContain('a.pdf: No text, perhaps pictures: page 2.\n')
})

test('a scan is refused before the model is loaded', async () => {
  const world = answering()
  const scan = await fileOf('scan.pdf', writePdf(['']))
  expect(await runCommandLine(['chat', '--read', scan, '--prompt', 'Well?'], world)).toBe(1)
  expect(world.stderr.text).toBe(
    `The file ${scan} has 1 page and no text on it, as scans have; run text recognition on it first.\n`,
  )
  expect(world.loadedFolders).toEqual([])
})

test('--lookup puts the words back that are asked for, and the page is printed', async () => {
  const world = new ScriptedWorld({
    answer: () => ({ text: 'The code of the gate is 4821.' }),
    info: { windows: [64] },
  })
  const filler = Array.from(
    { length: 60 },
    (_, i) => `Nothing happened on day ${i} of that long winter.`,
  ).join('\n')
  const file = await fileOf(
    'a.pdf',
    writePdf(['', 'We slept. The code of the gate is 4821. We ate.', filler]),
  )
  const args = ['chat', '--read', file, '--prompt', 'What is the code of the gate?']
  expect(await runCommandLine([...args, '--json'], world)).toBe(0)
  const place = { node: 1, name: 'a.pdf', page: 2, quote: 'The code of the gate is 4821.' }
  expect(JSON.parse(world.stdout.text)).toMatchObject({ lookedUp: [place], cited: [place], inDocument: true })
  expect(world.engine.opened[0]?.requests[0]?.passage).toBe(place.quote)

  expect(await runCommandLine(args, world)).toBe(0)
  expect(world.stderr.text).toContain('From a.pdf, page 2\n')
  expect(await runCommandLine([...args, '--lookup', 'off'], world)).toBe(0)
  expect(world.engine.opened[2]?.requests[0]?.passage).toBeUndefined()
})

test('what else there is of a document is asked of the question before', async () => {
  const world = new ScriptedWorld({
    answer: () => ({ text: 'I am not sure. I find only this: The code of the gate is 4821.' }),
    info: { windows: [64] },
  })
  const rain = 'The rain fell all day. '.repeat(60)
  const text = `The code of the gate is 4821.\n\n${rain}\n\nThe gate was painted in May.`
  const file = await fileOf('a.txt', Buffer.from(text))
  world.stdin.write('What is the code of the gate?\nWhat else?\n')
  world.stdin.end()
  expect(await runCommandLine(['chat', '--read', file], world)).toBe(0)
  const [first, second] = world.engine.opened[0]?.requests ?? []
  expect(first?.passedOn).toContain('4821')
  expect(second).toMatchObject({ message: 'What else?', isPassedOn: true })
  expect(second?.passedOn).toContain('painted in May')
  expect(second?.passedOn).not.toContain('4821')
})

test('a small model hears that nothing was found, a larger one or one that is asked nothing does not', async () => {
  const unfound = async (windows: readonly number[], prompt: string, ...options: string[]) => {
    const world = new ScriptedWorld({ answer: () => ({ text: 'Oslo.' }), info: { windows } })
    const file = await fileOf('a.txt', Buffer.from('The code of the gate is 4821.'))
    await runCommandLine(['chat', '--read', file, '--prompt', prompt, ...options], world)
    return world.engine.opened[0]?.requests[0]?.unfound
  }
  expect(await unfound([64], 'Where does Mira live?')).toBe(true)
  expect(await unfound([64], 'What is the code of the gate?')).toBeUndefined()
  expect(await unfound([64], 'Good morning.')).toBeUndefined()
  expect(await unfound([192], 'Where does Mira live?')).toBeUndefined()
  expect(await unfound([64], 'Where does Mira live?', '--lookup', 'off')).toBeUndefined()
})

test('a kept conversation that is not looked up stays so, unless --lookup says otherwise', async () => {
  const world = new ScriptedWorld({ answer: () => ({ text: 'No.' }), info: { windows: [64] } })
  const conversations = await world.openConversations()
  const id = conversations.newId()
  const text = `The code of the gate is 4821. ${'Nothing happened on that day. '.repeat(60)}`
  await conversations.add(id, [
    OPENED,
    { type: 'look-up', on: false },
    { type: 'document', node: 1, parent: null, name: 'a.txt', text, time: 1 },
  ])
  await conversations.close()
  const args = ['chat', '--continue', id, '--prompt', 'What is the code of the gate?']
  expect(await runCommandLine(args, world)).toBe(0)
  expect(await runCommandLine([...args, '--lookup', 'on'], world)).toBe(0)
  const passages = world.engine.opened.map(({ requests }) => requests[0]?.passage)
  expect(passages).toEqual([undefined, 'The code of the gate is 4821.'])
})

test('an answer that no document says is not cited, and says so', async () => {
  const world = new ScriptedWorld({ answer: () => ({ text: 'The code of the gate is 9999.' }) })
  const file = await fileOf('a.txt', Buffer.from('The code of the gate is 4821.'))
  expect(
    await runCommandLine(['chat', '--read', file, '--prompt', 'What is the code of the gate?'], world),
  ).toBe(0)
  expect(world.stderr.text).toContain('Not found in the document.\n')
  expect(world.stderr.text).not.toContain('From a.txt')
  // What is looked up is a part of it, and is not said twice.
  expect(world.stderr.text).toContain('Nearest in a.txt, page 1: “The code of the gate is 4821.”\n')
  expect(world.stderr.text).not.toContain('Looked up in')
})

test('a summary is asked part by part beside the chat, which remembers what was told of it', async () => {
  const world = new ScriptedWorld({ answer: () => ({ text: 'The keeper sold the lighthouse in winter.' }) })
  const rain = 'Nobody spoke of it. Then it was evening again. The wind went round the house. '.repeat(7)
  const told = 'The keeper of Elm sold the lighthouse in winter.'
  const file = await fileOf('a.txt', Buffer.from(`${rain}${told} ${rain}`))
  const args = ['chat', '--read', file, '--prompt', 'Summarise it.', '--json']
  expect(await runCommandLine(args, world), world.stderr.text).toBe(0)
  const answer = JSON.parse(world.stdout.text) as { text: string; cited: readonly { quote: string }[] }
  expect(answer.text).toContain('The model wrote 1 of 2 lines')
  expect(answer.cited.map(({ quote }) => quote)).toContain(told)
  const [chat, ...asides] = world.engine.opened
  expect(chat?.requests).toEqual([])
  expect(asides.map(({ closed, requests }) => [closed, requests.length])).toEqual([
    [true, 1],
    [true, 1],
  ])
})
