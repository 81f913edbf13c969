import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { KeptChoices } from '../engine/model/gemv-choice.ts'

/** What was found out about the GPUs of this machine, in one small file; an unreadable one is begun anew. */
export function choicesIn(path: string): KeptChoices {
  const read = async (): Promise<Map<string, unknown>> => {
    try {
      const value: unknown = JSON.parse(await readFile(path, 'utf8'))
      return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
    } catch {
      return new Map()
    }
  }
  return {
    async get(key) {
      const value = (await read()).get(key)
      return typeof value === 'string' ? value : undefined
    },
    async set(key, value) {
      const all = (await read()).set(key, value)
      await mkdir(dirname(path), { recursive: true })
      const part = `${path}.${process.pid}.part`
      await writeFile(part, JSON.stringify(Object.fromEntries(all), null, 2))
      await rename(part, path)
    },
  }
}
