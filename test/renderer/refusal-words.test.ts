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

/** The texts of a folder's scripts that stand in nodes of this kind, something in each of their gaps. */
function textsIn(folder: string, isRead: (file: string) => boolean, says: (node: ts.Node) => boolean) {
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
    if (says(node)) ts.forEachChild(node, collect)
    else ts.forEachChild(node, walk)
  }
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((each) => each.endsWith('.ts') && isRead(each)))
    walk(ts.createSourceFile(file, readFileSync(join(folder, file), 'utf8'), ts.ScriptTarget.Latest, true))
  return found
}

/** Every sentence that the shell may refuse with. Kinds of failure, and tags, are no sentences. */
function refusals(): string[] {
  const isRefusal = (node: ts.Node) => ts.isNewExpression(node) && REFUSAL.test(node.expression.getText())
  return textsIn('electron', (file) => !OTHERS.includes(file), isRefusal).filter((text) =>
    / .*\.$/.test(text),
  )
}

/** What is worded elsewhere, or said to other programs or to programmers. */
const NOT_THE_ENGINE = /^(?:documents|webllm|compare)\/|^(?:completion-\w+|errors|client)\.ts$/
const FAILS = /\b(?:bad|fail|refuse|unsupported|missing|EngineError)$/

/** Every reason that the engine may give. What stands in it, as `tensor "x"`, is no reason. */
function reasons(): string[] {
  const isReason = (node: ts.Node) =>
    (ts.isCallExpression(node) && FAILS.test(node.expression.getText())) ||
    (ts.isNewExpression(node) && FAILS.test(node.expression.getText())) ||
    (ts.isVariableDeclaration(node) && /^(?:reason|NO_WEBGPU|notice)$/.test(node.name.getText())) ||
    (ts.isPropertyAssignment(node) && /^(?:reason|hint|notice)$/.test(node.name.getText())) ||
    (ts.isBinaryExpression(node) && node.left.getText() === 'reason')
  return textsIn('engine', (file) => !NOT_THE_ENGINE.test(file), isReason)
    .filter((text) => /[a-z]+ [a-z]+/.test(text))
    .map((text) => (/^(?:has|begins) /.test(text) ? `tensor "x" ${text}` : text))
}
const REASONS = reasons()

const speak = (locale: 'en' | 'de') => overwriteGetLocale(() => locale)

afterEach(() => speak('en'))

test('every sentence that the shell refuses with is said in German', () => {
  const all = refusals()
  expect(all.length).toBeGreaterThan(90)
  speak('de')
  expect(all.filter((sentence) => sayRefusal(sentence) === sentence)).toEqual([])
})

test('every reason that the engine gives is said in German', () => {
  expect(REASONS.length).toBeGreaterThan(100)
  speak('de')
  expect(REASONS.filter((reason) => sayRefusal(reason) === reason)).toEqual([])
})

test('a notice and a failure of the engine are said in German with their reasons', () => {
  speak('de')
  const hint = 'no adapter was found; install or update the graphics driver.'
  expect(sayRefusal(`Running on the processor, which is slow: ${hint}`)).toBe(
    'Es läuft auf dem Prozessor, und das ist langsam: es wurde kein Adapter gefunden; installieren oder erneuern Sie den Grafiktreiber.',
  )
  expect(sayFailure({ code: 'no-webgpu', hint })).toMatch(
    /^Hier ist keine GPU nutzbar: es wurde kein Adapter/,
  )
  const short = {
    code: 'bad-file',
    file: 'a.gguf',
    reason: 'it ends after 8 bytes, inside its version',
  } as const
  const words =
    'Die Datei a.gguf des Modells ist beschädigt: sie endet nach 8 Bytes, mitten in: ihre Version; '
  expect(sayFailure(short)).toBe(`${words}holen Sie sie neu.`)
  expect(sayRefusal(describe(short))).toBe(sayFailure(short))
  expect(sayFailure({ code: 'out-of-memory', wantedBytes: 9, owner: 'conversation memory' })).toContain(
    '9 Bytes von Gedächtnis des Chats',
  )
})

test('what the engine says is said as it is in English', () => {
  for (const reason of REASONS) expect(sayRefusal(reason)).toBe(reason)
})

test('what stands in a sentence comes along, a reason in German too; what is not known stays', () => {
  speak('de')
  expect(sayRefusal('gpu.example:8000 failed (500): out of memory.')).toBe(
    'gpu.example:8000 ist gescheitert (500): out of memory.',
  )
  expect(sayRefusal('Nothing can be added to this chat: it is open in another window or program.')).toBe(
    'Diesem Chat kann nichts hinzugefügt werden: er ist in einem anderen Fenster oder Programm offen.',
  )
  expect(sayRefusal('a.chat: The file is too large for a chat.')).toBe(
    'a.chat: Die Datei ist zu groß für einen Chat.',
  )
  const damaged = { code: 'bad-file', file: 'a.gguf', reason: 'it is too short' } as const
  expect(sayRefusal(describe(damaged))).toBe(sayFailure(damaged))
  expect(sayFailure(damaged)).not.toBe(describe(damaged))
  expect(sayRefusal('Nobody wrote this.')).toBe('Nobody wrote this.')
  speak('en')
  expect(sayRefusal('The disk is full.')).toBe('The disk is full.')
})
