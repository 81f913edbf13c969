import type { SettingsValues } from './settings-values.ts'

/** The window is light, dark or as the system is from now on, with more contrast or not. */
export function wear({ appearance, contrast }: Pick<SettingsValues, 'appearance' | 'contrast'>): void {
  const { dataset, classList } = document.documentElement
  if (appearance === 'system') delete dataset['theme']
  else dataset['theme'] = appearance
  classList.toggle('contrast', contrast)
}
