import { Template } from '@huggingface/jinja'
import { describe, expect, test } from 'vitest'
import type { ChatMessage } from '../../../engine/protocol.ts'
import { createChatTemplate, type PromptPiece } from '../../../engine/text/chat-template.ts'
import { GEMMA, LLAMA3, MISTRAL, QWEN25, QWEN3, SMOLLM2 } from '../../support/chat-templates.ts'
import { CHATML } from '../../support/tiny-tokenizer.ts'

const TOKENS = { bos_token: '<s>', eos_token: '</s>' }
const POCKET = createChatTemplate({ chat_template: CHATML, document_role: 'document' })
const FIRST = { system: '', first: true, afterReply: false }
const NEXT = { system: '', first: false, afterReply: true }
const AFTER_DOCUMENT = { system: '', first: false, afterReply: false }

const user = (content: string): ChatMessage => ({ role: 'user', content })
const document = (content: string): ChatMessage => ({ role: 'document', content })
const textOf = (pieces: readonly PromptPiece[]) => pieces.map(({ text }) => text).join('')

interface Turn {
  readonly documents: readonly string[]
  readonly question: string
  readonly reply: string
}

/** The conversation as the engine reads it: documents one by one, then the question, then the reply. */
function appended(source: string, system: string, turns: readonly Turn[], config: object = {}): string {
  const template = createChatTemplate({ chat_template: source, ...TOKENS, ...config })
  let read = ''
  let afterReply = false
  for (const { documents, question, reply } of turns) {
    for (const message of [...documents.map(document), user(question)]) {
      const context = { system, first: read === '', afterReply }
      read += textOf(template.append(context, [message], message.role === 'user'))
      afterReply = false
    }
    read += reply
    afterReply = true
  }
  return read
}

/** The same conversation rendered at once by the library, up to the last reply. */
function rendered(
  source: string,
  messages: readonly { role: string; content: string }[],
  reply: string,
): string {
  return (
    new Template(source).render({ ...TOKENS, messages, tools: null, add_generation_prompt: true }) + reply
  )
}

const QUESTIONS = ['Hi,\nI am Anna. ', '  Who am I?', '<|im_end|>{{ messages }}{% for %}', '\u2003Thanks\n']

describe('append, concatenated, is the template rendered on the whole conversation', () => {
  test.each([
    ['Pocket', CHATML],
    ['Qwen2.5', QWEN25],
    ['Qwen3', QWEN3],
    ['Llama 3', LLAMA3],
    ['SmolLM2', SMOLLM2],
  ])('%s', (_, source) => {
    for (const system of ['', 'Be brief.\n']) {
      const turns = QUESTIONS.map((question, i): Turn => ({ documents: [], question, reply: `reply ${i}.` }))
      const messages = turns.flatMap(({ question, reply }) => [
        { role: 'user', content: question },
        { role: 'assistant', content: reply },
      ])
      if (system !== '') messages.unshift({ role: 'system', content: system })
      expect(appended(source, system, turns)).toBe(rendered(source, messages.slice(0, -1), 'reply 3.'))
    }
  })

  test.each([
    ['Mistral', MISTRAL, ' '],
    ['Gemma', GEMMA, ''],
  ])('%s, where roles alternate and there is no place for a system prompt', (_, source, blank) => {
    const turns = QUESTIONS.map((question, i): Turn => ({
      documents: [],
      question,
      reply: `${blank}reply ${i}.`,
    }))
    const messages = turns.flatMap(({ question, reply }) => [
      { role: 'user', content: question },
      { role: 'assistant', content: reply },
    ])
    expect(appended(source, '', turns)).toBe(rendered(source, messages.slice(0, -1), `${blank}reply 3.`))
  })

  test('with documents in a role of their own', () => {
    const turns: Turn[] = [
      { documents: ['one', 'two'], question: 'What?', reply: 'This.' },
      { documents: ['three'], question: 'And?', reply: 'That.' },
    ]
    const roles = 'system document document user assistant document user'.split(' ')
    const contents = ['Be brief.', 'one', 'two', 'What?', 'This.', 'three', 'And?']
    const messages = roles.map((role, i) => ({ role, content: contents[i]! }))
    expect(appended(CHATML, 'Be brief.', turns, { document_role: 'document' })).toBe(
      rendered(CHATML, messages, 'That.'),
    )
  })

  test.each([
    ['Qwen3', QWEN3],
    ['Llama 3', LLAMA3],
  ])('with documents as user messages: %s', (_, source) => {
    const turns: Turn[] = [
      { documents: ['one', 'two'], question: 'What?', reply: 'This.' },
      { documents: ['three'], question: 'And?', reply: 'That.' },
    ]
    const users = ['Document:\n\none', 'Document:\n\ntwo', 'What?', '', 'Document:\n\nthree', 'And?']
    const messages = users.map((content) =>
      content === '' ? { role: 'assistant', content: 'This.' } : { role: 'user', content },
    )
    expect(appended(source, '', turns)).toBe(rendered(source, messages, 'That.'))
  })

  test('with documents in front of the question where roles must alternate', () => {
    const turns: Turn[] = [
      { documents: ['one', 'two'], question: 'What?', reply: ' This.' },
      { documents: ['three'], question: 'And?', reply: ' That.' },
    ]
    const messages = [
      { role: 'user', content: 'Document:\n\none\n\nDocument:\n\ntwo\n\nWhat?' },
      { role: 'assistant', content: 'This.' },
      { role: 'user', content: 'Document:\n\nthree\n\nAnd?' },
    ]
    expect(appended(MISTRAL, '', turns)).toBe(rendered(MISTRAL, messages, ' That.'))
  })

  test('a whole stored conversation in one append is the same as its turns', () => {
    const messages: ChatMessage[] = [
      document('one'),
      user('What?'),
      { role: 'assistant', content: 'This.' },
      user('And?'),
    ]
    const once = createChatTemplate({ chat_template: QWEN25 }).append(
      { ...FIRST, system: 'Be brief.' },
      messages,
      true,
    )
    const turns: Turn[] = [
      { documents: ['one'], question: 'What?', reply: 'This.' },
      { documents: [], question: 'And?', reply: '' },
    ]
    expect(textOf(once)).toBe(appended(QWEN25, 'Be brief.', turns))
  })
})

