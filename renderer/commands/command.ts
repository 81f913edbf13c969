import { m } from '#messages'
/** One thing the window can do: the keys, the palette and the list of shortcuts all read the same table. */
export interface Command {
  readonly label: string
  /** `Ctrl+Shift+O`: modifiers, then the key as `KeyboardEvent.key` names it; Ctrl is Command on a Mac. Or empty. */
  readonly keys: string
  /** `null` while there is nothing to do it to */
  readonly run: (() => void) | null
}

/** The command whose keys were pressed and which can be done now. Plain keys are left to boxes one writes in. */
export function commandOf(event: KeyboardEvent, commands: readonly Command[]): Command | null {
  return commands.find(({ keys, run }) => run !== null && keys !== '' && pressed(event, keys)) ?? null
}

function pressed(event: KeyboardEvent, keys: string): boolean {
  const parts = keys.split('+')
  const key = parts.pop() ?? ''
  if (event.altKey || event.key.toLowerCase() !== key.toLowerCase()) return false
  if (parts.includes('Ctrl') !== (event.ctrlKey || event.metaKey)) return false
  // A character that needs Shift on one keyboard and not on another says so itself.
  if (/^(?:[a-z]|[A-Z]\w+)$/i.test(key) && parts.includes('Shift') !== event.shiftKey) return false
  return parts.length > 0 || !writesInto(event.target)
}

function writesInto(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')
}

/** The keys as they stand on this keyboard: `Ctrl + Shift + O`, and `⌘ ⇧ O` on a Mac. */
export function shownKeys(keys: string, mac: boolean): string {
  if (!mac) {
    const names: Readonly<Record<string, () => string>> = {
      Ctrl: m.commands_key_ctrl,
      Shift: m.commands_key_shift,
      Enter: m.commands_key_enter,
      Backspace: m.commands_key_backspace,
      Delete: m.commands_key_delete,
    }
    return keys
      .split('+')
      .map((part) => names[part]?.() ?? part)
      .join(' + ')
  }
  const signs: Readonly<Record<string, string>> = {
    Ctrl: '⌘',
    Shift: '⇧',
    Alt: '⌥',
    Enter: '⏎',
    Backspace: '⌫',
  }
  return keys
    .split('+')
    .map((part) => signs[part] ?? part)
    .join(' ')
}

/** Those whose words begin with all that was typed, the best placed first. */
export function findCommands<Kind extends { readonly label: string }>(
  commands: readonly Kind[],
  query: string,
): Kind[] {
  const typed = query.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  const ranked = commands.flatMap((command) => {
    const words = command.label.toLocaleLowerCase().split(/[\s,:()]+/)
    const places = typed.map((start) => words.findIndex((word) => word.startsWith(start)))
    return places.includes(-1) ? [] : [{ command, place: Math.min(...places, words.length) }]
  })
  return ranked.sort((a, b) => a.place - b.place).map(({ command }) => command)
}

export function onMac(): boolean {
  return navigator.platform.startsWith('Mac')
}
