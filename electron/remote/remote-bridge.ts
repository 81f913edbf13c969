/** The server elsewhere as the settings show it. */
export interface RemoteReport {
  /** the base address; empty while none is named, and then nothing is sent anywhere */
  readonly url: string
  /** whose machine it is, as in `gpu.example:8000`; empty with `url` */
  readonly host: string
  readonly model: string
  readonly key: { readonly given: boolean; readonly kept: 'keychain' | 'session' }
}

/** One message as OpenAI's protocol has it. */
export interface RemoteMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export interface RemoteQuestion {
  /** the whole conversation: the server remembers nothing */
  readonly messages: readonly RemoteMessage[]
  /** 0 is greedy; `null` leaves it to the server */
  readonly temperature: number | null
  readonly maxNewTokens: number
}

/** Whom a question is for: it goes nowhere if another is named by then. */
export interface RemoteAddressee {
  readonly host: string
  readonly model: string
}

/** What comes back: any number of `delta`, then one `end`. */
export type RemoteEvent =
  | { readonly type: 'delta'; readonly text: string }
  | {
      readonly type: 'end'
      readonly finishReason: 'stop' | 'length'
      /** of the whole conversation; `null` where the server does not tell */
      readonly promptTokens: number | null
      /** as the server counts them, or the pieces that came */
      readonly newTokens: number
      /** from the first piece to the end */
      readonly milliseconds: number
    }

/** The part of the bridge that is about the one server elsewhere that the user may name. */
export interface RemoteBridge {
  remote(): Promise<RemoteReport>
  /** An empty address forgets it, and its key. A key does not go along to another server. */
  setRemote(argument: { readonly url: string; readonly model: string }): Promise<RemoteReport>
  /** Empty forgets it. */
  setRemoteKey(argument: { readonly key: string }): Promise<RemoteReport>
  /** Begin to ask; what comes is heard with `hearRemote`. */
  askRemote(argument: RemoteQuestion & { readonly to: RemoteAddressee }): Promise<{ readonly id: number }>
  /** What has come since; waits for some of it, and may be empty after a while. Refused with why there is no more. */
  hearRemote(argument: { readonly id: number }): Promise<readonly RemoteEvent[]>
  /** Nobody wants the rest. */
  leaveRemote(argument: { readonly id: number }): Promise<void>
}

export const REMOTE_CHANNELS = {
  remote: 'remote:report',
  setRemote: 'remote:set',
  setRemoteKey: 'remote:key',
  askRemote: 'remote:ask',
  hearRemote: 'remote:hear',
  leaveRemote: 'remote:leave',
} as const satisfies Record<keyof RemoteBridge, string>
