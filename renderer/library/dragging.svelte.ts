import type { Folder } from '../../electron/arrangement.ts'
import type { ConversationSummary } from '../../electron/bridge.ts'
import type { Arranging } from './arranging.svelte.ts'
import { keyOf, type Section } from './sections.ts'

type Dragged =
  | { readonly kind: 'chat'; readonly chat: ConversationSummary }
  | { readonly kind: 'folder'; readonly folder: Folder }

/** Where what is dragged would come to stand: at a chat, at a folder or in one, or under a heading. */
export interface Mark {
  readonly key: string
  readonly edge: 'above' | 'below' | 'in'
}

/** Chats and folders that are dragged over the list with the mouse. */
export class Dragging {
  mark: Mark | null = $state.raw(null)

  readonly #arranging: Arranging
  #dragged: Dragged | null = null
  #drop: (() => Promise<void>) | null = null

  constructor(arranging: Arranging) {
    this.#arranging = arranging
  }

  readonly start = (event: DragEvent): void => {
    const [chat, folder] = [attributeOf(event, 'chat'), attributeOf(event, 'folder')]
    this.#dragged = this.#find(chat, folder)
    if (!this.#dragged || !event.dataTransfer) return
    event.dataTransfer.effectAllowed = 'move'
    event.dataTransfer.setData('text/plain', '')
  }

  readonly over = (event: DragEvent): void => {
    const target = this.#dragged && this.#target(this.#dragged, event)
    const { mark } = this
    if (mark?.key !== target?.mark.key || mark?.edge !== target?.mark.edge) this.mark = target?.mark ?? null
    this.#drop = target?.drop ?? null
    if (target) event.preventDefault()
  }

  readonly drop = (event: DragEvent): void => {
    if (!this.#dragged) return
    event.preventDefault()
    void this.#drop?.()
    this.end()
  }

  readonly end = (): void => {
    this.#dragged = null
    this.#drop = null
    this.mark = null
  }

  edgeOf(key: string): Mark['edge'] | null {
    return this.mark?.key === key ? this.mark.edge : null
  }

  #find(chat: string | null, folder: string | null): Dragged | null {
    const summary = this.#arranging.sections.flatMap(({ chats }) => chats).find(({ id }) => id === chat)
    if (summary) return { kind: 'chat', chat: summary }
    const found = this.#arranging.folders.find(({ id }) => String(id) === folder)
    return found ? { kind: 'folder', folder: found } : null
  }

  #target(dragged: Dragged, event: DragEvent): { mark: Mark; drop: () => Promise<void> } | null {
    const arranging = this.#arranging
    const element = event.target instanceof Element ? event.target : null
    const row = element?.closest('[data-chat], [data-folder], [data-section]')
    const section = arranging.sections.find((each) => keyOf(each) === attributeOf(event, 'section'))
    if (!row || !section) return null
    const edge = isInUpperHalf(row, event) ? 'above' : 'below'
    if (dragged.kind === 'folder') {
      if (section.kind !== 'folder') return null
      const { folders } = arranging
      const at = folders.findIndex(({ id }) => id === section.folder.id) + Number(edge === 'below')
      const drop = () => arranging.moveFolder(dragged.folder, folders[at] ?? null)
      return { mark: { key: keyOf(section), edge }, drop }
    }
    const chat = attributeOf(event, 'chat')
    if (chat === dragged.chat.id) return null
    if (chat === null) {
      const drop =
        section.kind === 'others'
          ? () => arranging.file(dragged.chat.id, null)
          : () => arranging.put(section, dragged.chat, firstOf(section, dragged.chat))
      return { mark: { key: keyOf(section), edge: 'in' }, drop }
    }
    const others = section.chats.filter(({ id }) => id !== dragged.chat.id)
    const at = others.findIndex(({ id }) => id === chat) + Number(edge === 'below')
    const drop = () => arranging.put(section, dragged.chat, others[at]?.id ?? null)
    return { mark: { key: chat, edge }, drop }
  }
}

function firstOf(section: Section, besides: ConversationSummary): string | null {
  return section.chats.find(({ id }) => id !== besides.id)?.id ?? null
}

/** The nearest such `data-` attribute around what the mouse is at. */
function attributeOf({ target }: DragEvent, name: string): string | null {
  const element = target instanceof Element ? target.closest(`[data-${name}]`) : null
  return element?.getAttribute(`data-${name}`) ?? null
}

function isInUpperHalf(row: Element, { clientY }: DragEvent): boolean {
  const { top, height } = row.getBoundingClientRect()
  return clientY < top + height / 2
}
