import { m } from '#messages'
import { type DocumentNote, firstOf } from '../../engine/documents/notes.ts'
import { formatCount } from '../state/format.ts'

/** What `describeNote` says for the terminal, in the window's language. */
export function sayNote(note: DocumentNote): string {
  switch (note.code) {
    case 'misnamed':
      return m.documents_note_misnamed(note)
    case 'hidden':
      return m.documents_note_hidden({ ...note, shown: formatCount(note.count) })
    case 'behind-pictures':
      return m.documents_note_behind_pictures({ ...note, shown: formatCount(note.count) })
    case 'no-text':
      return m.documents_note_no_text({ pages: listed(note.pages) })
    case 'damaged':
      return m.documents_note_damaged({ pages: listed(note.pages) })
    case 'missing':
      return m.documents_note_missing({ chapters: listed(note.chapters) })
    case 'windows-1252':
      return m.documents_note_windows()
    case 'unreadable':
      return m.documents_note_unreadable({ ...note, shown: formatCount(note.count) })
    default:
      return note satisfies never
  }
}

function listed(all: readonly (string | number)[]): string {
  const { named, more } = firstOf(all)
  return more > 0 ? m.documents_and_more({ named, more: formatCount(more) }) : named
}
