import type { Page } from 'playwright-core'

/** One place where the keyboard stops. */
export interface Stop {
  /** which of those that were come to, in the order of their first time: tells two of the same name apart */
  readonly at: number
  readonly name: string
  /** `''`, or what is wrong with it */
  readonly wrong: string
}

/** Runs in the page: where the focus is; `null` where it is on nothing. */
function stopNow(): Stop | null {
  const element = document.activeElement
  if (!(element instanceof HTMLElement) || element === document.body) return null
  const labels = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement
  const by = element.getAttribute('aria-labelledby')?.split(' ') ?? []
  const name =
    [
      element.getAttribute('aria-label'),
      ...by.map((id) => document.getElementById(id)?.textContent),
      ...(labels ? [...(element.labels ?? [])].map((label) => label.textContent) : []),
      labels ? '' : element.textContent,
      element.title,
    ]
      .find((words) => words !== undefined && words !== null && words.trim() !== '')
      ?.trim() ?? ''
  const isDrawn = (style: CSSStyleDeclaration) =>
    style.outlineStyle !== 'none' && style.outlineWidth !== '0px'
  // A box that one writes in may show it by the frame around it.
  const accent = document.createElement('i')
  accent.style.color = 'var(--accent)'
  document.body.append(accent)
  const { color } = getComputedStyle(accent)
  accent.remove()
  const isFramed = (place: Element | null, far = 3): boolean =>
    place !== null &&
    far > 0 &&
    (getComputedStyle(place).borderColor === color || isFramed(place.parentElement, far - 1))
  const { left, top, right, bottom } = element.getBoundingClientRect()
  const inView = right > 0 && bottom > 0 && left < innerWidth && top < innerHeight && right > left
  const wrong = [
    name === '' ? 'has no name' : '',
    inView ? '' : 'is out of view',
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) ? '' : 'is not visible',
    isDrawn(getComputedStyle(element)) || isFramed(element) ? '' : 'does not show its focus',
  ]
    .filter(Boolean)
    .join(', ')
  const known = ((window as { stops?: Element[] }).stops ??= [])
  if (!known.includes(element)) known.push(element)
  const at = known.indexOf(element)
  return { at, name, wrong: wrong && `${element.outerHTML.slice(0, 160)}: ${wrong}` }
}

/** Press a key until the focus leaves the page or comes back to where it was. */
export async function walk(page: Page, key: 'Tab' | 'Shift+Tab'): Promise<Stop[]> {
  const stops: Stop[] = []
  for (;;) {
    await page.keyboard.press(key)
    const stop = await page.evaluate(stopNow)
    if (!stop || stops.some(({ at }) => at === stop.at)) return stops
    stops.push(stop)
  }
}
