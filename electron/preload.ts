import { contextBridge, ipcRenderer } from 'electron'
import { CHANNELS } from './bridge.ts'

/** One function for each channel: an argument goes out, an outcome comes back. */
const bridge = Object.fromEntries(
  Object.entries(CHANNELS).map(([method, channel]) => [
    method,
    (argument: unknown): Promise<unknown> => ipcRenderer.invoke(channel, argument),
  ]),
)

contextBridge.exposeInMainWorld('plateau', bridge)
