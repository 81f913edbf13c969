import type { Attachment } from 'svelte/attachments'

/** Closer to the end than this counts as being at the end: about one line and a half. */
const NEAR_PIXELS = 40

/**
 * Keeps a scrolling element at its end while its content grows, and lets go as soon as the user scrolls up.
 * Only the user's own scrolling lets go: growth between two frames must not look like it.
 */
export class Follow {
  /** at the end, or on the way there */
  holding = $state(true)

  #element: HTMLElement | null = null
  #lastTop = 0

  readonly attach: Attachment<HTMLElement> = (element) => {
    this.#element = element
    const onScroll = (): void => {
      const movedUp = element.scrollTop < this.#lastTop - 1
      this.#lastTop = element.scrollTop
      if (distance(element) <= NEAR_PIXELS) this.holding = true
      else if (movedUp) this.holding = false
    }
    const grown = new ResizeObserver(() => {
      // What went away below may leave the end in sight, with nothing that was scrolled.
      if (!this.holding && distance(element) <= NEAR_PIXELS) this.holding = true
      if (this.holding) this.toEnd()
    })
    element.addEventListener('scroll', onScroll, { passive: true })
    grown.observe(element)
    for (const child of element.children) grown.observe(child)
    return () => {
      element.removeEventListener('scroll', onScroll)
      grown.disconnect()
      this.#element = null
    }
  }

  /** Go to the end, and stay there. */
  readonly toEnd = (): void => {
    this.holding = true
    if (this.#element) this.#element.scrollTop = this.#element.scrollHeight
  }
}

function distance(element: HTMLElement): number {
  return element.scrollHeight - element.scrollTop - element.clientHeight
}
