import { createHash } from 'node:crypto'
import { nodePorts } from '../../electron/downloads/ports.ts'
import type { ScriptedFileServer } from './scripted-file-server.ts'

export const REVISION = '0123456789abcdef0123456789abcdef01234567'

/** Put a repository on a scripted hub: its list at `main` and at its commit, and its files at the commit. */
export function publish(
  { files }: ScriptedFileServer,
  repo: string,
  content: ReadonlyMap<string, Uint8Array>,
  revision = REVISION,
): void {
  const siblings = [...content].map(([name, bytes]) => ({
    rfilename: name,
    size: bytes.length,
    ...(/\.(safetensors|gguf)$/.test(name)
      ? { lfs: { sha256: createHash('sha256').update(bytes).digest('hex') } }
      : {}),
  }))
  const list = { body: new TextEncoder().encode(JSON.stringify({ sha: revision, siblings })), etag: '"list"' }
  files.set(`/api/models/${repo}/revision/main?blobs=true`, list)
  files.set(`/api/models/${repo}/revision/${revision}?blobs=true`, list)
  for (const [name, body] of content)
    files.set(`/${repo}/resolve/${revision}/${name}`, { body, etag: `"${name} ${revision}"` })
}

/** This machine's disk and clock, and no host but this machine. */
export const LOCAL_PORTS = { ...nodePorts, isAllowed: ({ hostname }: URL) => hostname === '127.0.0.1' }
