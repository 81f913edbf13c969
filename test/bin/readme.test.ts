import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildStale } from '../../bin/build.js'
import { ROOT } from '../../bin/root.ts'

/** Each run loads the model and compiles its kernels. */
const MILLISECONDS = 180_000

const commands = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/```bash\n(.*?)```/gs)]
  .flatMap(([, block]) => block?.trim().split('\n') ?? [])
  .map((line) => line.trim())
/** A test cannot install what it stands on, or run itself: these three are `.ci/run`. */
const GATE = ['npm ci', 'npm test', 'npm run check']

let data: string
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'plateau-readme-'))
  await buildStale('bin', 'electron', 'renderer')
})
afterAll(() => rm(data, { recursive: true, force: true }))

test('README has the commands of a first start, and .ci/run those of the gate', () => {
  expect(commands).toEqual(expect.arrayContaining([...GATE, 'npm start', 'npm run chat']))
  const gate = readFileSync(join(ROOT, '.ci/run'), 'utf8').replaceAll('npm run -s ', 'npm run ')
  for (const command of GATE) expect(gate).toContain(command)
})

describe('each command of the README works as written, in a terminal without a display', () => {
  test.each(commands.filter((command) => !GATE.includes(command)))(
    '%s',
    async (command) => {
      const child = spawn('bash', ['-c', command], {
        cwd: ROOT,
        env: { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '', XDG_DATA_HOME: data },
      })
      let [stdout, stderr] = ['', '']
      child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
      child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
      child.stdin.end('Hello\n')
      const code = await new Promise((resolve) => child.on('close', resolve))
      expect(code, stderr).toBe(0)
      expect(stdout.trim()).not.toBe('')
      if (command.endsWith('--json')) expect(Object.keys(JSON.parse(stdout) as object)).not.toEqual([])
    },
    MILLISECONDS,
  )
})
