import { join } from 'node:path'
import packageJson from '../package.json' with { type: 'json' }
import { createBridge } from '../electron/bridge-calls.ts'
import { startBrowserShell } from '../electron/browser-shell.ts'
import {
  browserArguments,
  commandLineSwitch,
  findBrowser,
  machineSwitches,
  profileFolder,
} from './browser.ts'
import { type Ended, runChild } from './child.ts'
import { electronBinary } from './electron-binary.ts'
import { openConversations, openDocuments } from './conversation-store.ts'
import { dataFolder } from '../electron/data-folder.ts'
import { nodeDisk } from '../electron/disk.ts'
import { HUB } from '../electron/downloads/hub.ts'
import { nodePorts } from '../electron/downloads/ports.ts'
import { modelsFolder } from '../electron/models/models.ts'
import { openServer } from '../electron/server/open-server.ts'
import { packagedUpdater } from '../electron/updates/packaged-updater.ts'
import { Updates } from '../electron/updates/updates.ts'
import { WebllmFiles } from '../electron/webllm/webllm-files.ts'
import { openModels } from './model-library.ts'
import { openRemote } from './remote.ts'
import { claimProfile } from './profile-claim.ts'
import { POCKET, ROOT } from './root.ts'

/** A shell ran and ended with this exit code, or could not be had, for this reason. */
export type Outcome = { readonly code: number } | { readonly reason: string }
export type Shell = (reasons: readonly string[], note: (line: string) => void) => Promise<Outcome>

/** Fixed, because browser storage belongs to an origin and a port is part of one. Nothing is registered for it. */
const PORT = 47_823
/** A window that is gone this soon, with a failure, never opened. */
const TOO_SOON_MILLISECONDS = 5000

export const electronWindow: Shell = async (_reasons, note) => {
  const binary = await electronBinary(ROOT, note)
  if (binary.path === null) return { reason: binary.reason }
  note('Plateau opens in its own window: Electron is here.')
  const args = [ROOT, ...machineSwitches().map(commandLineSwitch)]
  const ended = await runChild(binary.path, args, {
    env: process.env,
    stdio: ['ignore', 'ignore', 'inherit'],
    ownsTerminal: false,
  })
  if (neverOpened(ended)) return { reason: `Electron did not start (exit code ${ended.code})` }
  return { code: exitCode(ended) }
}

export const browserWindow: Shell = async (reasons, note) => {
  const browser = findBrowser()
  if (browser === null) return { reason: 'no browser of the Chromium family is installed' }
  const profile = profileFolder()
  const claim = await claimProfile(profile)
  const conversations = await openConversations()
  const models = await openModels()
  const server = await openServer(dataFolder(), nodeDisk)
  const remote = await openRemote()
  const shell = await startBrowserShell(
    {
      renderer: join(ROOT, 'dist/renderer'),
      pocket: POCKET,
      models: modelsFolder(dataFolder()),
      webllm: new WebllmFiles(modelsFolder(dataFolder()), HUB, nodePorts),
    },
    createBridge(
      { version: packageJson.version, shell: 'browser', webgpu: '' },
      conversations,
      models,
      openDocuments(),
      server.bridge,
      remote,
      await Updates.open({ folder: dataFolder(), disk: nodeDisk, ...(await packagedUpdater(null)) }),
    ),
    PORT,
  )
  try {
    note(`Plateau opens in ${browser} at ${shell.origin}: ${reasons.join(', and ')}.`)
    const ended = await runChild(browser, browserArguments(shell.entryUrl, profile), {
      env: process.env,
      stdio: 'ignore',
      ownsTerminal: false,
    })
    if (!shell.entered && !ended.interrupted)
      return { reason: `${browser} did not open the window (exit code ${ended.code})` }
    return { code: exitCode(ended) }
  } finally {
    shell.close()
    await server.close()
    remote.close()
    await models.close()
    await conversations.close()
    await claim.release()
  }
}

export const terminal: Shell = async (reasons, note) => {
  note(`Plateau opens here in the terminal: ${reasons.join(', and ')}.`)
  const args = [join(ROOT, 'dist/bin/plateau.js'), 'chat']
  return runChild(process.execPath, args, { env: process.env, stdio: 'inherit', ownsTerminal: true })
}

function neverOpened({ code, milliseconds, interrupted }: Ended): boolean {
  return code !== 0 && !interrupted && milliseconds < TOO_SOON_MILLISECONDS
}

function exitCode({ code, interrupted }: Ended): number {
  return interrupted ? 130 : code
}
