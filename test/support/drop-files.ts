import type { Page } from 'playwright-core'

export interface DroppedFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Hold files over the window, or over what stands before it, and let them go. */
export async function dropFiles(page: Page, files: readonly DroppedFile[], on = 'body'): Promise<void> {
  const given = files.map(({ name, bytes }) => ({ name, text: Buffer.from(bytes).toString('base64') }))
  await page.locator(on).evaluate((element, dropped) => {
    const dataTransfer = new DataTransfer()
    for (const { name, text } of dropped) {
      const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
      dataTransfer.items.add(new File([bytes], name))
    }
    for (const type of ['dragover', 'drop'])
      element.dispatchEvent(new DragEvent(type, { dataTransfer, cancelable: true, bubbles: true }))
  }, given)
}
