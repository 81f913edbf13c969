import './styles.css'
import './trusted-types.ts'
import type { Locale } from '#locale'
import { createStore, get, promisifyRequest, set } from 'idb-keyval'
import { mount } from 'svelte'
import type { Writer } from '../electron/entries.ts'
import { EngineClient } from '../engine/client.ts'
import { inspectGpu } from '../engine/model/gpu.ts'
import App from './App.svelte'
import { Chat } from './state/chat.svelte.ts'
import { createClaims } from './state/claims.ts'
import { Drafts, hastyStore } from './state/drafts.ts'
import { ErrandRunner } from './state/errands.ts'
import { LocalServer } from './state/local-server.svelte.ts'
import { Model } from './state/model.svelte.ts'
import { ModelLibrary } from './state/model-library.svelte.ts'
import { urlOf } from './state/model-urls.ts'
import { POCKET } from './state/settings-values.ts'
import { sayRefusal } from './state/refusal-words.ts'
import { RemoteServer } from './state/remote-server.svelte.ts'
import { ProgramUpdates } from './state/program-updates.svelte.ts'
import { Settings } from './state/settings.svelte.ts'
import { connectShell } from './state/shell.ts'

async function fetchJson(url: URL): Promise<unknown> {
  const answer = await fetch(url)
  return answer.json()
}

const store = createStore('plateau', 'settings')
const settings = new Settings({
  load: () => get<unknown>('settings', store),
  save: (values) => set('settings', values, store),
})
const model = new Model(
  (onProgress, forceCpu, id) => EngineClient.load(urlOf(id), onProgress, forceCpu),
  () => inspectGpu(navigator.gpu),
)

// The colours are among the settings: they are read before the first paint.
const [shell] = await Promise.all([connectShell(), settings.load()])

const unsent = createStore('plateau-drafts', 'drafts')
const drafts = new Drafts(
  {
    load: (key) => get<unknown>(key, unsent),
    save: (key, text) =>
      unsent('readwrite', (drafts) => {
        if (text === '') drafts.delete(key)
        else drafts.put(text, key)
        const committed = promisifyRequest(drafts.transaction)
        // A window that goes takes what is not committed with it.
        drafts.transaction.commit()
        return committed
      }),
  },
  hastyStore(),
)
// What was typed last is written down before the window goes, or sleeps.
addEventListener('pagehide', drafts.flush)
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') drafts.flush()
})
const remote = shell ? new RemoteServer(shell) : null
const chat = new Chat({
  engine: () => model.ready(),
  bridge: shell,
  claims: createClaims(navigator.locks),
  options: () => settings.conversation(),
  lookUp: () => settings.values.lookUp,
  drafts,
  ...(remote ? { elsewhere: (writer: Writer) => remote.as(writer) } : {}),
  request: () => settings.request(),
})
const appInfo = () => shell?.appInfo() ?? Promise.resolve(null)
// Its menu stays in the system's language where it says no.
const onlanguage = (language: Locale) => void shell?.speak({ language }).catch(() => undefined)
const library = shell
  ? new ModelLibrary({
      bridge: shell,
      catalogue: () => fetchJson(new URL('../assets/models.json?no-inline', import.meta.url)),
      pocket: () => fetchJson(new URL('config.json', urlOf(POCKET))),
      wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    })
  : null
const server = shell ? new LocalServer(shell) : null
const updates = shell ? new ProgramUpdates(shell) : null
// The shell reads its list while the window is made.
void chat.conversations?.refresh()
void chat.recallDraft()
void chat.documents?.refresh()
mount(App, {
  target: document.body,
  props: { chat, model, settings, appInfo, onlanguage, library, server, remote, updates },
})

void model.start(settings.values.model).then(() => chat.prepare())
if (shell) {
  const errands = new ErrandRunner({
    bridge: shell,
    engine: () => model.ready(),
    modelName: () => model.info?.modelName ?? '',
    show: (id, note) => void showOpened(id, note),
    refuse: (sentence) => say(sayRefusal(sentence)),
  })
  void errands.run()
}

async function showOpened(id: string, note: string): Promise<void> {
  await chat.conversations?.refresh()
  await chat.open(id)
  say(sayRefusal(note))
}

function say(sentence: string): void {
  if (chat.conversations) chat.conversations.problem = sentence
}
