import { expect, test } from 'vitest'
import { allocating } from '../../../engine/model/gpu.ts'

interface Scope {
  readonly filter: GPUErrorFilter
  error: { readonly message: string } | null
}

/** A device with room for buffers of up to 100 bytes, whose scopes answer a moment later, as a GPU's process does. */
function fakeDevice() {
  const scopes: Scope[] = []
  const device = {
    pushErrorScope: (filter: GPUErrorFilter) => void scopes.push({ filter, error: null }),
    popErrorScope: async () => {
      const scope = scopes.pop()
      if (!scope) throw new Error('no scope is open')
      await new Promise((resolve) => setTimeout(resolve))
      return scope.error
    },
  }
  const make = (size: number) => (): number => {
    const scope = scopes.findLast(({ filter }) => filter === 'out-of-memory')
    if (size > 100 && scope) scope.error = { message: 'full' }
    return size
  }
  return { device: device as unknown as GPUDevice, make, scopes }
}

test.each([
  [50, 500],
  [500, 50],
])('two allocations at once, of %i and %i bytes: each is told of its own refusal', async (...sizes) => {
  const { device, make, scopes } = fakeDevice()
  const told = await Promise.allSettled(sizes.map((size) => allocating(device, 'test', size, make(size))))
  expect(told.map(({ status }) => status)).toEqual(
    sizes.map((size) => (size > 100 ? 'rejected' : 'fulfilled')),
  )
  const [refused] = told.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))
  expect(refused).toMatchObject({ failure: { code: 'out-of-memory', wantedBytes: 500, owner: 'test' } })
  expect(scopes).toEqual([])
})

test('what throws while it allocates leaves no scope open', async () => {
  const { device, scopes } = fakeDevice()
  const throwing = (): never => {
    throw new RangeError('a bug')
  }
  await expect(allocating(device, 'test', 1, throwing)).rejects.toThrow('a bug')
  expect(scopes).toEqual([])
})
