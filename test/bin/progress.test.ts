import { afterEach, expect, test, vi } from 'vitest'
import { Progress } from '../../bin/progress.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

test('the time left is that of what is done now, not of what was done before', () => {
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  const { stderr } = new ScriptedWorld({ answer: () => ({ text: '' }) })
  const progress = new Progress(stderr, 'Fitting')
  progress.show(50, 100, 'half')
  now = 10_000
  progress.show(60, 100, 'more')
  progress.show(100, 100, 'all')
  expect(stderr.text).toBe('Fitting 50 % · half\nFitting 60 % · more · 40 s left\nFitting 100 % · all\n')
})
