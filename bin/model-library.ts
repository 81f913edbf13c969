import { fork } from 'node:child_process'
import { join } from 'node:path'
import { dataFolder } from '../electron/data-folder.ts'
import { HUB } from '../electron/downloads/hub.ts'
import { nodePorts } from '../electron/downloads/ports.ts'
import { SessionToken } from '../electron/tokens/kept-token.ts'
import { jobsIn, type JobProcess } from '../electron/models/jobs.ts'
import { Models } from '../electron/models/models.ts'
import { ROOT } from './root.ts'

/** The user's models for the browser window, which has no keychain and no dialog of its own. */
export function openModels(): Promise<Models> {
  return Models.open(dataFolder(), {
    hub: HUB,
    ports: nodePorts,
    runJob: jobsIn(() => startJob(join(ROOT, 'dist/bin/model-process.js'))),
    token: new SessionToken(process.env['HF_TOKEN'] ?? ''),
    pick: () => Promise.resolve(''),
  })
}

/** A job in a Node process. */
export function startJob(script: string): JobProcess {
  const child = fork(script, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  return {
    post: (job) => void child.send(job),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.once('exit', listener).once('error', listener),
    kill: () => void child.kill(),
  }
}
