import type { ConfigFields } from './config-fields.ts'
import type { Family } from './families.ts'

/** The slots of a model, and how they are read. */
export interface SlotPlan {
  /** M; 0 in a model without slots */
  readonly slots: number
  /** the gates are the key projection, row for row: M = D, and nothing has been trained */
  readonly keyGates: boolean
  /** slots score as a token just beyond the window would, instead of without a position */
  readonly edgeSlots: boolean
  /** slots are divided by their mass: the mean of what they took */
  readonly meanSlots: boolean
  /** log(n / M) is added to the score of a slot with n tokens in it */
  readonly countSlots: boolean
}

/** What the attention kernels hold for one KV head. */
const MAX_SLOTS = 128

/**
 * Slots and their read, from our own fields `gates` ("trained", "keys" or "none"), `slot_position` ("edge" or "none"),
 * `slot_mean` and `slot_count`. A model that was trained with full attention has gates from its keys, and reads its slots as
 * what helped most without training (DECISIONS.md); one with trained gates reads them as the paper does.
 *
 * Source: NHA, arXiv 2510.07019, whose hybridization begins with `g_proj` = `k_proj`.
 *
 * @param headDim D
 * @throws {EngineError} `bad-file`
 */
export function parseSlots(fields: ConfigFields, family: Family, headDim: number): SlotPlan {
  const own = family.hasSlots ? 'trained' : headDim <= MAX_SLOTS ? 'keys' : 'none'
  const gates = oneOf(fields, 'gates', family.hasSlots ? ['trained'] : ['keys', 'none'], own)
  const keyGates = gates === 'keys'
  const meanSlots = flag(fields, 'slot_mean', keyGates)
  const countSlots = flag(fields, 'slot_count', false)
  if (keyGates && headDim > MAX_SLOTS) {
    throw fields.bad(`gates "keys" needs a head_dim up to ${MAX_SLOTS}, and it is ${headDim}`)
  }
  if (countSlots && !meanSlots) throw fields.bad('slot_count needs slot_mean')
  return {
    slots: gates === 'trained' ? fields.size('num_slots', MAX_SLOTS, 64) : keyGates ? headDim : 0,
    keyGates,
    edgeSlots: oneOf(fields, 'slot_position', ['edge', 'none'], keyGates ? 'edge' : 'none') === 'edge',
    meanSlots,
    countSlots,
  }
}

function oneOf(fields: ConfigFields, name: string, known: readonly string[], own: string): string {
  const value = fields.get(name) ?? own
  if (typeof value === 'string' && known.includes(value)) return value
  const words = known.map((word) => JSON.stringify(word)).join(' or ')
  throw fields.bad(`${name} should be ${words} and is ${JSON.stringify(value)}`)
}

function flag(fields: ConfigFields, name: string, own: boolean): boolean {
  const value = fields.get(name) ?? own
  if (typeof value === 'boolean') return value
  throw fields.bad(`${name} should be true or false`)
}
