import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { commandLineSwitch, findBrowser, machineSwitches, QUIET } from '../browser.ts'
import { CommandError } from '../command.ts'
import { type Loopback, serveOnLoopback } from '../loopback.ts'
import { ROOT } from '../root.ts'
import type { Attention } from '../../engine/protocol.ts'
import type { Answer, Contestant } from './contestant.ts'
import type { MeasuredOptions } from './ours.ts'
import type { OnnxDecoder } from './onnx/decoder.ts'
import type { BenchPage } from './page/main.ts'
import type { Matmul } from './page/matmul.ts'
import type { MatrixShape } from '../../kernels/matrix.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
}

/** A page of an installed Chromium in which contestants run; its files and the models come from 127.0.0.1. */
export interface BenchBrowser {
  readonly version: string
  /** where a page finds the files of `folder` */
  share(name: string, folder: string): string
  page(): Promise<ContestPage>
  close(): Promise<void>
}

/** What a page does, asked from here. */
export interface ContestPage {
  bandwidth(): Promise<number>
  /** @throws {CommandError} the page's own reason */
  loadOurs(url: string): Promise<void>
  ours(options: MeasuredOptions): Promise<Contestant>
  onnxRuntime(url: string, decoder: OnnxDecoder): Promise<OnnxContestant>
  /** ours and tfjs on a product of f32 */
  matmul(shape: MatrixShape, tokens: number): Promise<Matmul>
  /** @param url of a GGUF file */
  wllama(url: string, weightBytes: number, stateBytesPerToken: number): Promise<Contestant>
}

export interface OnnxContestant extends Contestant {
  logits(calls: readonly (readonly number[])[]): Promise<number[]>
}

/**
 * Build the page and open a browser for it.
 *
 * @param built where the page's bundle is put
 * @throws {CommandError} there is no browser, or this is no development checkout
 */
export async function openBenchBrowser(built: string): Promise<BenchBrowser> {
  const executablePath = findBrowser()
  if (executablePath === null) throw new CommandError('no Chromium, Chrome or Edge was found')
  const { build } = await import('vite')
  await build({
    configFile: false,
    root: join(ROOT, 'bin/bench/page'),
    base: './',
    logLevel: 'error',
    build: { outDir: built, emptyOutDir: true, target: 'chrome137', modulePreload: { polyfill: false } },
  })
  const folders = new Map([
    ['page', built],
    ['packages', join(ROOT, 'node_modules')],
  ])
  const server = await serveFolders(folders)
  const { chromium } = await import('playwright-core')
  const args = [...machineSwitches(), ...QUIET].map(commandLineSwitch)
  let browser: Browser
  try {
    browser = await chromium.launch({ executablePath, args })
  } catch (error) {
    await server.close()
    throw error
  }
  return {
    version: browser.version(),
    share(name, folder) {
      folders.set(name, folder)
      return `${server.url}${name}/`
    },
    async page() {
      const page = await browser.newPage()
      await page.goto(`${server.url}page/index.html`)
      return contestPage(page)
    },
    async close() {
      await browser.close()
      await server.close()
    },
  }
}

function contestPage(page: Page): ContestPage {
  const call = <Method extends keyof BenchPage>(
    method: Method,
    ...values: Parameters<BenchPage[Method]>
  ): Promise<Awaited<ReturnType<BenchPage[Method]>>> =>
    page.evaluate(
      ([name, given]) => {
        const benchPage: unknown = Reflect.get(globalThis, 'benchPage')
        if (typeof benchPage !== 'object' || benchPage === null) throw new Error('the page did not start')
        const asked: unknown = Reflect.get(benchPage, name)
        if (typeof asked !== 'function') throw new Error(`the page has no ${name}`)
        return Reflect.apply(asked, benchPage, given) as unknown
      },
      [method, values as unknown[]] as const,
    ) as Promise<Awaited<ReturnType<BenchPage[Method]>>>
  const contestant = (id: number, engine: string, attention: Attention): Contestant => ({
    engine,
    attention,
    place: 'Chromium',
    open: async () => value(await call('open', id)),
    prepare: async (task) => value(await call('prepare', id, task)),
    time: async (task) => value(await call('time', id, task)),
    timeSnapshot: async () => value(await call('timeSnapshot', id)),
    close: async () => value(await call('close', id)),
  })
  return {
    bandwidth: () => call('bandwidth'),
    loadOurs: async (url) => void value(await call('loadOurs', url)),
    ours: async (options) => contestant(await call('ours', options), 'plateau', options.attention),
    matmul: async (shape, tokens) => value(await call('matmul', shape, tokens)),
    wllama: async (...file) => contestant(await call('wllama', ...file), 'wllama', 'full'),
    async onnxRuntime(url, decoder) {
      const id = await call('onnxRuntime', url, decoder)
      return { ...contestant(id, 'onnxruntime-web', 'full'), logits: (calls) => call('logits', id, calls) }
    },
  }
}

/** @throws {CommandError} what the page refused, and why */
function value<T>(answer: Answer<T>): T {
  if ('refused' in answer) throw new CommandError(answer.refused)
  return answer.value
}

/** Folders by their first name in the path, isolated as shared memory wants it. */
function serveFolders(folders: ReadonlyMap<string, string>): Promise<Loopback> {
  return serveOnLoopback(async ({ url = '/', headers }, response) => {
    try {
      await answerFile(folders, url, headers.range, response)
    } catch {
      response.writeHead(404).end()
    }
  })
}

async function answerFile(
  folders: ReadonlyMap<string, string>,
  url: string,
  range: string | undefined,
  response: ServerResponse,
): Promise<void> {
  const [, first = '', ...rest] = decodeURIComponent(url.split('?')[0] ?? '').split('/')
  const folder = folders.get(first)
  const path = folder === undefined ? null : normalize(join(folder, ...rest))
  if (folder === undefined || path === null || !path.startsWith(folder + sep)) throw new Error('not shared')
  const { size } = await stat(path)
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []
  const part = from === undefined || to === undefined ? null : { start: Number(from), end: Number(to) }
  response.writeHead(part ? 206 : 200, {
    'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
    'content-length': part ? part.end - part.start + 1 : size,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  })
  createReadStream(path, part ?? {}).pipe(response)
}
