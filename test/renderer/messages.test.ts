import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AST, parse } from 'svelte/compiler'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { m } from '#messages'
import { type EngineFailure, describe as describeFailure } from '../../engine/errors.ts'
import type { WebllmFailure } from '../../engine/webllm/words.ts'
import { sayFailure } from '../../renderer/state/failure-words.ts'

const RENDERER = 'renderer'
const MESSAGES = `${RENDERER}/messages`
/** Folders whose every sentence is a message. */
const FOLDERS = ['chat', 'commands', 'compare', 'documents', 'inspect', 'library', 'models', 'settings']

/** What is the same in all: names, units, examples of what is typed, and what is said to a model that knows English. */
const SAME_IN_ALL = new Set([
  'Plateau',
  'Pocket',
  'My name is Mira.',
  'What can you do?',
  'How does your memory work?',
  'Qwen/Qwen3-0.6B',
  'http://127.0.0.1:8000/v1',
  'sk-…',
  ', MIT',
  'How often does “',
  'Fill in what is missing: "',
  'What is this about?',
  'What is the code of the gate?',
  'What is the job of Clara?',
  ...['When is the wedding?', 'When is the party?', 'What is Jonas afraid of?'],
  ...['B', 'ms', 'PNG', 'CSV', 'JSON'],
  'hf_…',
])

const WEBLLM: readonly WebllmFailure[] = [
  { reason: 'no-webgpu' },
  { reason: 'no-f16' },
  { reason: 'no-feature', feature: 'subgroups' },
  { reason: 'limit', limit: 'maxBufferSize', found: 1, wanted: 2 },
  { reason: 'no-model' },
  { reason: 'unknown-model', model: 'nobody' },
  { reason: 'device-lost' },
  { reason: 'too-long' },
  { reason: 'disk-full' },
  { reason: 'cannot-compile' },
  { reason: 'refused', sentence: 'There is no such file.' },
  { reason: 'loading-stopped' },
  { reason: 'asking-stopped' },
  { reason: 'closed' },
  { reason: 'not-begun', message: '' },
  { reason: 'not-begun', message: 'no code' },
  { reason: 'other', message: '' },
  { reason: 'other', message: 'oh' },
]

type Messages = Readonly<Record<string, unknown>>

function read(file: string): Messages {
  return JSON.parse(readFileSync(join(MESSAGES, file), 'utf8')) as Messages
}

