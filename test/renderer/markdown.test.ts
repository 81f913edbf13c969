import { describe, expect, test } from 'vitest'
import { type Block, type Inline } from '../../renderer/chat/markdown/blocks.ts'
import { highlight } from '../../renderer/chat/markdown/highlight.ts'
import { MarkdownStream } from '../../renderer/chat/markdown/stream.ts'
import { closeOpenMarks, decodeEntities, safeLink } from '../../renderer/chat/markdown/text.ts'
import { seeded } from '../support/numerics.ts'

const SAMPLE = `# Lakes

A *quiet* text with **bold words**, \`code\`, a [link](https://example.org/a "t") and
a second line.

- one
- two
  - inner

    \`\`\`js
    nested()
    \`\`\`

1. first

2. second

> quoted **text**
> - list in a quote

| lake | depth |
| :--- | ---: |
| Bled | 30 m |
| Como | 425 m |

Setext
------

\`\`\`ts
const a = 1

const b = 2
\`\`\`

- [x] done
- [ ] open

***

See <https://example.org> &amp; [ref].

[ref]: https://example.org/ref
`

function whole(source: string): readonly Block[] {
  const stream = new MarkdownStream()
  stream.append(source)
  return stream.end()
}

/** Everything the reader would see, with the kind of node before it. */
function flat(blocks: readonly Block[]): string {
  return JSON.stringify(blocks)
}

function words(nodes: readonly Inline[]): string {
  return nodes
    .map((node) =>
      'children' in node ? words(node.children) : 'text' in node ? node.text : `<${node.type}>`,
    )
    .join('')
}

describe('markdown', () => {
  test('any cut into pieces ends in the blocks of the whole', () => {
    const expected = flat(whole(SAMPLE.replace('[ref].', 'that.')))
    const source = SAMPLE.replace('[ref].', 'that.')
    for (let seed = 1; seed <= 60; seed++) {
      const random = seeded(seed)
      const stream = new MarkdownStream()
      for (let at = 0; at < source.length;) {
        const length = 1 + Math.floor(random() * (seed % 9) * 3)
        stream.append(source.slice(at, at + length))
        at += length
      }
      expect(flat(stream.end()), `seed ${seed}`).toBe(expected)
    }
  })

  test('a finished block keeps its identity while later ones grow', () => {
    const stream = new MarkdownStream()
    const early = stream.append('One paragraph.\n\n```js\nlet a = 1\n```\n\nAnother').slice(0, 2)
    const late = stream.append(' paragraph, still growing, with **bold** words.\n\nAnd more')
    expect(early).toHaveLength(2)
    expect(late[0]).toBe(early[0])
    expect(late[1]).toBe(early[1])
  })

  test('an unfinished fence is a code block already', () => {
    const blocks = new MarkdownStream().append('Look:\n\n```python\nprint("a")\n\nif x')
    expect(blocks.at(-1)).toEqual({ type: 'code', language: 'python', text: 'print("a")\n\nif x' })
  })

  test('a link definition earlier in the text serves a later block', () => {
    const stream = new MarkdownStream()
    for (const piece of ['[ref]: https://example.org/ref\n\n', 'Words.\n\n', 'See [ref] here.'])
      stream.append(piece)
    expect(flat(stream.end())).toContain('"href":"https://example.org/ref"')
  })

  test.each([
    ['Here:\n-', 'Here:\n'],
    ['A **bold wo', 'A **bold wo**'],
    ['A **bold** word', 'A **bold** word'],
    ['A **bold*', 'A **bold**'],
    ['A **', 'A '],
    ['A `cod', 'A `cod`'],
    ['A [link](https://exa', 'A [link](https://exa)'],
    ['```\na ** `b', '```\na ** `b'],
  ])('while streaming, %j is read as %j', (source, expected) => {
    expect(closeOpenMarks(source)).toBe(expected)
  })

  test('HTML is text, images are not loaded, and only https can be opened', () => {
    const blocks = whole(
      '<img src=x onerror=alert(1)>\n\nA <b onclick="x()">word</b> ![pixel](https://evil.example/p.png?q=1) ' +
        '[a](javascript:alert(1)) [b](http://plain.example) [c](https://user:pass@host.example) [d](file:///etc/passwd)',
    )
    const found = new Set<string>()
    JSON.stringify(blocks, (key, value: unknown) => {
      if (key === 'type') found.add(String(value))
      return value
    })
    expect([...found].sort()).toEqual(['image', 'paragraph', 'text'])
    const [first, second] = blocks
    expect(first?.type === 'paragraph' && words(first.children)).toBe('<img src=x onerror=alert(1)>')
    expect(second?.type === 'paragraph' && words(second.children)).toBe(
      'A <b onclick="x()">word</b> <image> [a](javascript:alert(1)) [b](http://plain.example) ' +
        '[c](https://user:pass@host.example) [d](file:///etc/passwd)',
    )
  })

  test('nesting that would overflow the stack is shown as text', () => {
    const quotes = '>'.repeat(20_000)
    expect(() => whole(`${quotes} deep`)).not.toThrow()
    const lists = Array.from({ length: 100 }, (_, depth) => `${'  '.repeat(depth)}- a`).join('\n')
    expect(flat(whole(lists)).match(/"type":"list"/g)).toHaveLength(11)
  })

  test('an endless line is one plain paragraph, whole or in pieces: marked would need minutes', () => {
    const line = '_a*'.repeat(10_000)
    const plain = [{ type: 'paragraph', children: [{ type: 'text', text: line }] }]
    expect(whole(line)).toEqual(plain)
    const stream = new MarkdownStream()
    for (let i = 0; i < 100; i++) stream.append('_a*'.repeat(100))
    expect(stream.end()).toEqual(plain)
  })

  test('character references', () => {
    expect(decodeEntities('a &amp;&lt;b&gt; &#233; &#x1F30D; &bogus; &#xD800;')).toBe(
      'a &<b> \u00e9 \u{1f30d} &bogus; &#xD800;',
    )
  })

  test('safe links', () => {
    expect(safeLink('https://example.org/a?b#c')).toEqual({
      href: 'https://example.org/a?b#c',
      host: 'example.org',
    })
    for (const address of ['http://a.b', 'data:text/html,x', 'https://u@a.b', '//a.b', '/a', 'https://']) {
      expect(safeLink(address), address).toBeNull()
    }
  })
})

