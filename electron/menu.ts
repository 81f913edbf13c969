import type { MenuItemConstructorOptions } from 'electron'
import { type MenuRole, systemWords } from './system-words.ts'

const SEPARATOR: MenuItemConstructorOptions = { type: 'separator' }

/**
 * The menu: zoom, what one does with text, and the end. Electron's own has more: a page that is loaded anew and tools of
 * developers; and it is in English only. No key of an item is one of the window's own (renderer/commands).
 */
export function menuTemplate(platform: string): MenuItemConstructorOptions[] {
  const { file, edit, view, window, roles } = systemWords()
  const item = (role: MenuRole): MenuItemConstructorOptions => ({ role, label: roles[role] })
  const text: MenuItemConstructorOptions = {
    role: 'editMenu',
    label: edit,
    submenu: [
      ...(['undo', 'redo'] as const).map(item),
      SEPARATOR,
      ...(['cut', 'copy', 'paste', 'delete', 'selectAll'] as const).map(item),
    ],
  }
  const looks: MenuItemConstructorOptions = {
    label: view,
    submenu: [
      item('resetZoom'),
      item('zoomIn'),
      // The key with the plus on it, pressed alone.
      { ...item('zoomIn'), accelerator: 'CommandOrControl+=', visible: false },
      item('zoomOut'),
      SEPARATOR,
      item('togglefullscreen'),
    ],
  }
  if (platform !== 'darwin') return [{ label: file, submenu: [item('quit')] }, text, looks]
  const app: MenuItemConstructorOptions = {
    role: 'appMenu',
    submenu: [
      item('about'),
      SEPARATOR,
      item('services'),
      SEPARATOR,
      ...(['hide', 'hideOthers', 'unhide'] as const).map(item),
      SEPARATOR,
      item('quit'),
    ],
  }
  const windows = (['minimize', 'zoom', 'front'] as const).map(item)
  return [app, text, looks, { role: 'windowMenu', label: window, submenu: windows }]
}
