import { baseLocale, type Locale, locales, overwriteGetLocale } from '#locale'

/** `system` is the first of the system's languages that there is, and English where there is none of them. */
export type LanguageChoice = 'system' | Locale

/** Which way each language is written. */
const DIRECTIONS: Readonly<Record<Locale, 'ltr' | 'rtl'>> = { en: 'ltr', de: 'ltr' }

let current: Locale = $state(baseLocale)
/** what the system writes dates in, where that is the same language: `en-GB` */
let region: string | undefined = $state()
overwriteGetLocale(() => current)

/** From now on every sentence of the window is in this language, which is returned, and those on screen change to it. */
export function speak(choice: LanguageChoice): Locale {
  const locale = choice === 'system' ? ofSystem() : choice
  current = locale
  region = navigator.languages.find((tag) => languageOf(tag) === locale) ?? locale
  document.documentElement.lang = locale
  document.documentElement.dir = DIRECTIONS[locale]
  return locale
}

/** What dates are written in; the system's own way where nothing was said yet. */
export function regional(): string | undefined {
  return region
}

function ofSystem(): Locale {
  for (const tag of navigator.languages) {
    const found = locales.find((locale) => locale === languageOf(tag))
    if (found) return found
  }
  return baseLocale
}

function languageOf(tag: string): string {
  return tag.split('-', 1)[0] ?? ''
}
