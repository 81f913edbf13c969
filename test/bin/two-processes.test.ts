import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { buildStale } from '../../bin/build.js'
import { ROOT } from '../../bin/root.ts'
import { hasVulkanHardware, softwareVulkan } from '../../bin/vulkan.ts'
import { temporaryFolder } from '../support/test-bridge.ts'
import { writePdf } from '../support/write-documents.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

/** The environment before the tests' own set-up added the software driver, and a data folder of its own. */
function plainEnvironment(data: string): NodeJS.ProcessEnv {
  const added = softwareVulkan({}) ?? {}
  const rest = Object.entries(process.env).filter(([name]) => !(name in added) || name === 'XDG_RUNTIME_DIR')
  return { ...Object.fromEntries(rest), XDG_DATA_HOME: data, XDG_CONFIG_HOME: temporaryFolder() }
}

function plateau(
  args: readonly string[],
  data = temporaryFolder(),
): ChildProcess & { readonly err: () => string; readonly out: () => string } {
  const child = spawn(process.execPath, [join(ROOT, 'dist/bin/plateau.js'), ...args], {
    env: plainEnvironment(data),
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (text: Buffer) => (out += text.toString()))
  child.stderr.on('data', (text: Buffer) => (err += text.toString()))
  return Object.assign(child, { out: () => out, err: () => err })
}

const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

/** What nobody waited for stands there with state Z. */
function runs(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.on('close', resolve))

const startsAgain = process.platform === 'linux' && !hasVulkanHardware() && softwareVulkan({}) !== null

describe.runIf(startsAgain)('without a driver for a GPU the program starts itself once more', () => {
  beforeAll(() => buildStale('bin'))

  test('before it reads anything: a note is printed once; stdin and the exit code pass through', async () => {
    const file = join(temporaryFolder(), 'a.pdf')
    writeFileSync(file, writePdf(['Page one of a.', '']))
    const program = plateau(['chat', '--read', file, '--max-tokens', '4', '--json'])
    const code = ended(program)
    program.stdin?.end('Hello\n')
    expect(await code, program.err()).toBe(0)
    expect(program.err().match(/No text, perhaps pictures/g)).toHaveLength(1)
    expect(JSON.parse(program.out())).toMatchObject({ promptTokens: expect.any(Number) as number })
    const refused = plateau(['chat', '--read', join(file, 'none'), '--prompt', 'x'])
    expect(await ended(refused)).toBe(1)
    expect(refused.err().trim().split('\n')).toHaveLength(1)
  })

  test('what has no model to ask starts no second process', async () => {
    const listed = plateau(['read', '--list'])
    let most = 0
    const watch = setInterval(() => (most = Math.max(most, childrenOf(listed.pid!).length)), 20)
    listed.on('exit', () => clearInterval(watch))
    expect(await ended(listed)).toBe(0)
    expect(most).toBe(0)
  })

  test('killed, it leaves no process behind that goes on reading', async () => {
    const file = join(temporaryFolder(), 'long.txt')
    const pages = Array.from(
      { length: 400 },
      (_, i) => `Day ${i}. ${'The rain fell on the house. '.repeat(60)}`,
    )
    writeFileSync(file, pages.join('\f'))
    const data = temporaryFolder()
    const program = plateau(['read', file], data)
    let inner = 0
    try {
      // It has begun to read.
      const list = join(data, 'plateau/documents/long.txt.json')
      await vi.waitUntil(() => existsSync(list), { timeout: 120_000, interval: 50 })
      const found = childrenOf(program.pid!)
      expect(found).toHaveLength(1)
      inner = found[0]!
      expect(runs(inner)).toBe(true)
      program.kill('SIGKILL')
      await vi.waitUntil(() => !runs(inner), { timeout: 10_000, interval: 50 })
    } finally {
      program.kill('SIGKILL')
      if (inner > 0 && runs(inner)) process.kill(inner, 'SIGKILL')
    }
  })
})
