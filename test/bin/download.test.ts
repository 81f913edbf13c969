import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCommandLine } from '../../bin/command-line.ts'
import { LOCAL_PORTS, publish, REVISION } from '../support/published-model.ts'
import { ScriptedFileServer } from '../support/scripted-file-server.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'
import { temporaryFolder } from '../support/test-bridge.ts'

const LIST = '/api/models/me/tiny/revision/main?blobs=true'

let server: ScriptedFileServer
let folder: string

beforeEach(async () => {
  server = new ScriptedFileServer()
  await server.start()
  folder = temporaryFolder()
})
afterEach(() => server.stop())

function world(token = ''): ScriptedWorld {
  const world = new ScriptedWorld({ answer: () => ({ text: '' }) })
  world.hub = { url: server.origin, token, ports: LOCAL_PORTS }
  return world
}

const encode = (text: string) => new TextEncoder().encode(text)

const publishTiny = (files: Record<string, string>) =>
  publish(server, 'me/tiny', new Map(Object.entries(files).map(([name, text]) => [name, encode(text)])))

const FOLDER = {
  'config.json': '{}',
  'tokenizer.json': '{"a": 1}',
  'model-00001-of-00002.safetensors': 'first part of the weights',
  'model-00002-of-00002.safetensors': 'second part of the weights',
  'model.safetensors.index.json': '{}',
  'README.md': 'not needed',
  'onnx/model.onnx': 'another format of the same weights',
  'model.Q8_0.gguf': 'the same weights as one file',
  '../../.bashrc': 'hostile',
  '/etc/passwd': 'hostile',
  '.git/config': 'hostile',
}

describe('plateau download', () => {
  test('fetches what a model folder needs, at the commit the revision is now, and prints where it is', async () => {
    publishTiny(FOLDER)
    const one = world('hf_token')
    expect(
      await runCommandLine(['download', '--repo', 'me/tiny', '--out', folder], one),
      one.stderr.text,
    ).toBe(0)
    expect(one.stdout.text).toBe(`${folder}\n`)
    expect((await readdir(folder)).sort()).toEqual([
      'config.json',
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      'model.safetensors.index.json',
      'source.json',
      'tokenizer.json',
    ])
    expect(JSON.parse(await readFile(join(folder, 'source.json'), 'utf8'))).toEqual({
      repo: 'me/tiny',
      revision: REVISION,
    })
    expect(await readFile(join(folder, 'model-00002-of-00002.safetensors'), 'utf8')).toBe(
      'second part of the weights',
    )
    expect(one.stderr.text).toMatch(/^Fetching me\/tiny 100 % · 63 B of 63 B/m)
    for (const { authorization } of server.requests) expect(authorization).toBe('Bearer hf_token')
  })

  test('one GGUF file; --json says what came', async () => {
    publishTiny(FOLDER)
    const one = world()
    const args = ['download', '--repo', 'me/tiny', '--file', 'model.Q8_0.gguf', '--out', folder, '--json']
    expect(await runCommandLine(args, one), one.stderr.text).toBe(0)
    expect(JSON.parse(one.stdout.text)).toEqual({
      path: join(folder, 'model.Q8_0.gguf'),
      repo: 'me/tiny',
      revision: REVISION,
      files: ['model.Q8_0.gguf'],
      bytes: 28,
    })
  })

  test.each([
    [
      { 'model.Q8_0.gguf': 'x' },
      [],
      'me/tiny has no weights as safetensors; name one of its GGUF files: model.Q8_0.gguf.',
    ],
    [{ 'a.txt': 'x' }, [], 'me/tiny has no weights as safetensors.'],
    [FOLDER, ['--file', '../../.bashrc'], 'me/tiny has no file "../../.bashrc".'],
    [FOLDER, ['--revision', 'old'], 'There is no model me/tiny at revision "old".'],
    [FOLDER, ['--repo', 'me/../tiny'], '"me/../tiny" is not the name of a model: it should be OWNER/NAME.'],
    [
      FOLDER,
      ['--repo', 'https://evil.example/x'],
      '"https://evil.example/x" is not the name of a model: it should be OWNER/NAME.',
    ],
  ] as [Record<string, string>, string[], string][])(
    '%o with %o is one sentence',
    async (files, args, sentence) => {
      publishTiny(files)
      const one = world()
      expect(await runCommandLine(['download', '--repo', 'me/tiny', '--out', folder, ...args], one)).toBe(1)
      expect(one.stderr.text).toBe(`${sentence}\n`)
      expect(await readdir(folder)).toEqual([])
    },
  )

  test.each([
    ['not JSON'],
    ['[]'],
    ['{"sha": "main", "siblings": []}'],
    [`{"sha": "${REVISION}", "siblings": 7}`],
  ])('a list that is %j is not understood', async (text) => {
    server.files.set(LIST, { body: encode(text), etag: '"list"' })
    const one = world()
    expect(await runCommandLine(['download', '--repo', 'me/tiny', '--out', folder], one)).toBe(1)
    expect(one.stderr.text).toMatch(/described me\/tiny in a way that is not understood\.\n$/)
  })

  test('a hub that needs a login, or is not there, or is another host', async () => {
    server.files.set(LIST, { body: encode(''), etag: '' })
    server.misbehaviours.push((_, response) => response.writeHead(401).end())
    const gated = world()
    expect(await runCommandLine(['download', '--repo', 'me/tiny', '--out', folder], gated)).toBe(1)
    expect(gated.stderr.text).toBe('me/tiny is not there, or needs a login: give a token that may read it.\n')

    const gone = world()
    gone.hub = { ...gone.hub, url: 'http://127.0.0.1:9' }
    expect(await runCommandLine(['download', '--repo', 'me/tiny', '--out', folder], gone)).toBe(1)
    expect(gone.stderr.text).toBe('127.0.0.1:9 could not be reached; is there a network?\n')

    const other = world()
    other.hub = { ...other.hub, url: 'https://evil.example' }
    expect(await runCommandLine(['download', '--repo', 'me/tiny', '--out', folder], other)).toBe(1)
    expect(other.stderr.text).toBe('Models are not fetched from evil.example.\n')
  })

  test('without --repo, and after Ctrl-C', async () => {
    const one = world()
    expect(await runCommandLine(['download'], one)).toBe(2)
    publishTiny(FOLDER)
    const interrupted = world()
    interrupted.interrupt.abort()
    expect(await runCommandLine(['download', '--repo', 'me/tiny', '--out', folder], interrupted)).toBe(130)
  })
})
