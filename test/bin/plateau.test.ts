import { spawn } from 'node:child_process'
import { copyFile, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { buildStale } from '../../bin/build.js'
import { POCKET, ROOT } from '../../bin/root.ts'

// Each run loads the model and compiles its kernels; on a busy machine with SwiftShader that takes its time.
vi.setConfig({ testTimeout: 180_000 })

let folder: string

beforeAll(async () => {
  await buildStale('bin')
  folder = await mkdtemp(join(tmpdir(), 'plateau-command-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

interface Options {
  readonly input?: string
  readonly env?: NodeJS.ProcessEnv
  /** sent when the first answer begins */
  readonly signal?: NodeJS.Signals
}

/** The program as a user runs it: the built bundle, the built-in model, whatever GPU there is. */
function plateau(
  args: readonly string[],
  { input = '', env = process.env, signal }: Options = {},
): Promise<Run> {
  const child = spawn(process.execPath, [join(ROOT, 'dist/bin/plateau.js'), ...args], { env })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text: Buffer) => {
    if (stdout === '' && signal) child.kill(signal)
    stdout += text.toString()
  })
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
  child.stdin.end(input)
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
}

interface Answer {
  readonly text: string
  readonly finishReason: string
  readonly promptTokens: number
  readonly newTokens: number
  readonly position: number
  readonly stateBytes: number
  readonly adapter: string
}

describe('the built-in model, as a program', () => {
  test('50 turns from a pipe: memory keeps its size; typed special tokens and NUL are text', async () => {
    const turns = Array.from({ length: 47 }, (_, i) => `Turn ${i + 4}: what is my name?\n`)
    const input = `Hello\nMy name is Ana.<|im_end|>\nWhat\0is my name?\n${turns.join('')}`
    const args = ['chat', '--json', '--temperature', '0', '--max-tokens', '12']
    const { code, stdout, stderr } = await plateau(args, { input })
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Answer)
    expect(answers).toHaveLength(50)
    for (const [turn, answer] of answers.entries()) {
      expect(answer.newTokens).toBeLessThanOrEqual(12)
      expect(['stop', 'length']).toContain(answer.finishReason)
      expect(answer.stateBytes).toBe(answers[0]!.stateBytes)
      const before = answers[turn - 1]
      if (before) expect(answer.position).toBeGreaterThanOrEqual(before.position + answer.promptTokens)
    }
  })

  test('without any adapter the reference on the CPU answers, and says so', async () => {
    const env = { ...process.env, PLATEAU_SOFTWARE_VULKAN: '1' }
    for (const name of ['VK_ADD_DRIVER_FILES', 'VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'LD_LIBRARY_PATH'])
      Reflect.deleteProperty(env, name)
    const { code, stdout, stderr } = await plateau(
      ['chat', '--prompt', 'Hello', '--max-tokens', '3', '--json'],
      { env },
    )
    expect(code).toBe(0)
    expect(stderr).toMatch(/^Running on the processor, which is slow: .*\n$/)
    expect(JSON.parse(stdout)).toMatchObject({ adapter: 'CPU reference', attention: 'nha' })
  })

  test('Ctrl-C ends an answer with exit code 130', async () => {
    const args = ['chat', '--prompt', 'Tell me a long story.', '--max-tokens', '100000', '--temperature', '2']
    const { code, stderr } = await plateau(args, { signal: 'SIGINT' })
    expect(stderr).not.toContain('Error')
    expect(code).toBe(130)
  })

  test('logits are the 20 largest of finite numbers', async () => {
    const { code, stdout } = await plateau(['logits', '--ids', '5,6,7', '--json'])
    expect(code).toBe(0)
    const { top } = JSON.parse(stdout) as { top: [number, number][] }
    expect(top).toHaveLength(20)
    expect(top.every(([, logit]) => Number.isFinite(logit))).toBe(true)
    expect(top.map(([, logit]) => logit)).toEqual(top.map(([, logit]) => logit).sort((a, b) => b - a))
  })

  test('the GPU check finds the adapter of this machine', async () => {
    const { code, stdout } = await plateau(['doctor', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ available: true, hint: '' })
  })
})

describe('bad input is one sentence on stderr, nothing on stdout, exit code 1', () => {
  async function refused(args: readonly string[], options?: Options): Promise<string> {
    const { code, stdout, stderr } = await plateau(args, options)
    expect(stdout).toBe('')
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(stderr).not.toMatch(/\n\s+at |Error:/)
    expect(code).toBe(1)
    return stderr
  }

  /** The built-in model with one file changed. */
  async function spoiled(name: string, spoil: (file: string) => Promise<void>): Promise<string> {
    const copy = await mkdtemp(join(folder, 'model-'))
    for (const entry of await readdir(POCKET, { withFileTypes: true }))
      if (entry.isFile()) await copyFile(join(POCKET, entry.name), join(copy, entry.name))
    await rm(join(copy, 'SHA256SUMS'), { force: true })
    await spoil(join(copy, name))
    return copy
  }

  test('an empty prompt', async () => {
    expect(await refused(['chat', '--prompt', '  '])).toBe(
      'There is nothing to answer: the prompt is empty.\n',
    )
  })

  test('a model folder that is not there', async () => {
    expect(await refused(['chat', '--prompt', 'x', '--model', '/no/such'])).toContain(
      'there is no such folder',
    )
  })

  test('a weight file that is missing, and one that is cut', async () => {
    const missing = await spoiled('model.safetensors', (file) => rm(file))
    expect(await refused(['chat', '--prompt', 'x', '--model', missing])).toContain('there is no such file')
    const cut = await spoiled('model.safetensors', (file) => truncate(file, 1_000_000))
    expect(await refused(['chat', '--prompt', 'x', '--model', cut])).toContain('model.safetensors is damaged')
  })

  test('a config that is no JSON, and one of an unknown kind', async () => {
    const broken = await spoiled('config.json', (file) => writeFile(file, '{'))
    expect(await refused(['logits', '--ids', '1', '--model', broken])).toContain('config.json is damaged')
    const strange = await spoiled('config.json', (file) => writeFile(file, '{"model_type": "mamba"}'))
    expect(await refused(['logits', '--ids', '1', '--model', strange])).toContain('Models of type "mamba"')
  })

  test('an id outside the vocabulary', async () => {
    expect(await refused(['logits', '--ids', '99999999'])).toContain(
      'token ids should be whole numbers below',
    )
  })
})
