import '../../../renderer/styles.css'
import { mount } from 'svelte'
import type { EngineFailure } from '../../../engine/errors.ts'
import App from '../../../renderer/App.svelte'
import { Chat } from '../../../renderer/state/chat.svelte.ts'
import { Model } from '../../../renderer/state/model.svelte.ts'
import { Settings } from '../../../renderer/state/settings.svelte.ts'
import { SCRIPTED_GPU, ScriptedEngine, scriptedLoad } from '../../support/scripted-engine.ts'
import { ANSWERS, DEFAULT_ANSWER } from './answers.ts'

/** The page's address says what happens: `?pace=MS&load=MS&failure=CODE&cpu`. */
const query = new URLSearchParams(location.search)
const pace = Number(query.get('pace') ?? '5')
const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

const LOST: EngineFailure = { code: 'device-lost', reason: 'unknown', message: 'the driver was reset' }
const NO_GPU = {
  ...SCRIPTED_GPU,
  available: false,
  hint: 'this browser offers no WebGPU; use Chrome, Edge or the app.',
}
const CPU = {
  backend: 'cpu',
  notice: `Running on the processor, which is slow: ${NO_GPU.hint}`,
  gpu: NO_GPU,
} as const

let engine: ScriptedEngine | null = null
const settings = new Settings({
  load: () => Promise.resolve(JSON.parse(sessionStorage.getItem('settings') ?? '{}')),
  save: (values) => {
    sessionStorage.setItem('settings', JSON.stringify(values))
    return Promise.resolve()
  },
})
const load = scriptedLoad(
  (forceCpu) => {
    engine = new ScriptedEngine({
      answer: (message) => {
        if (message === 'lose the GPU') setTimeout(() => engine?.lose(LOST), pace * 8)
        return ANSWERS.get(message) ?? DEFAULT_ANSWER
      },
      pause: wait,
      tokenMilliseconds: pace,
      ...(forceCpu || query.has('cpu') ? { info: CPU } : {}),
    })
    return engine
  },
  () => wait(Number(query.get('load') ?? '0')),
)
const model = new Model(load, () => Promise.resolve(query.has('cpu') ? NO_GPU : SCRIPTED_GPU))

await settings.load()
const chat = new Chat({
  engine: () => model.ready(),
  options: () => settings.conversation(),
  request: () => settings.request(),
})
mount(App, { target: document.body, props: { chat, model, settings } })
void model.load()
void chat.prepare()
