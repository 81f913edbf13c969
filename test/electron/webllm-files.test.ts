import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodePorts } from '../../electron/downloads/ports.ts'
import { serve } from '../../electron/serve.ts'
import { WEBLLM_LIBRARIES, WebllmFiles } from '../../electron/webllm/webllm-files.ts'
import { InstalledModels } from '../../electron/models/installed.ts'
import { temporaryFolder } from '../support/test-bridge.ts'

const HUB = 'https://huggingface.co'
const MODEL = 'Tiny-q4f32_1-MLC'
const LIBRARY = 'Tiny-q4f32_1_cs1k-webgpu.wasm'
const COMMIT = 'a'.repeat(40)
const CONFIG = '{"tokenizer_files":["tokenizer.json"]}'
const sha256 = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from('weights'))).toString('hex')

/** The hub and the place of libraries, as far as this model goes; every address that is asked for is kept. */
function opened(change: Readonly<Record<string, () => Response>> = {}) {
  const asked: string[] = []
  const files = ['mlc-chat-config.json', 'params_shard_0.bin'].map((rfilename) =>
    rfilename.endsWith('.bin') ? { rfilename, size: 7, lfs: { sha256 } } : { rfilename, size: CONFIG.length },
  )
  const answers: Readonly<Record<string, () => Response>> = {
    [`${HUB}/api/models/mlc-ai/${MODEL}/revision/main?blobs=true`]: () =>
      Response.json({ sha: COMMIT, siblings: files }),
    [`${HUB}/mlc-ai/${MODEL}/resolve/${COMMIT}/mlc-chat-config.json`]: () => new Response(CONFIG),
    [`${HUB}/mlc-ai/${MODEL}/resolve/${COMMIT}/params_shard_0.bin`]: () => new Response('weights'),
    [`${WEBLLM_LIBRARIES}${LIBRARY}`]: () => new Response('\0asm'),
  }
  const folder = temporaryFolder()
  const ports = {
    ...nodePorts,
    fetch: (url: URL) => {
      asked.push(url.href)
      return Promise.resolve(
        change[url.href]?.() ?? answers[url.href]?.() ?? new Response('', { status: 404 }),
      )
    },
    sleep: () => Promise.resolve(),
  }
  const webllm = new WebllmFiles(folder, HUB, ports)
  const get = (path: string) =>
    serve(new Request(`http://127.0.0.1${path}`), {
      renderer: folder,
      pocket: folder,
      models: folder,
      webllm,
    })
  return { asked, folder, get, ports }
}

const at = (file: string, model = MODEL) => `/webllm/${model}/resolve/main/${file}`

test('a file is fetched at one commit, once, and lies with the other models, which the library shows', async () => {
  const { asked, folder, get, ports } = opened()
  const both = await Promise.all([get(at('mlc-chat-config.json')), get(at('mlc-chat-config.json'))])
  for (const response of both) expect(await response.text()).toBe(CONFIG)
  expect(await (await get(at('params_shard_0.bin'))).text()).toBe('weights')
  const library = await get(at(LIBRARY))
  expect([library.headers.get('content-type'), await library.text()]).toEqual(['application/wasm', '\0asm'])
  expect(asked).toHaveLength(4)
  await get(at('params_shard_0.bin'))
  expect(asked).toHaveLength(4)
  expect(readFileSync(join(folder, MODEL, 'params_shard_0.bin'), 'utf8')).toBe('weights')
  const installed = new InstalledModels(folder, ports.disk, () => Promise.reject(new Error('no GGUF here')))
  expect(await installed.list()).toMatchObject([
    { id: MODEL, problem: expect.stringContaining('for WebLLM') as string },
  ])
  await installed.remove(MODEL)
  expect(await installed.list()).toEqual([])
})

test.each([
  at('model.safetensors'),
  at('../../../etc/passwd'),
  at('%2e%2e%2fconfig.json'),
  at('params_shard_0.bin', '..'),
  at('params_shard_0.bin', 'Tiny'),
  at('evil.wasm'),
  '/webllm/other/Tiny-MLC/resolve/main/tokenizer.json',
  `/webllm/${MODEL}/resolve/dev/tokenizer.json`,
])('%s is nothing that WebLLM has', async (path) => {
  const { asked, get } = opened()
  expect((await get(path)).status).toBe(404)
  expect(asked).toEqual([])
})

test('what is damaged, sent elsewhere or not there is a sentence, and leaves no file', async () => {
  const shard = `${HUB}/mlc-ai/${MODEL}/resolve/${COMMIT}/params_shard_0.bin`
  const elsewhere = () => new Response(null, { status: 302, headers: { location: 'https://evil.example/x' } })
  const library = `${WEBLLM_LIBRARIES}${LIBRARY}`
  for (const [change, file, sentence] of [
    [{ [shard]: () => new Response('weighty') }, 'params_shard_0.bin', /came damaged/],
    [{ [shard]: elsewhere }, 'params_shard_0.bin', /evil\.example, which models are not fetched from/],
    [{ [library]: () => new Response('', { status: 404 }) }, LIBRARY, /is not there any more/],
    [{}, 'tokenizer.json', /has no file "tokenizer.json"/],
  ] as const) {
    const { get, folder } = opened(change)
    const response = await get(at(file))
    expect([response.status, await response.text()]).toEqual([502, expect.stringMatching(sentence)])
    expect(() => readFileSync(join(folder, MODEL, file))).toThrow('ENOENT')
  }
})

test('only its worker may run WebAssembly', async () => {
  const { folder, get } = opened()
  const { mkdirSync, writeFileSync } = await import('node:fs')
  mkdirSync(join(folder, 'assets'))
  for (const name of ['webllm-worker-abc_1.js', 'worker-abc.js', 'index-webllm-worker-abc.js'])
    writeFileSync(join(folder, 'assets', name), '')
  const allowed = async (name: string) =>
    (await get(`/assets/${name}`)).headers.get('content-security-policy')?.includes("'wasm-unsafe-eval'")
  expect(await allowed('webllm-worker-abc_1.js')).toBe(true)
  expect(await allowed('worker-abc.js')).toBe(false)
  expect(await allowed('index-webllm-worker-abc.js')).toBe(false)
})
