/** The languages of the window, which the system's own menu and questions are in as well. */
const LANGUAGES = ['en', 'de'] as const

export type Language = (typeof LANGUAGES)[number]

interface SystemWords {
  readonly file: string
  readonly edit: string
  readonly view: string
  readonly window: string
  /** of each item of the menu, by Electron's name for what it does */
  readonly roles: Readonly<Record<MenuRole, string>>
  readonly openAddress: string
  readonly open: string
  readonly cancel: string
  /** above the reason why there is no window */
  readonly notOpened: string
  readonly modelFile: string
  readonly modelFolder: string
  readonly sendTo: (host: string) => string
  readonly sendToDetail: string
  readonly use: (host: string) => string
}

export type MenuRole =
  | 'about'
  | 'services'
  | 'hide'
  | 'hideOthers'
  | 'unhide'
  | 'quit'
  | 'undo'
  | 'redo'
  | 'cut'
  | 'copy'
  | 'paste'
  | 'delete'
  | 'selectAll'
  | 'resetZoom'
  | 'zoomIn'
  | 'zoomOut'
  | 'togglefullscreen'
  | 'minimize'
  | 'zoom'
  | 'front'

const WORDS: Readonly<Record<Language, SystemWords>> = {
  en: {
    file: 'File',
    edit: 'Edit',
    view: 'View',
    window: 'Window',
    roles: {
      about: 'About Plateau',
      services: 'Services',
      hide: 'Hide Plateau',
      hideOthers: 'Hide others',
      unhide: 'Show all',
      quit: 'Quit',
      undo: 'Undo',
      redo: 'Redo',
      cut: 'Cut',
      copy: 'Copy',
      paste: 'Paste',
      delete: 'Delete',
      selectAll: 'Select all',
      resetZoom: 'Actual size',
      zoomIn: 'Zoom in',
      zoomOut: 'Zoom out',
      togglefullscreen: 'Full screen',
      minimize: 'Minimize',
      zoom: 'Zoom',
      front: 'Bring all to front',
    },
    openAddress: 'Open this address in your browser?',
    open: 'Open',
    cancel: 'Cancel',
    notOpened: 'Plateau cannot be opened',
    modelFile: 'A GGUF file',
    modelFolder: 'A model folder',
    sendTo: (host) => `Send chats to ${host}?`,
    sendToDetail: 'What is said to it leaves this computer. It is asked only where you choose it.',
    use: (host) => `Use ${host}`,
  },
  de: {
    file: 'Datei',
    edit: 'Bearbeiten',
    view: 'Ansicht',
    window: 'Fenster',
    roles: {
      about: 'Über Plateau',
      services: 'Dienste',
      hide: 'Plateau ausblenden',
      hideOthers: 'Andere ausblenden',
      unhide: 'Alle einblenden',
      quit: 'Beenden',
      undo: 'Rückgängig',
      redo: 'Wiederholen',
      cut: 'Ausschneiden',
      copy: 'Kopieren',
      paste: 'Einfügen',
      delete: 'Löschen',
      selectAll: 'Alles auswählen',
      resetZoom: 'Originalgröße',
      zoomIn: 'Vergrößern',
      zoomOut: 'Verkleinern',
      togglefullscreen: 'Vollbild',
      minimize: 'Minimieren',
      zoom: 'Zoomen',
      front: 'Alle nach vorne bringen',
    },
    openAddress: 'Diese Adresse im Browser öffnen?',
    open: 'Öffnen',
    cancel: 'Abbrechen',
    notOpened: 'Plateau lässt sich nicht öffnen',
    modelFile: 'Eine GGUF-Datei',
    modelFolder: 'Ein Modellordner',
    sendTo: (host) => `Chats an ${host} senden?`,
    sendToDetail: 'Was ihm gesagt wird, verlässt diesen Computer. Er wird nur gefragt, wo Sie ihn wählen.',
    use: (host) => `${host} verwenden`,
  },
}

let current: Language = 'en'

/** The words as they are now: the window may have changed its language. */
export function systemWords(): SystemWords {
  return WORDS[current]
}

/** @param tags the first of them that there is, `de-AT` being `de`; English where there is none of them */
export function speakSystem(tags: readonly string[]): void {
  const languages = tags.map((tag) => tag.split('-', 1)[0])
  current = languages.filter(isLanguage)[0] ?? 'en'
}

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some((language) => language === value)
}
