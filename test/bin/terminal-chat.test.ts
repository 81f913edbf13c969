import { existsSync, mkdirSync, rmSync, stat } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommandLine } from '../../bin/command-line.ts'
import { ScriptedWorld } from '../support/scripted-world.ts'
import { temporaryFolder } from '../support/test-bridge.ts'

const CTRL_C = '\x03'
const CTRL_D = '\x04'
const ENTER = '\r'

const echo = () =>
  new ScriptedWorld({ answer: (message, turn) => ({ text: `Turn ${turn}: ${message}` }) }).atTerminal()

/** Wait for the editor's prompt, then type. */
async function type(world: ScriptedWorld, keys: string): Promise<void> {
  await world.stdout.until(/> (\x1b\[\d+G)?$/)
  world.stdin.write(keys)
}

test('greets, answers in one conversation, and leaves on Ctrl-D', async () => {
  const world = echo()
  const code = runCommandLine(['chat'], world)
  await type(world, `Hello${ENTER}`)
  await world.stdout.until('Turn 1: Hello\n')
  await type(world, `Again${ENTER}`)
  await world.stdout.until('Turn 2: Again\n')
  await type(world, CTRL_D)
  expect(await code).toBe(0)
  expect(world.stderr.text).toContain('takes 412.7 kB of memory, however long it gets')
  expect(world.openedWith).toHaveLength(1)
  expect(world.engine.disposed).toBe(true)
})

test('/stats shows memory and speed, /reset empties the memory, an unknown command is told', async () => {
  const world = echo()
  const code = runCommandLine(['chat'], world)
  await type(world, `Hello${ENTER}`)
  await type(world, `/stats${ENTER}`)
  await world.stdout.until('position 11 · memory 412.7 kB · weights 11.2 MB · SwiftShader Device (Subzero)\n')
  await world.stdout.until('answer 3 tokens at 50 tok/s')
  await type(world, `/reset${ENTER}`)
  await world.stdout.until('The memory is empty.\n')
  expect(world.engine.opened.map(({ closed }) => closed)).toEqual([true, false])
  await type(world, `/stats${ENTER}`)
  await world.stdout.until('position 0 ')
  await type(world, `/statt${ENTER}`)
  await world.stdout.until('There is no command /statt; /help lists them.\n')
  await type(world, `/help${ENTER}`)
  await world.stdout.until('/reset       begin again')
  await type(world, `/quit${ENTER}`)
  expect(await code).toBe(0)
})

test('an unknown command with words after it is one faint sentence, and nothing is sent', async () => {
  const world = echo()
  Object.assign(world.stdout, { hasColors: () => true })
  const code = runCommandLine(['chat'], world)
  for (const name of ['/foo', '/größe', '/foo-bar']) {
    await type(world, `${name} bar${ENTER}`)
    await world.stdout.until(`\x1b[2mThere is no command ${name}; /help lists them.\n\x1b[22m`)
  }
  await type(world, `/reset it all${ENTER}`)
  await world.stdout.until('/reset stands alone, with nothing after it.\n')
  await type(world, CTRL_D)
  expect(await code).toBe(0)
  expect(world.engine.opened.map(({ requests }) => requests)).toEqual([[]])
})

test('a path is a message, not a command, and so are a number and a lone slash', async () => {
  const world = echo()
  const code = runCommandLine(['chat'], world)
  const messages = ['/etc/hosts is what?', '/etc/hosts', '/24 is how many?', '/ is what?', '/tmp/']
  for (const [i, message] of messages.entries()) {
    await type(world, `${message}${ENTER}`)
    await world.stdout.until(`Turn ${i + 1}: ${message}\n`)
  }
  await type(world, CTRL_D)
  expect(await code).toBe(0)
})

test('Ctrl-C stops the answer, and the chat goes on', async () => {
  const world = new ScriptedWorld({
    answer: (_message, turn) => ({ text: turn === 1 ? 'word '.repeat(100_000) : 'Still here.' }),
  }).atTerminal()
  const code = runCommandLine(['chat', '--max-tokens', '100000'], world)
  await type(world, `Talk${ENTER}`)
  await world.stdout.until('word word')
  world.stdin.write(CTRL_C)
  await world.stdout.until(' [stopped]\n')
  await type(world, `And now?${ENTER}`)
  await world.stdout.until('Still here.')
  await type(world, CTRL_D)
  expect(await code).toBe(0)
})

test('what is typed during an answer is the next message, but for what Ctrl-C comes after', async () => {
  const world = new ScriptedWorld({
    answer: (message, turn) => ({ text: turn < 3 ? 'word '.repeat(20_000) : `Turn ${turn}: ${message}` }),
  }).atTerminal()
  const code = runCommandLine(['chat', '--max-tokens', '100000'], world)
  await type(world, `Talk${ENTER}`)
  await world.stdout.until('word word')
  world.stdin.write('What ')
  world.stdin.write(`else?${ENTER}`)
  await world.stdout.until('What else?')
  await world.stdout.until('word word', world.stdout.text.lastIndexOf('What else?'))
  world.stdin.write(`Never${ENTER}`)
  world.stdin.write(CTRL_C)
  await world.stdout.until(' [stopped]')
  await type(world, `Last${ENTER}`)
  await world.stdout.until('Turn 3: Last')
  await type(world, `/exit${ENTER}`)
  expect(await code).toBe(0)
  const messages = world.engine.opened[0]?.requests.map(({ message }) => message)
  expect(messages).toEqual(['Talk', 'What else?', 'Last'])
})

/** Longer than between the chunks of a paste. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 100))

/** Until the test says so, an answer goes on. */
function answering(): { world: ScriptedWorld; end: () => void } {
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  const world: ScriptedWorld = new ScriptedWorld({
    answer: (message) => ({ text: `So: ${message}` }),
    pause: () => (world.stdout.text.includes('So:') ? ended : Promise.resolve()),
  }).atTerminal()
  return { world, end }
}

test('messages typed one after the other during an answer are messages of their own', async () => {
  const { world, end } = answering()
  const code = runCommandLine(['chat'], world)
  await type(world, `Talk at length${ENTER}`)
  await world.stdout.until('So:')
  for (const keys of ['thx', '\x7f', `anks${ENTER}`, `bye${ENTER}`, '/qu', `it${ENTER}`, 'not sent']) {
    world.stdin.write(keys)
    await pause()
  }
  end()
  expect(await code).toBe(0)
  const messages = world.engine.opened[0]?.requests.map(({ message }) => message)
  expect(messages).toEqual(['Talk at length', 'thanks', 'bye'])
})

test('lines pasted during an answer are one message, and their unfinished end waits for its Enter', async () => {
  const { world, end } = answering()
  const code = runCommandLine(['chat'], world)
  await type(world, `Talk at length${ENTER}`)
  await world.stdout.until('So:')
  world.stdin.write('one\rtwo\r')
  world.stdin.write('three')
  await pause()
  world.stdin.write(ENTER)
  await pause()
  world.stdin.write('four\rfive\r')
  await pause()
  end()
  await world.stdout.until('So: four\nfive\n')
  await type(world, CTRL_D)
  expect(await code).toBe(0)
  const messages = world.engine.opened[0]?.requests.map(({ message }) => message)
  expect(messages).toEqual(['Talk at length', 'one\ntwo\nthree', 'four\nfive'])
})

test('a paste that comes while the model holds up the loop, and when the answer ends, is one message', async () => {
  const { world, end } = answering()
  const code = runCommandLine(['chat'], world)
  await type(world, `Talk at length${ENTER}`)
  await world.stdout.until('So:')
  world.stdin.write('one\r')
  // As the keys of a terminal, it comes after the timers that are due.
  const read = new Promise<void>((resolve) => {
    stat('.', () => {
      world.stdin.write('two\r')
      resolve()
    })
  })
  const until = performance.now() + 50
  while (performance.now() < until);
  await read
  end()
  await world.stdout.until('two')
  world.stdin.write('three\r')
  await world.stdout.until('So: one\ntwo\nthree\n')
  await type(world, CTRL_D)
  expect(await code).toBe(0)
})

test('what is typed the moment a message that was typed ahead is taken is no part of it', async () => {
  const { world, end } = answering()
  const code = runCommandLine(['chat'], world)
  await type(world, `Talk at length${ENTER}`)
  await world.stdout.until('So:')
  world.stdin.write(`thanks${ENTER}`)
  await pause()
  end()
  await world.stdout.until('thanks')
  world.stdin.write(`bye${ENTER}`)
  await world.stdout.until('So: thanks\n')
  await world.stdout.until('So: bye\n')
  await type(world, CTRL_D)
  expect(await code).toBe(0)
})

test('Ctrl-C takes back all that was typed ahead', async () => {
  const { world, end } = answering()
  const code = runCommandLine(['chat'], world)
  await type(world, `Talk at length${ENTER}`)
  await world.stdout.until('So:')
  for (const keys of [`one${ENTER}`, `two${ENTER}`, CTRL_C, `/quit${ENTER}`]) {
    world.stdin.write(keys)
    await pause()
  }
  end()
  expect(await code).toBe(0)
  expect(world.engine.opened[0]?.requests).toHaveLength(1)
})

test('Ctrl-C twice leaves: during an answer, and at the prompt', async () => {
  const talking = new ScriptedWorld({ answer: () => ({ text: 'word '.repeat(100_000) }) }).atTerminal()
  const talkingCode = runCommandLine(['chat', '--max-tokens', '100000'], talking)
  await type(talking, `Talk${ENTER}`)
  await talking.stdout.until('word')
  talking.stdin.write(CTRL_C)
  talking.stdin.write(CTRL_C)
  expect(await talkingCode).toBe(0)

  const waiting = echo()
  const waitingCode = runCommandLine(['chat'], waiting)
  await type(waiting, `half a message${CTRL_C}`)
  await type(waiting, CTRL_C)
  await waiting.stdout.until('Press Ctrl-C again to leave.')
  await type(waiting, CTRL_C)
  expect(await waitingCode).toBe(0)
  expect(waiting.engine.opened[0]?.requests).toEqual([])
})

test('several pasted lines are one message', async () => {
  const world = echo()
  const code = runCommandLine(['chat'], world)
  await type(world, 'first line\rsecond line\rthird')
  await world.stdout.until('third')
  await new Promise((resolve) => setTimeout(resolve, 50))
  world.stdin.write(ENTER)
  await world.stdout.until('Turn 1')
  await type(world, CTRL_D)
  expect(await code).toBe(0)
  expect(world.engine.opened[0]?.requests.map(({ message }) => message)).toEqual([
    'first line\nsecond line\nthird',
  ])
})

test('a refused message is one sentence and the chat goes on; a lost GPU ends it', async () => {
  const world = new ScriptedWorld({
    answer: () => ({
      text: '',
      failure: { code: 'out-of-memory', wantedBytes: 9000, owner: 'conversation memory' },
    }),
  }).atTerminal()
  const code = runCommandLine(['chat'], world)
  await type(world, `x${ENTER}`)
  await world.stdout.until('The GPU has no room for 9000 bytes of conversation memory')
  await world.stdout.until(/> (\x1b\[\d+G)?$/)
  world.engine.lose({ code: 'device-lost', reason: 'unknown', message: 'unplugged' })
  expect(await code).toBe(1)
  expect(world.stderr.text).toContain('The GPU stopped (unknown): unplugged; load the model again to go on.')
})

test('a chat that cannot be saved when the user leaves is not lost: the loop goes on once', async () => {
  for (const leave of [`/quit${ENTER}`, CTRL_D, CTRL_C + CTRL_C]) {
    for (const mended of [true, false]) {
      const folder = join(temporaryFolder(), 'chats')
      const file = join(folder, 'a.chat')
      mkdirSync(folder)
      const world = new ScriptedWorld({
        answer: (message) => ({ text: message === 'Talk' ? 'word '.repeat(100_000) : 'Yes.' }),
      }).atTerminal()
      const code = runCommandLine(['chat', '--temporary', '--max-tokens', '100000', '--save', file], world)
      await type(world, `Hello${ENTER}`)
      await world.stdout.until('Yes.')
      rmSync(folder, { recursive: true })
      if (leave.startsWith(CTRL_C)) {
        await type(world, `Talk${ENTER}`)
        await world.stdout.until('word word')
        world.stdin.write(CTRL_C)
        world.stdin.write(CTRL_C)
      } else await type(world, leave)
      const sentence = `The chat could not be saved to ${file}: there is no such folder.`
      await world.stderr.until(
        `${sentence} Leave again to try once more; if that fails, the chat ends without it.\n`,
      )
      if (mended) mkdirSync(folder)
      await type(world, `/quit${ENTER}`)
      expect(await code).toBe(mended ? 0 : 1)
      expect(existsSync(file)).toBe(mended)
      if (!mended) expect(world.stderr.text.endsWith(`\n${sentence}\n`)).toBe(true)
    }
  }
})