test('a stored conversation of 2,000 messages is within the bounds of the sandbox', () => {
  const messages = Array.from({ length: 2000 }, (_, i): ChatMessage => {
    return { role: i % 2 === 0 ? 'user' : 'assistant', content: `message ${i}` }
  })
  for (const chat_template of [LLAMA3, QWEN3, CHATML]) {
    const pieces = createChatTemplate({ chat_template }).append(FIRST, messages, false)
    expect(pieces.filter(({ kind }) => kind === 'text')).toHaveLength(2000)
  }
})

describe('where a template looks back', () => {
  test('Mistral gets its system prompt with the first question and never again', () => {
    const turns: Turn[] = [
      { documents: [], question: 'Hi', reply: ' Hello' },
      { documents: [], question: 'Bye', reply: '' },
    ]
    expect(appended(MISTRAL, 'Be brief.', turns)).toBe(
      '<s>[INST] Be brief.\n\nHi[/INST] Hello</s>[INST] Bye[/INST]',
    )
  })

  test('Gemma gets a system prompt at the head of the first message', () => {
    expect(appended(GEMMA, 'Be brief.', [{ documents: ['one'], question: 'Hi', reply: '' }])).toBe(
      '<s><start_of_turn>user\nBe brief.\n\nDocument:\n\none\n\nHi<end_of_turn>\n<start_of_turn>model\n',
    )
  })

  test('thoughts of a Qwen3 reply stay in memory, and the next turn is written as always', () => {
    const template = createChatTemplate({ chat_template: QWEN3 })
    expect(textOf(template.append(NEXT, [user('Why?')], true))).toBe(
      '<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n',
    )
  })
})

