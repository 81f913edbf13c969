/** Runs once in vitest's own process, before any test process is made: they inherit this environment. */
export default function setup(): void {
  process.env['XDG_RUNTIME_DIR'] ??= '/tmp'
  process.env['VK_ICD_FILENAMES'] ??= '/usr/lib/chromium/vk_swiftshader_icd.json'
  process.env['LD_LIBRARY_PATH'] ??= '/usr/lib/chromium'
}
