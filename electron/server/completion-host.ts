/** What answers requests: an engine in this process, or the one in the window. */
export interface CompletionHost {
  /** the model that answers now */
  model(): Promise<string>
  /**
   * The chunks of an answer, or the whole of it as one object, as the request asks for; ended when `signal` says so.
   *
   * @param request checked where it is answered
   * @throws {CompletionRefusal}
   */
  complete(request: object, signal: AbortSignal): AsyncIterable<unknown>
}

/** Why a request is not answered: one sentence, and the status it goes out with. */
export class CompletionRefusal extends Error {
  override readonly name = 'CompletionRefusal'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}
