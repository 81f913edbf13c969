import { EXFILTRATION, IMITATIONS } from '../../support/exfiltration.ts'
import type { ScriptedAnswer } from '../../support/scripted-engine.ts'

const MARKDOWN = `## A small tour

A **bold claim**, an *aside*, some \`inline code\`, and a [link to the paper](https://arxiv.org/abs/2510.07019).

1. Tokens enter the window.
2. The oldest one leaves it:
   - its key and value fold into the slots,
   - nothing else changes.

> The memory stays as large as it was.

| length | NHA | full attention |
| :-- | --: | --: |
| 1,000 tokens | 413 KB | 3.1 MB |
| 20,000 tokens | 413 KB | 61 MB |

\`\`\`python
def remember(state, token):
    # one leaves, one enters: the size is constant
    state.fold(state.window.popleft())
    state.window.append(token)
    return state
\`\`\`

- [x] constant
- [ ] lossless
`

const FORMULAS = `The window holds $W$ tokens, and a slot is

$$\\tilde{K} = \\alpha \\tilde{K} + (1 - \\alpha) k$$

which costs 5 $ a token at most.`

const INJECTION = `<img src="https://evil.example/a.png" onerror="document.title='owned'"> and
<script>document.title='owned'</script> and ![pixel](https://evil.example/b.png) and
[click](javascript:document.title='owned') and <style>body{display:none}</style> **still here**`

export const DEFAULT_ANSWER: ScriptedAnswer = {
  text: 'I keep the last words exactly, and fold the older ones into a few slots. So my memory stays the same size however long we talk.',
}

export const ANSWERS: ReadonlyMap<string, ScriptedAnswer> = new Map([
  ['My name is Mira.', { text: 'Nice to meet you, Mira. What would you like to talk about?' }],
  ['What is the name of the lighthouse?', { text: 'It is Eldmoor.' }],
  ['circles', { text: 'Round and round and round and round.', ends: 'loop' }],
  ['markdown', { text: MARKDOWN }],
  ['injection', { text: INJECTION }],
  ['formulas', { text: FORMULAS }],
  [
    'long',
    { text: Array.from({ length: 60 }, (_, line) => `Line ${line + 1} of a long answer.`).join('\n\n') },
  ],
  [
    'lose the GPU',
    {
      text: 'I keep the last',
      failure: { code: 'device-lost', reason: 'unknown', message: 'the driver was reset' },
    },
  ],
  ...[...EXFILTRATION.map(([, text]) => text), ...IMITATIONS].map(
    (text, number): [string, ScriptedAnswer] => [`payload ${number + 1}`, { text, byCharacter: true }],
  ),
  ['fail', { text: 'The first half of an answer', failure: { code: 'bad-logits', position: 41 } }],
])
