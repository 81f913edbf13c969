import type { MenuItemConstructorOptions } from 'electron'
import { afterEach, expect, test } from 'vitest'
import { menuTemplate } from '../../electron/menu.ts'
import { speakSystem } from '../../electron/system-words.ts'

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
  // Minimize would take Ctrl+M.
  expect(roles.includes('windowMenu')).toBe(platform === 'darwin')
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
