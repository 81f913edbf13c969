import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'

/** The window as it ships; the same with the scripted engine in place of the worker; a page that was written for WebLLM. */
const CONFIGS = {
  window: 'renderer/vite.config.ts',
  scripted: 'test/e2e/scripted/vite.config.ts',
  completions: 'test/e2e/completions/vite.config.ts',
} as const
const FOLDER = 'test/output/built'
/** Names the run of tests whose processes share what is built; vitest's own process sets it. */
const RUN = 'PLATEAU_TEST_RUN'
const ASK_MILLISECONDS = 200

/** Begin a run: everything built in it is gone when the function that this returns is called. */
export function beginBuilding(): () => void {
  const run = `${Date.now()}-${process.pid}`
  process.env[RUN] = run
  return () => rmSync(join(FOLDER, run), { recursive: true, force: true })
}

/** The folder of the built page. Each is built once in a run, by the test file that asks first. */
export async function builtPage(kind: keyof typeof CONFIGS): Promise<string> {
  const folder = join(FOLDER, process.env[RUN] ?? `alone-${process.pid}`)
  const page = join(folder, kind)
  const [done, failed] = [`${page}.done`, `${page}.failed`]
  mkdirSync(folder, { recursive: true })
  if (makes(`${page}.begun`)) {
    try {
      const outDir = join(process.cwd(), page)
      await build({ configFile: CONFIGS[kind], logLevel: 'error', build: { outDir, emptyOutDir: true } })
    } catch (error) {
      writeFileSync(failed, '')
      throw error
    }
    writeFileSync(done, '')
  }
  while (!existsSync(done)) {
    if (existsSync(failed)) throw new Error(`another test file could not build the page "${kind}"`)
    await new Promise((resolve) => setTimeout(resolve, ASK_MILLISECONDS))
  }
  return page
}

/** Whether this process is the one that makes a folder: no other can. */
function makes(folder: string): boolean {
  try {
    mkdirSync(folder)
    return true
  } catch {
    return false
  }
}
