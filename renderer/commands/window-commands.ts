import { m } from '#messages'
import type { Chat } from '../state/chat.svelte.ts'
import type { ModelLibrary } from '../state/model-library.svelte.ts'
import type { Appearance } from '../state/settings-values.ts'
import type { Settings } from '../state/settings.svelte.ts'
import type { Command } from './command.ts'

/** What lies over the chat; one at a time. */
export type Panel =
  'none' | 'models' | 'settings' | 'gpu' | 'branches' | 'documents' | 'compare' | 'commands' | 'shortcuts'

interface Window {
  readonly chat: Chat
  readonly settings: Settings
  /** `null` where there is no shell to keep models */
  readonly library: ModelLibrary | null
  readonly show: (panel: Panel) => void
  /** show or hide the list of chats */
  readonly list: () => void
  readonly lookInside: () => void
  /** find words in this chat */
  readonly find: () => void
}

/** What can be done now, with its keys. */
export function windowCommands({
  chat,
  settings,
  library,
  show,
  list,
  lookInside,
  find,
}: Window): readonly Command[] {
  const { temporary } = chat.current.keeping
  const kept = chat.conversations !== null
  const begun = chat.current.entries.length > 0
  const command = (label: string, keys: string, run: () => void, can = true): Command => ({
    label,
    keys,
    run: can ? run : null,
  })
  const colours = (appearance: Appearance) => () => void settings.change({ appearance })
  return [
    command(m.chat_new(), 'Ctrl+Shift+O', () => chat.startNew(), begun),
    command(temporary ? m.chat_start_kept() : m.chat_temporary(), '', () => chat.startNew(!temporary), kept),
    command(m.commands_toggle_list(), 'Ctrl+B', list, kept),
    command(m.chat_find(), 'Ctrl+F', find, begun),
    command(m.chat_branches(), 'Ctrl+Shift+Y', () => show('branches'), begun),
    command(m.commands_inside(), 'Ctrl+I', lookInside),
    command(m.commands_undo_question(), 'Ctrl+Shift+Backspace', () => void chat.undo(), begun),
    command(m.chat_models(), 'Ctrl+Shift+L', () => show('models'), library !== null),
    command(m.chat_documents_read(), '', () => show('documents'), chat.documents !== null),
    command(m.commands_compare(), 'Ctrl+Shift+E', () => show('compare')),
    command(m.chat_settings(), 'Ctrl+,', () => show('settings')),
    command(m.settings_gpu_check(), '', () => show('gpu')),
    command(m.commands_title(), 'Ctrl+K', () => show('commands')),
    command(m.settings_shortcuts(), 'Ctrl+/', () => show('shortcuts')),
    command(m.commands_colours_system(), '', colours('system')),
    command(m.commands_colours_light(), '', colours('light')),
    command(m.commands_colours_dark(), '', colours('dark')),
  ]
}

/** The chats that are kept, by their titles. */
export function chatsToOpen(chat: Chat): readonly Command[] {
  const list = chat.conversations?.list ?? []
  return list.map(({ id, title }) => ({ label: title, keys: '', run: () => void chat.open(id) }))
}