describe('formulas', () => {
  const math = (text: string, display = false) => ({ type: 'math', text, display })

  test.each([
    ['so $a^2$ it is', math('a^2')],
    ['so \\(a_1 * b_1\\) it is', math('a_1 * b_1')],
    ['so $$a$$ it is', math('a', true)],
    ['$$\na + b\n$$', math('a + b', true)],
    ['\\[\n\\frac{1}{2}\n\\]\n', math('\\frac{1}{2}', true)],
    ['cost \\$5, $x$', math('x')],
  ])('%j', (source, expected) => {
    expect(flat(whole(source))).toContain(JSON.stringify(expected))
  })

  test.each([
    'it costs $5 and then $6',
    'from $5 to 10$5',
    'half $x',
    '$$\n\nnot one\n\n$$',
    '`$x$`',
    '```\n$x$\n```',
    `$${'x'.repeat(2500)}$`,
  ])('no formula: %j', (source) => {
    expect(flat(whole(source))).not.toContain('"math"')
  })
})

test('code in pieces is the code, and a language nobody knows has none', async () => {
  const source = "def f(x):\n    # why\n    return 'a' + x * 2\n"
  const spans = (await highlight('python', source)) ?? []
  expect(spans.map(({ text }) => text).join('')).toBe(source)
  const kinds = new Map(spans.map(({ text, kind }) => [text, kind]))
  expect([kinds.get('def'), kinds.get('# why'), kinds.get("'a'"), kinds.get('2')]).toEqual([
    'keyword',
    'comment',
    'string',
    'number',
  ])
  expect(await highlight('klingon', source)).toBeNull()
  expect(await highlight('', source)).toBeNull()
  expect(await highlight('js', 'x'.repeat(40_000))).toBeNull()
})
