import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { nodeDisk } from '../../electron/disk.ts'
import { KeychainToken } from '../../electron/tokens/keychain-token.ts'
import { temporaryFolder } from '../support/test-bridge.ts'

const keychain = vi.hoisted(() => ({ available: true, backend: 'gnome_libsecret', key: 1 }))

/** A keychain that turns bits over, so that what is written is not what was given. */
vi.mock('electron', () => {
  const turned = (bytes: Uint8Array) => Buffer.from(bytes.map((byte) => byte ^ 0x55))
  return {
    safeStorage: {
      isAsyncEncryptionAvailable: () => Promise.resolve(keychain.available),
      getSelectedStorageBackend: () => keychain.backend,
      encryptStringAsync: (text: string) =>
        Promise.resolve(Buffer.concat([Buffer.of(keychain.key), turned(Buffer.from(text))])),
      decryptStringAsync: (bytes: Buffer) =>
        bytes[0] === keychain.key
          ? Promise.resolve({ result: turned(bytes.subarray(1)).toString() })
          : Promise.reject(new Error('of another keychain')),
    },
  }
})

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
  Object.assign(keychain, { available: true, backend: 'gnome_libsecret', key: 1 })
})

test('the token outlives the program, never in clear, and is forgotten when asked', async () => {
  const token = new KeychainToken(folder, nodeDisk, 'hub-token')
  expect([await token.place(), await token.get()]).toEqual(['keychain', ''])
  await token.set(' hf_secret\n')
  const [file = ''] = readdirSync(folder)
  expect(readFileSync(join(folder, file)).includes('hf_secret')).toBe(false)
  expect(await new KeychainToken(folder, nodeDisk, 'hub-token').get()).toBe('hf_secret')
  await expect(token.set('two words')).rejects.toThrow('That is no token')
  expect(await token.get()).toBe('hf_secret')
  keychain.key = 2
  expect(await new KeychainToken(folder, nodeDisk, 'hub-token').get()).toBe('')
  await token.set('')
  expect(readdirSync(folder)).toEqual([])
  await token.set('')
})

test.each([{ available: false }, { backend: 'basic_text' }])(
  'without a keychain (%o) it lasts as long as the program, and nothing is written',
  async (state) => {
    Object.assign(keychain, state)
    // Only Linux has Chromium's own password in the place of a keychain.
    vi.spyOn(process, 'platform', 'get').mockReturnValue('linux')
    const token = new KeychainToken(folder, nodeDisk, 'hub-token')
    expect(await token.place()).toBe('session')
    await token.set('hf_secret')
    expect(await token.get()).toBe('hf_secret')
    expect(readdirSync(folder)).toEqual([])
    expect(await new KeychainToken(folder, nodeDisk, 'hub-token').get()).toBe('')
  },
)
