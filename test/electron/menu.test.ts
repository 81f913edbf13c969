import { expect, test } from 'vitest'
import { menuTemplate } from '../../electron/menu.ts'

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
