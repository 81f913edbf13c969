import type { Job, JobMessage } from '../electron/models/jobs.ts'
import { runModelJob } from './model-job.ts'

/** The process of one job: from a Node parent through its channel, from Electron through `parentPort`. */
interface ElectronPort {
  on(event: 'message', listener: (event: { readonly data: Job }) => void): void
  postMessage(message: JobMessage): void
}

const { parentPort } = process as { readonly parentPort?: ElectronPort }

const post = (message: JobMessage): void => {
  if (parentPort) parentPort.postMessage(message)
  else process.send?.(message)
}

async function run(job: Job): Promise<void> {
  post(
    await runModelJob(job, (done, total, fit) =>
      post({ type: 'progress', done, total, ...(fit ? { fit } : {}) }),
    ),
  )
}

if (parentPort) parentPort.on('message', ({ data }) => void run(data))
else {
  process.on('message', (job: Job) => void run(job))
  // A parent that is gone wants nothing any more.
  process.on('disconnect', () => process.exit(1))
}
