import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { seeded } from './numerics.ts'

export interface TokenizerFile {
  readonly model: {
    readonly vocab: Record<string, number>
    readonly merges: readonly [string, string][]
  }
  readonly added_tokens: readonly {
    readonly id: number
    readonly content: string
  }[]
}

export const POCKET_TOKENIZER = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../assets/pocket/tokenizer.json'), 'utf8'),
) as TokenizerFile

const LETTERS = /^Ġ?[A-Za-z]+$/
const LONGEST = 20

/**
 * Pocket's tokenizer.json with as many tokens as a published model has: merges of what is there, in a seeded order, so
 * that every id is text.
 */
export function grownTokenizer(vocabSize: number): TokenizerFile {
  const { model, added_tokens: added } = POCKET_TOKENIZER
  const vocab = { ...model.vocab }
  const merges = [...model.merges]
  const words = Object.keys(vocab).filter((content) => LETTERS.test(content))
  const taken = new Set([...Object.keys(vocab), ...added.map(({ content }) => content)])
  const random = seeded(vocabSize)
  const pick = () => words[Math.floor(random() * words.length)]!
  for (let id = 1 + Math.max(...Object.values(vocab), ...added.map((token) => token.id)); id < vocabSize;) {
    const [left, right] = [pick(), pick()]
    const content = left + right
    if (right.startsWith('Ġ') || content.length > LONGEST || taken.has(content)) continue
    taken.add(content)
    words.push(content)
    merges.push([left, right])
    vocab[content] = id++
  }
  return { ...POCKET_TOKENIZER, model: { ...model, vocab, merges } }
}
