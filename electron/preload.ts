import { contextBridge, ipcRenderer } from 'electron'
import { type AppInfo, type Bridge, CHANNELS } from './bridge.ts'

const bridge: Bridge = {
  appInfo: () => ipcRenderer.invoke(CHANNELS.appInfo) as Promise<AppInfo>,
}

contextBridge.exposeInMainWorld('plateau', bridge)
