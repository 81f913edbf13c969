import { MediaQuery } from 'svelte/reactivity'
import type { SettingsValues } from './settings-values.ts'

let wanted: MediaQuery | null = null

/**
 * The window is light, dark or as the system is from now on, with more contrast or not. Where its colours are those of the
 * system, it has more contrast as well when the system asks for it: called in an effect, it follows.
 */
export function wear({ appearance, contrast }: Pick<SettingsValues, 'appearance' | 'contrast'>): void {
  const { dataset, classList } = document.documentElement
  wanted ??= new MediaQuery('(prefers-contrast: more)')
  const isWanted = appearance === 'system' && wanted.current
  if (appearance === 'system') delete dataset['theme']
  else dataset['theme'] = appearance
  classList.toggle('contrast', contrast || isWanted)
}
