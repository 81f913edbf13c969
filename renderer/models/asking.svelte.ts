import { tick } from 'svelte'

/** A question in a row before something that is not to happen by a slip; the focus goes to the harmless answer and back. */
export class Asking {
  open = $state(false)
  /** the answer that leaves all as it is */
  no: HTMLButtonElement | undefined = $state()
  /** what the question was opened with */
  opener: HTMLButtonElement | undefined = $state()

  async ask(): Promise<void> {
    this.open = true
    await tick()
    this.no?.focus()
  }

  async leave(): Promise<void> {
    this.open = false
    await tick()
    this.opener?.focus()
  }

  readonly onkeydown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return
    // The sheet stays open.
    event.preventDefault()
    event.stopPropagation()
    void this.leave()
  }
}
