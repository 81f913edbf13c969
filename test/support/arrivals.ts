import { expect, vi } from 'vitest'
import type { Models } from '../../electron/models/models.ts'

const TIMEOUT = { timeout: 20_000 }

/** The first model on its way, once it is what it should be. */
export function arrival(models: Models, status: string) {
  return vi.waitFor(async () => {
    const [first] = (await models.listModels()).arrivals
    expect(first?.status, first?.problem).toBe(status)
    return first!
  }, TIMEOUT)
}

/** What is installed, once nothing is on its way. */
export function arrived(models: Models) {
  return vi.waitFor(async () => {
    const { arrivals, installed } = await models.listModels()
    expect(arrivals).toEqual([])
    return installed
  }, TIMEOUT)
}
