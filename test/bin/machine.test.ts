import { chmod, mkdir, mkdtemp, readFile, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { browserArguments, findBrowser } from '../../bin/browser.ts'
import { electronBinary } from '../../bin/electron-binary.ts'
import { claimProfile } from '../../bin/profile-claim.ts'
import { hasVulkanDriver, softwareVulkan } from '../../bin/vulkan.ts'

let root: string
beforeEach(async () => {
  vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', undefined)
  root = await mkdtemp(join(tmpdir(), 'plateau-machine-'))
})

describe('the browser', () => {
  test('the first of the family on PATH is taken, if it can be run', async () => {
    const [first, second] = [join(root, 'a'), join(root, 'b')]
    for (const folder of [first, second]) await mkdir(folder)
    await writeFile(join(first, 'chromium'), 'not executable')
    const environment = { PATH: `${first}::${second}` }
    expect(findBrowser('linux', environment)).toBeNull()
    await writeFile(join(second, 'chromium'), '#!/bin/sh\n')
    await chmod(join(second, 'chromium'), 0o755)
    expect(findBrowser('linux', environment)).toBe(join(second, 'chromium'))
  })

  test('gets the page as an app, with a profile of its own', () => {
    const args = browserArguments('http://127.0.0.1:1/open/x', '/profile')
    expect(args).toContain('--app=http://127.0.0.1:1/open/x')
    expect(args).toContain('--user-data-dir=/profile')
    expect(args).toContain('--no-first-run')
  })

  test.runIf(process.platform === 'linux')('loses its sandbox only as root', () => {
    const user = vi.spyOn(process, 'getuid')
    user.mockReturnValue(1000)
    expect(browserArguments('http://x', '/p')).not.toContain('--no-sandbox')
    user.mockReturnValue(0)
    expect(browserArguments('http://x', '/p')).toContain('--no-sandbox')
    user.mockRestore()
  })
})

describe('its profile', () => {
  test('belongs to one Plateau at a time; that of a dead one is free', async () => {
    const folder = join(root, 'profile')
    const lock = join(folder, 'plateau.pid')
    const claim = await claimProfile(folder)
    await writeFile(lock, `${process.ppid}\n`)
    await expect(claimProfile(folder)).rejects.toThrow(
      `Plateau is open already (process ${process.ppid}); close that window first.`,
    )
    await claim.release()
    await writeFile(lock, '4194305\n')
    await (await claimProfile(folder)).release()
    await expect(readFile(lock)).rejects.toThrow('ENOENT')
  })

  test('is not free where the process is another user’s; from before the machine’s last start it is', async () => {
    const folder = join(root, 'profile')
    const lock = join(folder, 'plateau.pid')
    await mkdir(folder)
    await writeFile(lock, `${process.ppid}\n`)
    const notPermitted = Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
    const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
      throw notPermitted
    })
    await expect(claimProfile(folder)).rejects.toThrow(`Plateau is open already (process ${process.ppid})`)
    await utimes(lock, 0, 0)
    await (await claimProfile(folder)).release()
    kill.mockRestore()
  })
})

describe("Electron's binary", () => {
  /** A package whose installer counts its runs and then does what `script` says. */
  async function installPackage(version: string, script: string): Promise<void> {
    const folder = join(root, 'node_modules/electron')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'package.json'), JSON.stringify({ version }))
    const count = `require('fs').appendFileSync(${JSON.stringify(join(root, 'runs'))}, 'x');`
    await writeFile(join(folder, 'install.js'), count + script)
  }
  const runs = async () => (await readFile(join(root, 'runs'), 'utf8')).length
  const quiet = () => undefined

  test('is fetched once, announced, and then found', async () => {
    await installPackage(
      '1.0.0',
      `require('fs').mkdirSync(__dirname + '/dist');
       require('fs').writeFileSync(__dirname + '/dist/electron', '');
       require('fs').writeFileSync(__dirname + '/path.txt', 'electron');`,
    )
    const notes: string[] = []
    const expected = { path: join(root, 'node_modules/electron/dist/electron') }
    expect(await electronBinary(root, (line) => notes.push(line))).toEqual(expected)
    expect(notes).toEqual(['Fetching Electron 1.0.0, about 115 MB, once ...'])
    expect(await electronBinary(root, quiet)).toEqual(expected)
    expect(await runs()).toBe(1)
  })

  test('a failure is told in a clause and remembered for that version', async () => {
    const failing = `console.error('TypeError: fetch failed\\n    at stack'); process.exit(1)`
    await installPackage('1.0.0', failing)
    expect(await electronBinary(root, quiet)).toEqual({
      path: null,
      reason: 'Electron 1.0.0 could not be fetched (fetch failed)',
    })
    const again = await electronBinary(root, quiet)
    expect(again.path === null && again.reason).toMatch(
      /fetch failed; delete .*electron-1\.0\.0\.failed to try again/,
    )
    expect(await runs()).toBe(1)

    await installPackage('1.0.1', failing)
    await electronBinary(root, quiet)
    expect(await runs()).toBe(2)
  })

  test('an installer that leaves nothing is a failure too; no package is no binary', async () => {
    expect(await electronBinary(root, quiet)).toEqual({ path: null, reason: 'Electron is not installed' })
    await installPackage('1.0.0', '')
    const { path } = await electronBinary(root, quiet)
    expect(path).toBeNull()
  })
})

describe.runIf(process.platform === 'linux')('the software GPU', () => {
  test('is added to what there is, once', () => {
    const environment = softwareVulkan({ LD_LIBRARY_PATH: '/mine', HOME: '/root' })
    expect(environment?.['LD_LIBRARY_PATH']).toMatch(/^\/mine:.+/)
    expect(environment?.['VK_ADD_DRIVER_FILES']).toMatch(/vk_swiftshader_icd\.json$/)
    expect(environment).not.toHaveProperty('VK_ICD_FILENAMES')
    expect(environment?.['HOME']).toBe('/root')
    expect(softwareVulkan(environment ?? {})).toBeNull()
  })

  test('a driver named by the user counts as one', () => {
    expect(hasVulkanDriver({ VK_DRIVER_FILES: '/mine.json' })).toBe(true)
  })
})
