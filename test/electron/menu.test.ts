import type { MenuItemConstructorOptions } from 'electron'
import { afterEach, expect, test } from 'vitest'
import { menuTemplate } from '../../electron/menu.ts'
import { speakSystem } from '../../electron/system-words.ts'
import { windowCommands } from '../../renderer/commands/window-commands.ts'

afterEach(() => speakSystem([]))

const rolesOf = (platform: string) =>
  menuTemplate(platform).flatMap(({ role, submenu }) => [
    ...(role ? [role] : []),
    ...(Array.isArray(submenu) ? submenu.flatMap((item) => item.role ?? []) : []),
  ])

test.each(['linux', 'win32', 'darwin'])('on %s it zooms, and offers no way behind the page', (platform) => {
  const roles = rolesOf(platform)
  expect(roles).toEqual(expect.arrayContaining(['resetZoom', 'zoomIn', 'zoomOut', 'editMenu']))
  for (const role of ['toggleDevTools', 'reload', 'forceReload', 'viewMenu', 'fileMenu'])
    expect(roles).not.toContain(role)
  // Minimize takes Ctrl+M.
  expect(roles.includes('windowMenu')).toBe(platform === 'darwin')
})

/** The keys that Electron gives to roles, on any system, and those that no page gets from a Chromium: tabs and windows. */
const TAKEN = (
  'Ctrl+Z Ctrl+Shift+Z Ctrl+Y Ctrl+X Ctrl+C Ctrl+V Ctrl+A Ctrl+0 Ctrl++ Ctrl+- Ctrl+= F11 Ctrl+M Ctrl+Q Ctrl+H ' +
  'Ctrl+W Ctrl+Shift+W Ctrl+N Ctrl+Shift+N Ctrl+T Ctrl+Shift+T'
).split(' ')

test('no key of the window is one that a menu or a browser takes', () => {
  const chat = { current: { keeping: {}, entries: [] }, conversations: null, documents: null }
  const keys = windowCommands({ chat, library: null } as never).map((command) => command.keys)
  expect(keys).toContain('Ctrl+Shift+Y')
  expect(keys.filter((key) => TAKEN.includes(key))).toEqual([])
  const given = keys.filter((key) => key !== '')
  expect(new Set(given).size).toBe(given.length)
})

const itemsOf = (platform: string): MenuItemConstructorOptions[] =>
  menuTemplate(platform).flatMap((menu) => [menu, ...(Array.isArray(menu.submenu) ? menu.submenu : [])])

test.each(['linux', 'win32', 'darwin'])(
  'on %s every item has words of its own, in both languages',
  (platform) => {
    const words = ['en-GB', 'de-AT'].map((tag) => {
      speakSystem(['xx', tag])
      const items = itemsOf(platform).filter(({ type, role }) => type !== 'separator' && role !== 'appMenu')
      return items.map(({ label }) => label ?? '')
    })
    const [english = [], german = []] = words
    expect(english).toContain('Select all')
    expect(german).toContain('Alles auswählen')
    expect([...english, ...german]).not.toContain('')
    expect(german.filter((label, at) => label === english[at])).toEqual([])
  },
)
