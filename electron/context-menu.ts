import { type ContextMenuParams, Menu, type MenuItemConstructorOptions, type WebContents } from 'electron'
import { systemWords } from './system-words.ts'

/** What can be done with the text under the pointer, and nothing else: no tools of developers, no look-up elsewhere. */
export function contextMenuTemplate({
  isEditable,
  selectionText,
  editFlags: { canCut, canCopy, canPaste, canSelectAll },
}: Pick<ContextMenuParams, 'isEditable' | 'selectionText' | 'editFlags'>): MenuItemConstructorOptions[] {
  const { roles } = systemWords()
  const offered = [
    ['cut', isEditable && canCut],
    ['copy', selectionText.trim() !== '' && canCopy],
    ['paste', isEditable && canPaste],
    ['selectAll', isEditable && canSelectAll],
  ] as const
  return offered.flatMap(([role, applies]) => (applies ? [{ role, label: roles[role] }] : []))
}

/** Electron shows no such menu by itself. Where the page shows one of its own, this is not asked. */
export function offerContextMenu(contents: WebContents): void {
  contents.on('context-menu', (_event, params) => {
    const items = contextMenuTemplate(params)
    if (items.length > 0) Menu.buildFromTemplate(items).popup()
  })
}
