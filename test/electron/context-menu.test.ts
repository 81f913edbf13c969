import type { ContextMenuParams, WebContents } from 'electron'
import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { contextMenuTemplate, offerContextMenu } from '../../electron/context-menu.ts'
import { speakSystem } from '../../electron/system-words.ts'

const shown = vi.hoisted(() => [] as string[])

vi.mock('electron', () => ({
  Menu: {
    buildFromTemplate: (items: { role: string; label: string }[]) => ({
      popup: () => shown.push(items.map(({ role, label }) => `${role}: ${label}`).join(', ')),
    }),
  },
}))

beforeEach(() => void (shown.length = 0))
afterEach(() => speakSystem([]))

const NOTHING = { canCut: false, canCopy: false, canPaste: false, canSelectAll: false }

/** Chromium's word on what can be done: everything, if nothing else is said. */
function place(
  isEditable: boolean,
  selectionText: string,
  flags: Partial<ContextMenuParams['editFlags']> = {},
): Pick<ContextMenuParams, 'isEditable' | 'selectionText' | 'editFlags'> {
  const editFlags = {
    ...{ canUndo: true, canRedo: true, canCut: true, canCopy: true, canPaste: true },
    ...{ canDelete: true, canSelectAll: true, canEditRichly: true, ...flags },
  }
  return { isEditable, selectionText, editFlags }
}

test.each([
  ['words of an answer', place(false, 'words'), ['copy']],
  ['nothing', place(false, ''), []],
  ['a box', place(true, 'words'), ['cut', 'copy', 'paste', 'selectAll']],
  ['a box with nothing chosen', place(true, '', { canCut: false }), ['paste', 'selectAll']],
  ['a secret', place(true, '***', { canCut: false, canCopy: false }), ['paste', 'selectAll']],
  ['an empty box and an empty clipboard', place(true, '', NOTHING), []],
])('over %s', (_name, params, roles) => {
  expect(contextMenuTemplate(params).map(({ role }) => role)).toEqual(roles)
})

test('it is shown in the language of the window, and only where there is something to do', () => {
  const contents = new EventEmitter()
  offerContextMenu(contents as unknown as WebContents)
  contents.emit('context-menu', {}, place(false, 'words'))
  speakSystem(['de'])
  contents.emit('context-menu', {}, place(true, 'words'))
  contents.emit('context-menu', {}, place(false, ''))
  expect(shown).toEqual([
    'copy: Copy',
    'cut: Ausschneiden, copy: Kopieren, paste: Einfügen, selectAll: Alles auswählen',
  ])
})
