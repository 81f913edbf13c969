import '../../../renderer/styles.css'
import '../../../renderer/trusted-types.ts'
import './fixed-font.css'
import { mount } from 'svelte'
import catalogue from '../../../assets/models.json' with { type: 'json' }
import pocket from '../../../assets/pocket/config.json' with { type: 'json' }
import App from '../../../renderer/App.svelte'
import { Chat } from '../../../renderer/state/chat.svelte.ts'
import { createClaims } from '../../../renderer/state/claims.ts'
import { LocalServer } from '../../../renderer/state/local-server.svelte.ts'
import { ModelLibrary } from '../../../renderer/state/model-library.svelte.ts'
import { Model } from '../../../renderer/state/model.svelte.ts'
import { ProgramUpdates } from '../../../renderer/state/program-updates.svelte.ts'
import { RemoteServer } from '../../../renderer/state/remote-server.svelte.ts'
import { Settings } from '../../../renderer/state/settings.svelte.ts'
import { connectShell } from '../../../renderer/state/shell.ts'
import { SCRIPTED_GPU, ScriptedEngine, scriptedLoad } from '../../support/scripted-engine.ts'
import { ANSWERS, DEFAULT_ANSWER } from './answers.ts'
import { aboutNeedle } from './needles.ts'

/** The page's address says what happens: `?pace=MS&load=MS&cpu&kept&updates&fixed-font&clock&needles`. */
const query = new URLSearchParams(location.search)
const pace = Number(query.get('pace') ?? '5')
/** With `clock`, time is what the script says that its tokens took, and nobody waits for it: it is measured the same each time. */
let elapsed = 0
const isClock = query.has('clock')
if (isClock) performance.now = () => elapsed
const turn = new MessageChannel()
/** At once still leaves room for what the page has to do: a timer of 0 would wait 4 ms. */
const wait = (milliseconds: number) =>
  new Promise<void>((resolve) => {
    elapsed += milliseconds
    if (milliseconds > 0 && !isClock) return void setTimeout(resolve, milliseconds)
    turn.port1.onmessage = () => resolve()
    turn.port2.postMessage(null)
  })

const NO_GPU = {
  ...SCRIPTED_GPU,
  available: false,
  hint: 'no adapter was found; install or update the graphics driver.',
}
const CPU = {
  backend: 'cpu',
  notice: `Running on the processor, which is slow: ${NO_GPU.hint}`,
  gpu: NO_GPU,
} as const

const settings = new Settings({
  load: () => Promise.resolve(JSON.parse(sessionStorage.getItem('settings') ?? '{}')),
  save: (values) => {
    sessionStorage.setItem('settings', JSON.stringify(values))
    return Promise.resolve()
  },
})
const load = scriptedLoad(
  (forceCpu) => {
    return new ScriptedEngine({
      answer: (message, _turn, of) =>
        ANSWERS.get(message) ?? (query.has('needles') ? aboutNeedle(message, of) : null) ?? DEFAULT_ANSWER,
      pause: wait,
      tokenMilliseconds: pace,
      ...(forceCpu || query.has('cpu') ? { info: CPU } : {}),
    })
  },
  () => wait(Number(query.get('load') ?? '0')),
)
const model = new Model(load, () => Promise.resolve(query.has('cpu') ? NO_GPU : SCRIPTED_GPU))

await settings.load()
// With the browser shell behind it, conversations are kept as in the product.
const bridge = query.has('kept') ? await connectShell() : null
const chat = new Chat({
  engine: () => model.ready(),
  bridge,
  claims: createClaims(navigator.locks),
  options: () => settings.conversation(),
  lookUp: () => settings.values.lookUp,
  request: () => settings.request(),
})
const appInfo = () =>
  Promise.resolve({ version: '0.1.0', shell: 'electron', webgpu: 'disabled_software' } as const)
const library = bridge
  ? new ModelLibrary({
      bridge,
      catalogue: () => Promise.resolve(catalogue),
      pocket: () => Promise.resolve(pocket),
      wait,
    })
  : null
const server = bridge ? new LocalServer(bridge) : null
const remote = bridge ? new RemoteServer(bridge) : null
/** A package whose newer version is there. */
const report = () =>
  Promise.resolve({
    host: 'updates.example',
    on: true,
    stage: 'ready',
    version: '0.2.0',
    percent: 100,
    problem: '',
  } as const)
const updates = query.has('updates')
  ? new ProgramUpdates({ updates: report, setUpdates: report, fetchUpdate: report, installUpdate: report })
  : null
document.documentElement.classList.toggle('fixed-font', query.has('fixed-font'))
mount(App, {
  target: document.body,
  props: { chat, model, settings, appInfo, library, server, remote, updates },
})
void model.load()
void chat.prepare()
void chat.conversations?.refresh()
void chat.documents?.refresh()
