import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { count } from './counts.ts'

type ColorScheme = 'light' | 'dark'

/**
 * What axe finds wrong in a part of the page, by all its rules, in light and dark: `rule: html`. The page's context must
 * have `reducedMotion: 'reduce'`: a transition has colours of its own.
 */
export async function violations(
  page: Page,
  place = 'body',
  schemes: readonly ColorScheme[] = ['light', 'dark'],
): Promise<string[]> {
  const found: string[] = []
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme })
    const axe = new AxeBuilder({ page }).include(place)
    const { violations } = await axe.analyze()
    count('axe: views looked at', 1)
    count('axe: violations', violations.length)
    found.push(...violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)))
  }
  return found
}
