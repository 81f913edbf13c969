import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildStale } from '../../bin/build.js'
import { ROOT } from '../../bin/root.ts'

beforeAll(() => buildStale('bin'))

const plateau = `"${process.execPath}" "${join(ROOT, 'dist/bin/plateau.js')}"`

/** What a shell makes of a line, in which `plateau` is the program. */
function shell(line: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn('bash', ['-c', line.replace('plateau', plateau)])
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
}

describe.runIf(process.platform === 'linux')('output that is not taken', () => {
  test('a disk that is full is one sentence on stderr and exit code 1', async () => {
    for (const args of ['--version', 'chat --help']) {
      const { code, stderr } = await shell(`plateau ${args} > /dev/full`)
      expect(stderr).toMatch(/^The output could not be written: ENOSPC\b.*\.\n$/)
      expect(code).toBe(1)
    }
  })

  test('whoever has read enough ends it without a word', async () => {
    const { stdout, stderr } = await shell('(sleep 0.3; plateau --help) | true; echo ${PIPESTATUS[0]}')
    expect([stdout, stderr]).toEqual(['0\n', ''])
  })

  test('the exit code is the same where nobody reads stderr', async () => {
    const gone = await shell('(sleep 0.3; plateau nonsense) 2>&1 > /dev/null | true; echo ${PIPESTATUS[0]}')
    expect([gone.stdout, gone.stderr]).toEqual(['2\n', ''])
    expect((await shell('plateau nonsense 2> /dev/full')).code).toBe(2)
  })
})
