import { expect, test } from 'vitest'
import { KilledChat } from '../support/killed-chat.ts'
import { seeded } from '../support/numerics.ts'

const KILLS = 2

test('kill -9 of the terminal in an answer: no acknowledged message is lost, no words older than a second, and it goes on', async () => {
  const chat = await KilledChat.begin()
  for (let kill = 0; kill < KILLS; kill++)
    expect(await chat.kill(kill, seeded(kill + 1)), `kill ${kill}`).toBeNull()
}, 120_000)
