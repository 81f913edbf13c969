import type { ConversationOptions } from '../../engine/protocol.ts'

/** A window from here on is never full in practice, and grows instead. */
const UNBOUNDED_WINDOW = 2 ** 31

/** NHA with a bounded window: the state is as large at the end as at the start. */
export function isConstant({ attention, window }: ConversationOptions): boolean {
  const lengths = [window ?? 0].flat()
  return attention === 'nha' && lengths.every((each) => typeof each === 'string' || each < UNBOUNDED_WINDOW)
}
