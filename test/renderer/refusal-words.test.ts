import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterEach, expect, test } from 'vitest'
import { overwriteGetLocale } from '#locale'
import { describe } from '../../engine/errors.ts'
import { sayFailure } from '../../renderer/state/failure-words.ts'
import { sayRefusal } from '../../renderer/state/refusal-words.ts'

/** What these refuse goes to other programs, over HTTP. */
const TO_OTHER_PROGRAMS = ['server/check-request.ts', 'server/errands.ts', 'server/local-server.ts']
const OTHERS = [...TO_OTHER_PROGRAMS, 'server/turns.ts']
const REFUSAL = /^(?:Refusal|DownloadError)$/

/** Every sentence that the shell may refuse with, something in each of its gaps. */
function refusals(): string[] {
  const found: string[] = []
  const collect = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) found.push(node.text)
    else if (ts.isTemplateExpression(node))
      found.push(
        node.head.text + node.templateSpans.map(({ literal }, i) => `<${i}>${literal.text}`).join(''),
      )
    else ts.forEachChild(node, collect)
  }
  const walk = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && REFUSAL.test(node.expression.getText())) node.arguments?.forEach(collect)
    else ts.forEachChild(node, walk)
  }
  const files = readdirSync('electron', { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((each) => each.endsWith('.ts') && !OTHERS.includes(each)))
    walk(
      ts.createSourceFile(file, readFileSync(join('electron', file), 'utf8'), ts.ScriptTarget.Latest, true),
    )
  // Kinds of failure, and tags, are no sentences.
  return found.filter((text) => / .*\.$/.test(text))
}

const speak = (locale: 'en' | 'de') => overwriteGetLocale(() => locale)

afterEach(() => speak('en'))

test('every sentence that the shell refuses with is said in German', () => {
  const all = refusals()
  expect(all.length).toBeGreaterThan(90)
  speak('de')
  expect(all.filter((sentence) => sayRefusal(sentence) === sentence)).toEqual([])
})

test('what stands in a sentence comes along, a reason in German too; what is not known stays', () => {
  speak('de')
  expect(sayRefusal('gpu.example:8000 failed (500): out of memory.')).toBe(
    'gpu.example:8000 ist gescheitert (500): out of memory.',
  )
  expect(sayRefusal('Nothing can be added to this chat: it is open in another window or program.')).toBe(
    'Diesem Chat kann nichts hinzugefügt werden: er ist in einem anderen Fenster oder Programm offen.',
  )
  const damaged = { code: 'bad-file', file: 'a.gguf', reason: 'it is too short' } as const
  expect(sayRefusal(describe(damaged))).toBe(sayFailure(damaged))
  expect(sayFailure(damaged)).not.toBe(describe(damaged))
  expect(sayRefusal('Nobody wrote this.')).toBe('Nobody wrote this.')
  speak('en')
  expect(sayRefusal('The disk is full.')).toBe('The disk is full.')
})
