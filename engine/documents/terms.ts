const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}]+)?/gu

/** What a question is made of, beside what it is about. */
const QUESTION_WORDS = new Set(
  `a an the of in on at to for from by with and or but if so as than then that this these those there here it its is are
  was were be been being am do does did done has have had having can could will would shall should may might must what
  who whom whose which when where why how tell me say said please about any some you your he she they him her them his
  their we us our one document text book page story file according now again actually name called call`
    .split(/\s+/)
    .filter((word) => word !== ''),
)

/** Whoever speaks: `I`, `me` and `my` are one term, which says little. */
export const THE_USER = 'my'

/** The words of a text as they are looked up: small letters, and without their endings. */
export function termsOf(text: string): string[] {
  return (text.normalize('NFC').match(WORD) ?? []).map(remembered)
}

/** A book of 3 MB has some 20,000 different words, and 600,000 in all. */
const known = new Map<string, string>()
const MOST_KNOWN = 50_000

function remembered(word: string): string {
  let term = known.get(word)
  if (term !== undefined) return term
  term = termOf(word)
  if (known.size >= MOST_KNOWN) known.clear()
  known.set(word, term)
  return term
}

/**
 * What a question asks for: its terms without the words of asking, each once. Those alone, where nothing else is left,
 * as in "What is my name?".
 */
export function subjectOf(question: string): string[] {
  const words = (question.normalize('NFC').match(WORD) ?? []).map((word) => word.toLowerCase())
  const about = words.filter((word) => !QUESTION_WORDS.has(word.replace(/['’]s$/, '')))
  const weak = words.filter((word) => word === 'name' || word.startsWith('call'))
  return [...new Set([...about, ...(about.length < 2 ? weak : [])].map(termOf))]
}

const ASKS_WHAT_IS = /\b(?:who|what)\s+(?:is|was|are|were)\b/i
const BEING = /^(?:is|was|are|were)$/i

/** Of a question such as "Who is Dinah?": whether a sentence says it, "Dinah was the cat", and does not only name her. */
export function saysWhatIs(question: string, subject: readonly string[], sentence: string): boolean {
  if (!ASKS_WHAT_IS.test(question)) return false
  const words = sentence.normalize('NFC').match(WORD) ?? []
  return words.some((word, i) => BEING.test(words[i + 1] ?? '') && subject.includes(termOf(word)))
}

/** Strip what inflection adds in English; on other words it does little, and the same to text and question. */
function termOf(word: string): string {
  let stem = word.toLowerCase().replace(/['’]\w+$/, '')
  if (/^(i|me|mine)$/.test(stem)) return THE_USER
  if (stem.length > 4) stem = stem.replace(/(?:ies|ied)$/, 'y')
  if (stem.length > 4) stem = stem.replace(/(?:ing|ed)$/, '')
  if (stem.length > 3) stem = stem.replace(/(?<!s)s$/, '')
  if (stem.length > 4) stem = stem.replace(/e$/, '')
  return stem.length > 4 ? stem.replace(/(\p{L})\1$/u, '$1') : stem
}
