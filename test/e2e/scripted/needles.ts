import { createHaystack, NEEDLE_DEPTHS } from '../../../engine/compare/needle.ts'
import { NEEDLE_LENGTHS } from '../../../renderer/compare/needle-hunt.svelte.ts'
import type { ScriptedAnswer, ScriptedConversation } from '../../support/scripted-engine.ts'

/** Of the first hunt in a window: what is told in it, in the order in which it is asked for. */
const NEEDLES = NEEDLE_LENGTHS.flatMap((length, i) => {
  const plan = { depths: NEEDLE_DEPTHS, each: 2, seed: 1 }
  return createHaystack(length, plan, i).needles.map((needle, place) => ({ ...needle, length, place }))
})
/** Tokens after which the scripted memories lose a fact: all of them, or every other. */
const REACH = { full: 1600, nha: 400 }

/** A needle's value, where a memory that reaches so far back has it; \`null\` for what is no question about one. */
export function aboutNeedle(
  message: string,
  { options, position }: ScriptedConversation,
): ScriptedAnswer | null {
  // The scripted tokens are characters. The same may be asked of several texts: it is the one that is about as long.
  const off = (length: number) => Math.abs(length - position / 3)
  const [needle] = NEEDLES.filter(({ fact }) => fact.ask === message).sort(
    (a, b) => off(a.length) - off(b.length),
  )
  if (!needle) return null
  const { fact, depth, length, place } = needle
  const back = (1 - depth) * length
  const isKnown =
    options.attention === 'full' ? back < REACH.full : back < REACH.nha || (place + length / 100) % 2 === 0
  return { text: isKnown ? `It is ${fact.value}.` : 'I do not know.' }
}
