/** The local server as the settings show it. */
export interface ServerReport {
  readonly on: boolean
  /** the base address that OpenAI's clients take; empty while it is off */
  readonly url: string
  readonly port: number
  readonly token: string
  /** the file that the token is kept in */
  readonly tokenFile: string
  /** why it could not begin, one sentence; or empty */
  readonly problem: string
}

/** What the shell wants of the window. */
export type Errand =
  | { readonly type: 'answer'; readonly id: number; readonly request: object }
  /** nobody waits for the answer any more */
  | { readonly type: 'stop'; readonly id: number }
  /** a chat file was opened outside: this conversation was made of it */
  | { readonly type: 'show'; readonly conversation: string; readonly note: string }
  | { readonly type: 'refuse'; readonly sentence: string }

/** The part of the bridge that is about the local server and what else comes from outside. */
export interface ServerBridge {
  server(): Promise<ServerReport>
  setServer(argument: { readonly on: boolean; readonly port: number }): Promise<ServerReport>
  renewServerToken(): Promise<ServerReport>
  /**
   * The next thing to do; `null` after a while without one, and then it is asked again.
   *
   * @param argument who asks, a number of the window's own, and the model that answers there; empty without one
   */
  nextErrand(argument: { readonly window: number; readonly model: string }): Promise<Errand | null>
  /** Pieces of an answer, as JSON, in order; the last time with how it ended. False when nobody waits for more. */
  answerErrand(argument: {
    readonly id: number
    readonly pieces: readonly string[]
    readonly end: ErrandEnd | null
  }): Promise<boolean>
}

/** `status` is 200, or says as in HTTP why there is no (further) answer. */
export interface ErrandEnd {
  readonly status: number
  /** one sentence; empty with 200 */
  readonly message: string
}

export const SERVER_CHANNELS = {
  server: 'server:report',
  setServer: 'server:set',
  renewServerToken: 'server:renew',
  nextErrand: 'errands:next',
  answerErrand: 'errands:answer',
} as const satisfies Record<keyof ServerBridge, string>
