import { readdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runCommandLine } from '../../bin/command-line.ts'
import { modelFolder } from '../../bin/model-folder.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'
import { temporaryFolder } from '../support/test-bridge.ts'

const quiet = () => new ScriptedWorld({ answer: () => ({ text: 'ok' }) })

describe('a wrong command line is one sentence and exit code 2, before anything is loaded', () => {
  test.each([
    [
      [],
      'Say which command: chat, read, compare, logits, recall, bench, download, import, hybridize, serve, doctor.',
    ],
    [
      ['chatt'],
      'There is no command "chatt"; there are chat, read, compare, logits, recall, bench, download, import, hybridize, serve, doctor.',
    ],
    [
      ['constructor'],
      'There is no command "constructor"; there are chat, read, compare, logits, recall, bench, download, import, hybridize, serve, doctor.',
    ],
    [['chat', '--promt', 'x'], "Unknown option '--promt'; `plateau chat --help` lists what it takes."],
    [['chat', 'Hello'], "Unexpected argument 'Hello'; `plateau chat --help` lists what it takes."],
    [
      ['chat', '--prompt'],
      "Option '--prompt <value>' argument missing; `plateau chat --help` lists what it takes.",
    ],
    [
      ['chat', '--prompt', '- a list'],
      "Option '--prompt' argument is ambiguous; write --name=VALUE for a value that begins with a dash.",
    ],
    [['chat', '--attention', 'half'], '--attention must be nha or full, not "half".'],
    [['chat', '--window', '64,'], '--window must be numbers, all, lean, balanced, faithful, not "64,".'],
    [['chat', '--window', '1.5'], '--window must be numbers, all, lean, balanced, faithful, not "1.5".'],
    [['chat', '--max-tokens', '0'], '--max-tokens must be a whole number of at least 1, not "0".'],
    [['chat', '--temperature', 'hot'], '--temperature must be a number of at least 0, not "hot".'],
    [['chat', '--temperature=-1'], '--temperature must be a number of at least 0, not "-1".'],
    [['chat', '--seed', ''], '--seed must be a whole number of at least 0, not "".'],
    [['logits'], '--ids is missing: give token ids, as in --ids 1,2,3.'],
    [['logits', '--ids', '1,,2'], '--ids must be a whole number of at least 0, not "".'],
    [['doctor', '--verbose'], "Unknown option '--verbose'; `plateau doctor --help` lists what it takes."],
  ])('plateau %j', async (args, sentence) => {
    const world = quiet()
    expect(await runCommandLine(args, world)).toBe(2)
    expect(world.stderr.text).toBe(`${sentence}\n`)
    expect(world.stdout.text).toBe('')
    expect(world.loadedFolders).toEqual([])
  })
})

describe('what cannot be had is one sentence and exit code 1', () => {
  test('a document that is not there', async () => {
    const world = quiet()
    expect(await runCommandLine(['chat', '--read', '/no/such.txt', '--prompt', 'x'], world)).toBe(1)
    expect(world.stderr.text).toBe('The file /no/such.txt could not be read: there is no such file.\n')
    expect(world.loadedFolders).toEqual([])
  })

  test('a place where no chat can be saved, before there is one that could be lost', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'file')
    await writeFile(file, '')
    for (const [path, reason] of [
      ['/no/such/a.chat', 'there is no such folder'],
      [join(file, 'a.chat'), 'there is no such folder'],
      [folder, 'it is a folder'],
    ] as const) {
      const world = quiet()
      expect(await runCommandLine(['chat', '--prompt', 'x', '--save', path], world)).toBe(1)
      expect(world.stderr.text).toBe(`No chat can be saved to ${path}: ${reason}.\n`)
      expect(world.loadedFolders).toEqual([])
    }
    expect(await readdir(folder)).toEqual(['file'])
  })

  test('a document that is a folder, and one that is not text', async () => {
    const folder = temporaryFolder()
    const image = join(folder, 'image.png')
    await writeFile(image, Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe))
    const world = quiet()
    expect(await runCommandLine(['chat', '--read', folder, '--prompt', 'x'], world)).toBe(1)
    expect(await runCommandLine(['chat', '--read', image, '--prompt', 'x'], world)).toBe(1)
    expect(world.stderr.text).toBe(
      `The file ${folder} could not be read: it is a folder.\n` +
        `The file ${image} is not plain text, so it cannot be read into memory.\n`,
    )
  })

  test('a failure of the engine is told in its own words', async () => {
    const world = quiet()
    world.loadFailure = { code: 'unknown-architecture', found: 'mamba', supported: ['llama', 'qwen2'] }
    expect(await runCommandLine(['chat', '--prompt', 'x'], world)).toBe(1)
    expect(world.stderr.text).toBe('Models of type "mamba" cannot run here; these can: llama, qwen2.\n')
  })

  test('a failure in the middle of an answer keeps what came before it', async () => {
    const world = new ScriptedWorld({
      answer: () => ({
        text: 'Half of',
        failure: { code: 'device-lost', reason: 'unknown', message: 'reset' },
      }),
    })
    expect(await runCommandLine(['chat', '--prompt', 'x'], world)).toBe(1)
    expect(world.stdout.text).toBe('Half of')
    expect(world.stderr.text).toBe('The GPU stopped (unknown): reset; load the model again to go on.\n')
    expect(world.engine.disposed).toBe(true)
  })

  test('our own mistake shows no stack trace', async () => {
    const world = quiet()
    world.inspectGpu = () => Promise.reject(new TypeError('x is not a function'))
    expect(await runCommandLine(['doctor'], world)).toBe(1)
    expect(world.stderr.text).toBe('Something went wrong inside Plateau: x is not a function\n')
  })
})

describe('a model folder on disk', () => {
  test('names the folder when it is the folder that is missing', async () => {
    await expect(modelFolder('/no/such/model').bytes('config.json')).rejects.toThrow(
      "The model's file /no/such/model/config.json could not be read: there is no such folder.",
    )
    await expect(modelFolder('/etc/hostname').bytes('config.json')).rejects.toThrow(
      '/etc/hostname is not a folder',
    )
  })

  test('names the file when that is missing or a folder', async () => {
    const folder = temporaryFolder()
    await expect(modelFolder(folder).bytes('config.json')).rejects.toThrow('there is no such file')
    await expect(modelFolder(dirname(folder)).bytes(basename(folder))).rejects.toThrow('it is not a file')
  })

  test('reads a file whole, with progress that ends at its size', async () => {
    const folder = temporaryFolder()
    const bytes = new Uint8Array(9_000_001)
    for (let i = 0; i < bytes.length; i += 4093) bytes[i] = i % 251
    await writeFile(join(folder, 'model.safetensors'), bytes)
    const seen: number[] = []
    const read = await modelFolder(folder).bytes('model.safetensors', (loaded) => seen.push(loaded))
    expect(Buffer.compare(read, bytes)).toBe(0)
    expect(seen.length).toBeGreaterThan(1)
    expect(seen.at(-1)).toBe(bytes.length)
  })
})
