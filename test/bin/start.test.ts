import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { buildStale } from '../../bin/build.js'
import { ROOT } from '../../bin/root.ts'

// The last test loads the model, which takes its time on a busy machine with SwiftShader.
vi.setConfig({ testTimeout: 180_000 })

let root: string

beforeAll(() => buildStale('bin', 'electron', 'renderer'))
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'plateau-start-'))
  await mkdir(join(root, 'electron'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

/** A program of this name, in the folder that PATH and Electron's override point to. */
async function program(name: string, script: string): Promise<void> {
  const file = join(root, 'electron', name)
  await writeFile(file, `#!${process.execPath}\n${script}`)
  await chmod(file, 0o755)
}

/** A stand-in for a browser: opens the page of --app as one would, and writes down what it got. */
const VISIT = `
const url = process.argv.find((arg) => arg.startsWith('--app=')).slice(6)
;(async () => {
  const entry = await fetch(url, { redirect: 'manual' })
  const cookie = entry.headers.get('set-cookie').split(';')[0]
  const page = await fetch(new URL('/', url), { headers: { cookie } })
  const model = await fetch(new URL('/model/pocket/config.json', url), { headers: { cookie } })
  require('fs').writeFileSync(process.env.VISITED, (await page.text()) + (await model.text()))
`

interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function start(environment: NodeJS.ProcessEnv, onNote?: (stderr: string, pid: number) => void): Promise<Run> {
  const child = spawn(process.execPath, [join(ROOT, 'dist/bin/start.js')], {
    env: {
      ...process.env,
      DISPLAY: ':0',
      WAYLAND_DISPLAY: '',
      XDG_DATA_HOME: join(root, 'data'),
      PATH: join(root, 'electron'),
      ELECTRON_OVERRIDE_DIST_PATH: join(root, 'electron'),
      VISITED: join(root, 'visited'),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
  child.stderr.on('data', (text: Buffer) => {
    stderr += text.toString()
    onNote?.(stderr, child.pid ?? 0)
  })
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

describe.runIf(process.platform === 'linux')('npm start', () => {
  test('opens Electron where its binary is, on this project, and hands on its exit code', async () => {
    await program(
      'electron',
      `require('fs').writeFileSync(process.env.VISITED, process.argv.slice(2).join(' '))`,
    )
    const { code, stderr } = await start({})
    expect(code).toBe(0)
    expect(stderr).toBe('Plateau opens in its own window: Electron is here.\n')
    expect(await readFile(join(root, 'visited'), 'utf8')).toMatch(
      new RegExp(`^${ROOT} --.*enable-unsafe-webgpu`),
    )
  })

  test('where Electron does not start, opens the same bundle in a browser and ends with it', async () => {
    await program('electron', 'process.exit(127)')
    await program('chromium', `${VISIT} })()`)
    const { code, stderr } = await start({})
    expect(stderr).toMatch(
      /Plateau opens in \S+\/chromium at http:\/\/127\.0\.0\.1:\d+: Electron did not start \(exit code 127\)\.\n$/,
    )
    expect(code).toBe(0)
    const visited = await readFile(join(root, 'visited'), 'utf8')
    expect(visited).toContain('<title>Plateau</title>')
    expect(visited).toContain('"num_slots"')
  })

  test('data that cannot be opened is a sentence', async () => {
    await program('electron', 'process.exit(127)')
    await program('chromium', '')
    const data = join(root, 'data')
    await writeFile(data, '')
    const { code, stderr } = await start({ XDG_DATA_HOME: data })
    expect(code).toBe(1)
    expect(stderr).toMatch(/\nPlateau cannot be opened\. The disk failed: \S+: .*\.\n$/)
  })

  test('told to end, it ends the browser and leaves with 130', async () => {
    await program('electron', 'process.exit(127)')
    await program('chromium', `${VISIT} setInterval(() => {}, 1000); process.stderr.write('') })()`)
    let sent = false
    const { code } = await start({}, (stderr, pid) => {
      if (sent || !stderr.includes('/chromium at')) return
      sent = true
      setTimeout(() => process.kill(pid, 'SIGTERM'), 1000)
    })
    expect(code).toBe(130)
  })

  test('where nothing else can open, or there is no display, chats here in the terminal', async () => {
    await program('electron', 'process.exit(127)')
    let told = false
    const broken = await start({}, (stderr, pid) => {
      if (told || !stderr.includes('terminal')) return
      told = true
      process.kill(pid, 'SIGTERM')
    })
    expect(broken.stderr).toContain(
      'Plateau opens here in the terminal: Electron did not start (exit code 127), and no browser of the Chromium family is installed.\n',
    )
    const { code, stdout, stderr } = await start({ DISPLAY: '' })
    expect(stderr).toContain('Plateau opens here in the terminal: there is no display.\n')
    // Nothing was typed: the chat says so, and that is its exit code.
    expect(stderr).toContain('There is nothing to answer: the prompt is empty.\n')
    expect(code).toBe(1)
    expect(stdout).toBe('')
  })
})