describe('pieces', () => {
  test('what people write is text, everything else is template', () => {
    expect(POCKET.append({ ...FIRST, system: 'S' }, [user('<|im_end|>')], true)).toEqual([
      { kind: 'template', text: '<|im_start|>system\n' },
      { kind: 'text', text: 'S' },
      { kind: 'template', text: '<|im_end|>\n<|im_start|>user\n' },
      { kind: 'text', text: '<|im_end|>' },
      { kind: 'template', text: '<|im_end|>\n<|im_start|>assistant\n' },
    ])
    expect(POCKET.append(NEXT, [user('')], true)).toEqual([
      { kind: 'template', text: '<|im_end|>\n<|im_start|>user\n' },
      { kind: 'text', text: '' },
      { kind: 'template', text: '<|im_end|>\n<|im_start|>assistant\n' },
    ])
    expect(POCKET.append(AFTER_DOCUMENT, [document('D')], false)).toEqual([
      { kind: 'template', text: '<|im_start|>document\n' },
      { kind: 'text', text: 'D' },
      { kind: 'template', text: '<|im_end|>\n' },
    ])
  })

  test('a marker typed by a user is text like any other', () => {
    const typed = '\u2003\ue0000\ue001\u2003'
    expect(textOf(POCKET.append(FIRST, [user(typed)], true))).toContain(`user\n${typed}<|im_end|>`)
  })

  test('a template among several is the one called default', () => {
    const chat_template = [
      { name: 'tool_use', template: 'no' },
      { name: 'default', template: CHATML },
    ]
    expect(createChatTemplate({ chat_template }).append(FIRST, [user('a')], true)).toEqual(
      POCKET.append(FIRST, [user('a')], true),
    )
  })

  test('the date is there for templates that ask for it', () => {
    const chat_template = `{{ strftime_now('%d %b %Y') }}${CHATML}`
    const text = textOf(createChatTemplate({ chat_template }).append(FIRST, [user('a')], true))
    expect(text).toMatch(/^\d\d [A-Z][a-z][a-z] 20\d\d<\|im_start\|>/)
  })
})

describe('templates that are refused, in one sentence and soon', () => {
  const loop = (depth: number): string =>
    depth === 0 ? 'x' : `{% for i${depth} in range(1000) %}${loop(depth - 1)}{% endfor %}`

  test.each([
    ['none', undefined, 'no chat template'],
    ['empty', '  ', 'no chat template'],
    ['wrong syntax', '{% for %}', 'cannot be used: '],
    ['an open string', "{{ 'a", 'Unexpected end of input'],
    ['raises always', "{{ raise_exception('Not today.') }}", 'cannot be used: Not today.'],
    ['leaves out the user', 'Hello', 'it leaves out what the role "user" says'],
    [
      'leaves out replies',
      "{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}{% endif %}{% endfor %}",
      'role "assistant"',
    ],
    [
      'reversed',
      '{% for m in messages[::-1] %}{{ m.content }}{% endfor %}',
      'it changes the order of messages',
    ],
    ['a large range', '{% for i in range(1000000000) %}x{% endfor %}', 'takes more than 200000 steps'],
    ['an endless range', '{{ range(0, 1, 0) }}', 'takes more than 200000 steps'],
    ['a computed range', '{% for i in range(10 ** 9) %}x{% endfor %}', 'cannot be used'],
    ['loops in loops', loop(5), 'takes more than 200000 steps'],
    [
      'doubling',
      `{% set s = 'xxxxxxxxxxxxxxxx' %}${'{% set s = s ~ s %}'.repeat(60)}{{ s }}`,
      'longer than 1000000',
    ],
    [
      'upper in a loop',
      `{% set s = 'xxxxxxxxxxxxxxxx' %}${'{% set s = s ~ s %}'.repeat(15)}{% for i in range(100000) %}{% set t = s|upper %}{% endfor %}`,
      'takes more than',
    ],
    [
      'endless recursion',
      '{% macro f(g) %}{{ g(g) }}{% endmacro %}{{ f(f) }}',
      'cannot be used: Maximum call stack',
    ],
    ['deep brackets', `{{ ${'('.repeat(40_000)} }}`, 'cannot be used'],
    ['too long', 'x'.repeat(200_000), 'it has 200000 characters, and 131072 are allowed'],
    ['a run of blanks', ' '.repeat(100_000), 'no chat template'],
    ['a run of blanks and a word', `${' '.repeat(100_000)}x`, 'it has a thousand blanks in a row'],
    ['blanks just below the limit', `${' '.repeat(999)}x`.repeat(131), 'leaves out'],
  ])('%s', (_, chat_template, reason) => {
    // What bounds the time is the count of steps in the reason; a hang would run into the test's own limit.
    expect(() => createChatTemplate({ chat_template })).toThrow(reason)
  })

  test('a document role that the template does not know', () => {
    expect(() => createChatTemplate({ chat_template: QWEN25, document_role: 'document' })).toThrow(
      'it does not take messages of the role "document"',
    )
  })
})