/** The names in braces, of all its forms. */
function parametersOf(message: unknown): string[] {
  const names = [...JSON.stringify(message).matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  return [...new Set(names.filter((name) => name !== undefined))].sort()
}

describe('messages', () => {
  const files = readdirSync(MESSAGES).filter((file) => file.endsWith('.en.json'))

  test.each(files)('%s has each of them in German, with the same parameters', (file) => {
    const [english, german] = [read(file), read(file.replace('.en.', '.de.'))]
    expect(Object.keys(german)).toEqual(Object.keys(english))
    for (const [key, message] of Object.entries(english)) {
      expect([key, parametersOf(german[key])]).toEqual([key, parametersOf(message)])
      expect([key, JSON.stringify(german[key]).length > 2]).toEqual([key, true])
    }
  })

  test('a name stands in one file alone, and once', () => {
    const names = files.flatMap((file) =>
      [...readFileSync(join(MESSAGES, file), 'utf8').matchAll(/^ {2}"(\w+)":/gm)].map(([, name]) => name),
    )
    expect(new Set(names).size).toBe(names.length)
  })

  test('one and many', () => {
    const pages = (count: number) =>
      (['en', 'de'] as const).map((locale) => m.documents_pages({ count, shown: count }, { locale }))
    expect([pages(1), pages(2), pages(0)]).toEqual([
      ['1 page', '1 Seite'],
      ['2 pages', '2 Seiten'],
      ['0 pages', '0 Seiten'],
    ])
  })

  test('one of one', () => {
    const said = (pages: number) =>
      (['en', 'de'] as const).map((locale) => [
        m.documents_reading_pages({ done: pages, count: pages, shown: pages }, { locale }),
        m.documents_failure_no_text({ file: 'a.pdf', pages }, { locale }).split(',', 1)[0],
      ])
    expect(said(1)).toEqual([
      ['1 of 1 page', 'The file a.pdf has 1 page and no text on it'],
      ['1 von 1 Seite', 'Die Datei a.pdf hat 1 Seite ohne Text'],
    ])
    expect(said(2)).toEqual([
      ['2 of 2 pages', 'The file a.pdf has 2 pages and no text on them'],
      ['2 von 2 Seiten', 'Die Datei a.pdf hat 2 Seiten ohne Text'],
    ])
  })

  const sentences = (language: 'en' | 'de') =>
    files
      .flatMap((file) => Object.entries(read(file.replace('.en.', `.${language}.`))))
      .map(
        ([key, message]) => [key, typeof message === 'string' ? message : JSON.stringify(message)] as const,
      )

  test('marks of quotation are curly, but where a sentence is one that the terminal says too', () => {
    // Those are told by their very letters: see refusal-words.ts, and the test below.
    const own = sentences('en').filter(([key]) => !/^(?:shell|engine|window_failure)_/.test(key))
    const straight = own.filter(
      ([, text]) => /"/.test(text.startsWith('[{') ? '' : text) || /\w'\w/.test(text),
    )
    expect(straight).toEqual([])
  })

  test('German says Sie, and one word for one thing', () => {
    const other = /\b(?:du|dir|dich|deine?[mnrs]?|Tokens|Kennw[oö]rt\w*|Tatsachen?)\b/i
    expect(sentences('de').filter(([, text]) => other.test(text.replaceAll(/\{\w+\}/g, '')))).toEqual([])
  })

  test('a token is named where it is said what becomes of it', () => {
    for (const say of [m.models_token_keychain, m.models_token_memory]) {
      expect(say({}, { locale: 'en' })).toContain('. The token is kept')
      expect(say({}, { locale: 'de' })).toContain('. Das Token ')
    }
  })

  test('a failure is said in English as the terminal says it', () => {
    const failures: readonly EngineFailure[] = [
      { code: 'no-webgpu', hint: 'no adapter.' },
      { code: 'device-lost', reason: 'unknown', message: 'the driver was reset.' },
      { code: 'device-lost', reason: 'unknown', message: '' },
      { code: 'out-of-memory', wantedBytes: 12_345, owner: 'weights' },
      { code: 'chat-too-large', wantedBytes: 268_435_456, mostBytes: 134_217_728 },
      { code: 'missing-file', file: 'config.json', reason: 'HTTP 404' },
      { code: 'bad-file', file: 'model.safetensors', reason: 'it is too short' },
      { code: 'unsupported-file', file: 'model.gguf', reason: 'IQ2 is unknown' },
      { code: 'bad-hash', file: 'a', expected: 'b', found: 'c' },
      { code: 'bad-weights', tensor: 'lm_head', expected: '[1, 2]', found: '[2, 1]' },
      { code: 'unknown-architecture', found: 'mamba', supported: ['llama', 'qwen2'] },
      { code: 'no-chat-template' },
      { code: 'bad-chat-template', reason: 'it loops' },
      { code: 'bad-logits', position: 7 },
      { code: 'empty-prompt' },
      { code: 'bad-request', reason: 'it was stopped' },
      { code: 'busy' },
      { code: 'internal', message: 'oh' },
      { code: 'second-engine', sentence: 'The server is away.' },
      ...WEBLLM.map((failure) => ({ code: 'webllm', failure }) as const),
    ]
    for (const failure of failures) expect(sayFailure(failure)).toBe(describeFailure(failure))
  })
})

/** Attributes, of elements and of components, that somebody reads or hears. */
const SAID = new Set([
  ...['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt'],
  ...['label', 'legend', 'help', 'text', 'button', 'action', 'words', 'name', 'problem', 'about'],
])

const hasLetter = (text: string) => /\p{L}/u.test(text)

/** The words that stand literally in a component's markup. */
function literals(file: string): string[] {
  const found: string[] = []
  const note = (text: string) => {
    if (hasLetter(text) && !SAME_IN_ALL.has(text.trim())) found.push(text.trim())
  }
  /** What an expression may come to: words in conditions and arguments are not said. */
  const inExpression = (node: unknown): void => {
    if (typeof node !== 'object' || node === null || !('type' in node)) return
    if (node.type === 'Literal' && 'value' in node && typeof node.value === 'string') note(node.value)
    if (node.type === 'TemplateLiteral' && 'quasis' in node)
      for (const { value } of node.quasis as { value: { raw: string } }[]) note(value.raw)
    if (node.type !== 'ConditionalExpression' && node.type !== 'LogicalExpression') return
    for (const [key, child] of Object.entries(node)) if (key !== 'test') inExpression(child)
  }
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) for (const each of node as unknown[]) walk(each)
    if (typeof node !== 'object' || node === null || !('type' in node)) return
    const isIcon = node.type === 'Component' && 'name' in node && node.name === 'Icon'
    if (isIcon || node.type === 'StyleDirective') return
    if (node.type === 'Text') note((node as AST.Text).data)
    else if (node.type === 'ExpressionTag') inExpression((node as AST.ExpressionTag).expression)
    else if (node.type === 'Attribute') {
      const { name, value } = node as AST.Attribute
      if (SAID.has(name)) walk(value)
    } else for (const [key, child] of Object.entries(node)) if (key !== 'expression') walk(child)
  }
  walk(parse(readFileSync(file, 'utf8'), { modern: true }).fragment)
  return found
}

/** Sentences in code: a capital, and more than one word. */
function sentences(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const code = file.endsWith('.svelte')
    ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, script]) => script).join('\n')
    : text
  const found: string[] = []
  const walk = (node: ts.Node): void => {
    const isText =
      ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)
    if (isText && /^\p{Lu}\p{Ll}+[ .,:]\s?(?:\p{L}|$)/u.test(node.text) && !SAME_IN_ALL.has(node.text))
      found.push(node.text)
    ts.forEachChild(node, walk)
  }
  walk(ts.createSourceFile(file, code, ts.ScriptTarget.Latest))
  return found
}

describe('no sentence stands in the code', () => {
  const inFolder = (folder: string) =>
    readdirSync(join(RENDERER, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
      join(RENDERER, folder, file),
    )

  test.each(FOLDERS)('%s', (folder) => {
    const components = inFolder(folder).filter((file) => file.endsWith('.svelte'))
    expect(components.length).toBeGreaterThan(0)
    expect(components.flatMap((file) => literals(file).map((text) => `${file}: ${text}`))).toEqual([])
  })

  test.each([...FOLDERS, 'state'])('%s, in its scripts', (folder) => {
    const files = inFolder(folder).filter((file) => /\.(?:ts|svelte)$/.test(file))
    expect(files.flatMap((file) => sentences(file).map((text) => `${file}: ${text}`))).toEqual([])
  })
})
