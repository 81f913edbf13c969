import { POCKET } from './settings-values.ts'

/** Where every shell serves the built-in model, and those of the library. */
export function urlOf(id: string): string {
  const path = id === POCKET ? 'model/pocket/' : `models/${id.split('/').map(encodeURIComponent).join('/')}`
  return new URL(path, document.baseURI).href
}

/** A file of a model's folder. */
export function fileOf(id: string, file: string): string {
  return `${urlOf(id)}/${file}`
}
