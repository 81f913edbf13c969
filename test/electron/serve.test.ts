import { beforeAll, describe, expect, test } from 'vitest'
import { parseRange, serve, type ServedFolders } from '../../electron/serve.ts'
import { servedFolders, WEIGHTS } from '../support/served-folders.ts'

const MODEL = 'app://plateau/model/pocket/model.safetensors'
let folders: ServedFolders

beforeAll(async () => {
  folders = await servedFolders()
})

const get = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
  serve(new Request(url, { headers, method }), folders)

describe('what the window may fetch', () => {
  test.each([
    ['app://plateau/', 'text/html; charset=utf-8'],
    ['app://plateau/assets/main.js', 'text/javascript; charset=utf-8'],
    ['app://plateau/model/pocket/config.json?fresh', 'application/json'],
    [MODEL, 'application/octet-stream'],
  ])('%s', async (url, type) => {
    const response = await get(url)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(type)
  })

  test('the page may load from its own origin only, and no inline script or eval', async () => {
    const policy = (await get('app://plateau/')).headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("connect-src 'self'")
    expect(policy).not.toContain('unsafe')
  })

  test('no name is looked up before a link is pressed', async () => {
    expect((await get('app://plateau/')).headers.get('x-dns-prefetch-control')).toBe('off')
  })

  test('a refusal carries the same headers', async () => {
    const response = await get('app://plateau/nothing')
    expect(response.status).toBe(404)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test.each([
    'app://plateau/../secret.txt',
    'app://plateau/%2e%2e/secret.txt',
    'app://plateau/..%2Fsecret.txt',
    'app://plateau/assets/..%2F..%2Fsecret.txt',
    'app://plateau/..%5Csecret.txt',
    'app://plateau/model/pocket/..%2F..%2Fsecret.txt',
    'app://plateau/model/pocket/train/train.py',
    'app://plateau/model/pocket/train',
    'app://plateau/model/pocket/',
    'app://plateau/.built-from',
    'app://plateau//etc/passwd',
    'app://plateau/index.html%00.png',
    'app://plateau/%',
    'app://plateau/assets',
  ])('not %s', async (url) => {
    const response = await get(url)
    expect(response.status).toBe(404)
    expect(await response.text()).not.toContain('secret')
  })

  test('other methods than GET and HEAD are refused; HEAD sends no body', async () => {
    expect((await get('app://plateau/', {}, 'POST')).status).toBe(405)
    const head = await get(MODEL, {}, 'HEAD')
    expect(head.headers.get('content-length')).toBe(String(WEIGHTS.length))
    expect(await head.text()).toBe('')
  })
})

describe('byte ranges', () => {
  test('a whole file arrives in pieces, unchanged', async () => {
    const bytes = new Uint8Array(await (await get(MODEL)).arrayBuffer())
    expect(Buffer.compare(bytes, WEIGHTS)).toBe(0)
  })

  test.each([
    ['bytes=0-0', 0, 1],
    ['bytes=1048575-1048576', 1_048_575, 1_048_577],
    ['bytes=3000000-', 3_000_000, 3_000_001],
    ['bytes=-5', 2_999_996, 3_000_001],
    ['bytes=2999999-9999999', 2_999_999, 3_000_001],
  ])('%s', async (range, start, end) => {
    const response = await get(MODEL, { range })
    expect(response.status).toBe(206)
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/3000001`)
    const bytes = new Uint8Array(await response.arrayBuffer())
    expect(Buffer.compare(bytes, WEIGHTS.subarray(start, end))).toBe(0)
  })

  test('one that begins after the end is refused with the size', async () => {
    const response = await get(MODEL, { range: 'bytes=3000001-' })
    expect(response.status).toBe(416)
    expect(response.headers.get('content-range')).toBe('bytes */3000001')
  })

  test.each([null, 'bytes=-', 'bytes=2-1', 'bytes=0-1,4-5', 'items=0-1', 'bytes=a-b'])(
    '%s means the whole file',
    (header) => {
      expect(parseRange(header, 100)).toBeNull()
    },
  )

  test('an empty file is sent whole, and has no range', async () => {
    expect((await get('app://plateau/model/pocket/empty.bin')).status).toBe(200)
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable')
    expect(parseRange('bytes=-0', 100)).toBe('unsatisfiable')
  })
})
