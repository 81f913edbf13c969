import { expect, test } from 'vitest'
import { type Command, commandOf, findCommands, shownKeys } from '../../renderer/commands/command.ts'

const COMMANDS: readonly Command[] = [
  { label: 'New chat', keys: 'Ctrl+Shift+O', run: () => undefined },
  { label: 'Show or hide the list of chats', keys: 'Ctrl+B', run: () => undefined },
  { label: 'Branches of this chat', keys: 'Ctrl+Shift+Y', run: null },
  { label: 'Settings', keys: 'Ctrl+,', run: () => undefined },
  { label: 'Keyboard shortcuts', keys: 'Ctrl+/', run: () => undefined },
  { label: 'GPU check', keys: '', run: () => undefined },
]

function press(key: string, ...modifiers: ('ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey')[]): string | null {
  const event: Partial<KeyboardEvent> = {
    key,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    altKey: false,
  }
  for (const modifier of modifiers) Object.assign(event, { [modifier]: true })
  return commandOf(event as KeyboardEvent, COMMANDS)?.label ?? null
}

test.each([
  [press('o', 'ctrlKey', 'shiftKey'), 'New chat'],
  [press('O', 'ctrlKey', 'shiftKey'), 'New chat'],
  [press('O', 'metaKey', 'shiftKey'), 'New chat'],
  [press('o', 'ctrlKey'), null],
  [press('o', 'shiftKey'), null],
  [press('b', 'ctrlKey'), 'Show or hide the list of chats'],
  [press('b'), null],
  [press('b', 'ctrlKey', 'altKey'), null],
  [press('y', 'ctrlKey', 'shiftKey'), null],
  [press(',', 'ctrlKey'), 'Settings'],
  // On a German keyboard the slash needs Shift.
  [press('/', 'ctrlKey', 'shiftKey'), 'Keyboard shortcuts'],
  [press('', 'ctrlKey'), null],
])('keys pressed, %#: %s', (found, expected) => {
  expect(found).toBe(expected)
})

test('a command is found by the beginnings of its words, the first word first', () => {
  const found = (query: string) => findCommands(COMMANDS, query).map(({ label }) => label)
  expect(found('chat')).toEqual(['New chat', 'Branches of this chat', 'Show or hide the list of chats'])
  expect(found('li CH')).toEqual(['Show or hide the list of chats'])
  expect(found('s')).toEqual(['Show or hide the list of chats', 'Settings', 'Keyboard shortcuts'])
  expect(found('ettings')).toEqual([])
  expect(found(' ')).toHaveLength(COMMANDS.length)
})

test('keys are shown as the keyboard has them', () => {
  expect(shownKeys('Ctrl+Shift+O', false)).toBe('Ctrl + Shift + O')
  expect(shownKeys('Ctrl+Shift+Backspace', true)).toBe('⌘ ⇧ ⌫')
})
