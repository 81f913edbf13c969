import type { Page } from 'playwright-core'

/**
 * What cannot be used where the view has half its pixels on each side, as it has at a zoom of 200 %: `what: element`.
 * The page must not scroll sideways, each control must come into sight by scrolling and lie over all else there, and
 * no words may be cut.
 *
 * @param place what is on top: a sheet, or the page itself
 */
export function unusable(page: Page, place: string): Promise<string[]> {
  return page.locator(place).evaluate(look)
}

/** Runs in the page. */
function look(place: Element): string[] {
  const found: string[] = []
  const tell = (what: string, element: Element) =>
    found.push(
      `${what}: ${(element.cloneNode(true) as Element).outerHTML.replace(/\s+/g, ' ').slice(0, 160)}`,
    )
  const isShown = (element: Element) => {
    const { width, height } = element.getBoundingClientRect()
    return width > 1 && height > 1 && element.checkVisibility({ visibilityProperty: true })
  }
  const { scrollWidth } = document.documentElement
  if (scrollWidth > innerWidth) found.push(`scrolls sideways: the page, ${scrollWidth} of ${innerWidth}`)

  const all = [...place.querySelectorAll<HTMLElement>('*')].filter(isShown)
  for (const element of all) {
    const { overflowX, overflowY, textOverflow } = getComputedStyle(element)
    const { clientWidth, clientHeight, scrollWidth, scrollHeight } = element
    const isSheet = element.matches('main, nav, aside, dialog, .body')
    if (isSheet && overflowX !== 'visible' && scrollWidth > clientWidth + 1) tell('scrolls sideways', element)
    // An ellipsis shortens names, which have their whole words in a title or where they lead.
    const isCutX =
      /hidden|clip/.test(overflowX) && scrollWidth > clientWidth + 1 && textOverflow !== 'ellipsis'
    const isCutY = /hidden|clip/.test(overflowY) && scrollHeight > clientHeight + 2
    if (element.matches('svg, svg *, canvas') || element.textContent.trim() === '') continue
    if (isCutX || (isCutY && textOverflow !== 'ellipsis')) tell('words are cut', element)
  }

  const controls = 'a[href], button, input, select, textarea, summary, [tabindex="0"]'
  for (const element of all.filter((each) => each.matches(controls) && !each.matches(':disabled'))) {
    element.scrollIntoView({ block: 'center', inline: 'nearest' })
    const { left, right, top, bottom } = element.getBoundingClientRect()
    if (left < -1 || right > innerWidth + 1) tell('reaches out of view', element)
    const [x, y] = [(left + right) / 2, (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2]
    const hit = document.elementFromPoint(x, y)
    const label = element instanceof HTMLInputElement ? (element.labels?.[0] ?? null) : null
    const isOnTop = hit !== null && (element.contains(hit) || hit.contains(element) || label?.contains(hit))
    if (!isOnTop) tell('cannot be reached', element)
  }
  return found
}
