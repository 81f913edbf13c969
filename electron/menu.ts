import type { MenuItemConstructorOptions } from 'electron'

/**
 * The menu: zoom, what one does with text, and the end. Electron's own has more: a page that is loaded anew, tools of
 * developers, and Ctrl+M, which is the branches' here.
 */
export function menuTemplate(platform: string): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin'
  const view: MenuItemConstructorOptions = {
    label: 'View',
    submenu: [
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      // The key with the plus on it, pressed alone.
      { role: 'zoomIn', accelerator: 'CommandOrControl+=', visible: false },
      { role: 'zoomOut' },
      { type: 'separator' },
      { role: 'togglefullscreen' },
    ],
  }
  return isMac
    ? [{ role: 'appMenu' }, { role: 'editMenu' }, view, { role: 'windowMenu' }]
    : [{ label: 'File', submenu: [{ role: 'quit' }] }, { role: 'editMenu' }, view]
}
