import { expect, test } from 'vitest'
import { doubtsOf } from '../../../engine/text/doubting.ts'

const tokenizer = { encode: (text: string) => [...new TextEncoder().encode(text)] }

test.each([
  [{ doubts_with: '!', doubts_by: 3 }, [[33, 3]] as [number, number][]],
  [{ doubts_with: '!?', doubts_by: 3 }, []],
  [{ doubts_with: '!', doubts_by: '3' }, []],
  [{ doubts_with: '!', doubts_by: Infinity }, []],
  [{ doubts_with: 7, doubts_by: 3 }, []],
  [{ doubts_with: '', doubts_by: 3 }, []],
  [{ doubts_by: 3 }, []],
  [{}, []],
  [null, []],
  [[], []],
])('generation_config.json %o: %o', (config, doubts) => {
  expect(doubtsOf(config, tokenizer)).toEqual({ nats: new Map(doubts), tokens: Infinity })
})
