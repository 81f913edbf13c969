export type DownloadProblem =
  'host' | 'login' | 'missing' | 'refused' | 'damaged' | 'network' | 'disk-full' | 'disk'

/** A download ended without its file. What had come is kept, except where it is damaged. The message is one sentence. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError'
  readonly problem: DownloadProblem

  constructor(problem: DownloadProblem, message: string, options?: ErrorOptions) {
    super(message, options)
    this.problem = problem
  }
}
