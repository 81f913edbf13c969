import { rowBytes, type Tensor } from '../formats/tensor.ts'

/** What a saved state belongs to; each a SHA-256. */
export interface ModelIdentity {
  readonly model: string
  readonly tokenizer: string
  /** how numbers are laid out and computed */
  readonly numerics: string
}

/** Raise it when the kernels, or the layout of a state, change what the bytes of a state mean. */
const NUMERICS_VERSION = 4
/** Bytes of each tensor that are looked at: a model of gigabytes is not read whole for its name. */
const SAMPLE_BYTES = 4096

/** The identity of a model folder: its config, and the name, shape and first bytes of every tensor. */
export async function identify(
  folder: {
    readonly config: unknown
    readonly tokenizer: unknown
    readonly tokenizerConfig: unknown
    readonly tensors: ReadonlyMap<string, Tensor>
  },
  backend: 'webgpu' | 'cpu',
): Promise<ModelIdentity> {
  const samples: Uint8Array[] = [encode(folder.config)]
  for (const [name, tensor] of [...folder.tensors].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { type, shape, byteLength, file, begin } = tensor
    samples.push(encode([name, type, shape, byteLength, rowBytes(tensor)]))
    samples.push(await file.read(begin, Math.min(byteLength, SAMPLE_BYTES)))
  }
  return {
    model: await sha256(samples),
    tokenizer: await sha256([encode(folder.tokenizer), encode(folder.tokenizerConfig)]),
    numerics: await sha256([encode([NUMERICS_VERSION, backend])]),
  }
}

export async function sha256(parts: readonly Uint8Array[]): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await new Blob(parts.map(owned)).arrayBuffer())
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A view that certainly is of memory of its own, as Blob wants it. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    : new Uint8Array(bytes)
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value))
}
