import { asksOfModel, isSmallTalk, isTalkOfCase, namesTheUser, termsIn } from './asking.ts'
import type { PassageIndex } from './search.ts'
import { isTaught } from './taught.ts'
import { asksWhatIs, saysWhatIs, subjectOf, termOf } from './terms.ts'

/** What seldom means anything but Plateau. */
const OF_PLATEAU = termsIn('plateau nha slot token gpu webgpu byte offline shortcut chat')
/** "Does my data leave this computer?" */
const HERE = /(?<!\p{L})this (app|program|computer)(?!\p{L})/iu
/** A document is asked of so much, though the question has a word of Plateau that stands in none. */
const SAYS_MOST = 0.58
/** It says what is asked, though Pocket was taught an answer. */
const SAYS_ALL = 0.8

/** What a document says, if it is nearly all that is asked. */
function saidOf(question: string, index: PassageIndex): string {
  const [best] = index.lookUp(question, 1, 'documents')
  return best && best.name !== '' && best.share >= SAYS_ALL ? best.quote : ''
}

/** A document has it, of a question that Pocket was taught: "What does it cost?", "What is a seed?" */
function isRead(question: string, index: PassageIndex): boolean {
  if (asksOfModel(question) || namesTheUser(question)) return false
  const said = saidOf(question, index)
  return said !== '' && (!asksWhatIs(question) || saysWhatIs(subjectOf(question), said) === 2)
}

/** "How do slots work?": it has a word of Plateau that nobody said, and no document says most of it. */
function isOfPlateau(question: string, index: PassageIndex): boolean {
  const [, here] = HERE.exec(question) ?? []
  if (here && !index.has(termOf(here))) return true
  if (namesTheUser(question)) return false
  if (!subjectOf(question).some((term) => OF_PLATEAU.has(term) && !index.has(term))) return false
  const [best] = index.lookUp(question, 1, 'documents')
  return !best || best.worth < SAYS_MOST
}

/** Whether a question is a small model's own to answer, and nothing is looked up for it. */
export function isToPlateau(question: string, index: PassageIndex): boolean {
  if (isSmallTalk(question) || isOfPlateau(question, index)) return true
  if (isTalkOfCase(question)) return saidOf(question, index) === ''
  return isTaught(question) && !isRead(question, index)
}
