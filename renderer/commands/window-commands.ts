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
}

/** What can be done now, with its keys. */
export function windowCommands({
  chat,
  settings,
  library,
  show,
  list,
  lookInside,
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
    command('New chat', 'Ctrl+Shift+O', () => chat.startNew(), begun),
    command(
      temporary ? 'Start a chat that is kept' : 'Temporary chat',
      '',
      () => chat.startNew(!temporary),
      kept,
    ),
    command('Show or hide the list of chats', 'Ctrl+B', list, kept),
    command('Branches of this chat', 'Ctrl+M', () => show('branches'), begun),
    command('Look inside: attention and memory', 'Ctrl+I', lookInside),
    command('Undo the last question', 'Ctrl+Shift+Backspace', () => void chat.undo(), begun),
    command('Models', 'Ctrl+Shift+L', () => show('models'), library !== null),
    command('Documents that were read', '', () => show('documents'), chat.documents !== null),
    command('Compare memories', 'Ctrl+Shift+E', () => show('compare')),
    command('Settings', 'Ctrl+,', () => show('settings')),
    command('GPU check', '', () => show('gpu')),
    command('Commands', 'Ctrl+K', () => show('commands')),
    command('Keyboard shortcuts', 'Ctrl+/', () => show('shortcuts')),
    command('Colours as the system', '', colours('system')),
    command('Colours light', '', colours('light')),
    command('Colours dark', '', colours('dark')),
  ]
}

/** The chats that are kept, by their titles. */
export function chatsToOpen(chat: Chat): readonly Command[] {
  const list = chat.conversations?.list ?? []
  return list.map(({ id, title }) => ({ label: title, keys: '', run: () => void chat.open(id) }))
}
