import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { POCKET, ROOT } from '../../bin/root.ts'
import { serve } from '../../electron/serve.ts'
import { fetchedFiles } from '../../engine/fetched-files.ts'
import { readModelFiles } from '../../engine/model-files.ts'
import { temporaryFolder } from '../support/test-bridge.ts'
import { tinyGguf } from '../support/tiny-gguf.ts'
import { modelFilesOf, TINY, tinyModel } from '../support/tiny-model.ts'
import { CHATML } from '../support/tiny-tokenizer.ts'

const URL_OF_POCKET = 'http://127.0.0.1/model/pocket'
const folders = { renderer: join(ROOT, 'renderer'), pocket: POCKET }

/** The window's own server, without a socket. */
const served = (input: string, init?: RequestInit) => serve(new Request(input, init), folders)

afterEach(() => vi.unstubAllGlobals())

describe('a model behind our own server', () => {
  test('is opened without its bytes, and read where it is asked for', async () => {
    const answers: number[] = []
    vi.stubGlobal('fetch', async (input: string, init?: RequestInit) => {
      const answer = await served(input, init)
      answers.push(init?.method === 'HEAD' ? 0 : Number(answer.headers.get('content-length')))
      return answer
    })
    const file = await fetchedFiles(URL_OF_POCKET).open('model.safetensors')
    const whole = await readFile(join(POCKET, 'model.safetensors'))
    expect(file.size).toBe(whole.length)
    for (const [offset, length] of [
      [0, 8],
      [1001, 4096],
      [whole.length - 3, 3],
    ] as const) {
      const bytes = await file.read(offset, length)
      expect(Buffer.compare(bytes, whole.subarray(offset, offset + length))).toBe(0)
    }
    expect(await file.read(5, 0)).toEqual(new Uint8Array(0))
    expect(answers).toEqual([0, 8, 4096, 3])
  })

  test('says what is missing', async () => {
    vi.stubGlobal('fetch', served)
    const files = fetchedFiles(`${URL_OF_POCKET}/`)
    await expect(files.open('none.safetensors')).rejects.toThrow(
      'none.safetensors could not be read: the answer was 404',
    )
    const file = await files.open('config.json')
    await expect(file.read(file.size - 2, 4)).rejects.toThrow('2 of 4 bytes arrived')
  })

  test('takes no whole file for a part', async () => {
    vi.stubGlobal('fetch', (input: string, init?: RequestInit) =>
      served(input, init?.method === 'HEAD' ? init : {}),
    )
    const file = await fetchedFiles(URL_OF_POCKET).open('config.json')
    await expect(file.read(0, 10)).rejects.toThrow('of 10 bytes arrived')
    await expect(file.read(0, file.size)).rejects.toThrow('bytes arrived')
  })

  test('a chat template in a file of its own goes before the one in tokenizer_config.json', async () => {
    const files = tinyModel(TINY)
    const before = await readModelFiles(modelFilesOf(files), () => undefined)
    expect(before.tokenizerConfig).toMatchObject({ chat_template: CHATML })
    files.set('chat_template.jinja', new TextEncoder().encode('{{ messages }}'))
    const after = await readModelFiles(modelFilesOf(files), () => undefined)
    expect(after.tokenizerConfig).toMatchObject({ chat_template: '{{ messages }}', eos_token: '<|im_end|>' })
  })

  test('a GGUF file is the whole model, by itself or in a folder, whatever its name', async () => {
    const models = temporaryFolder()
    const gguf = await tinyGguf({ ...TINY, family: 'qwen3', types: 'Q8_0' })
    await mkdir(join(models, 'a folder'))
    await writeFile(join(models, 'a folder/Tiny 50%.gguf'), gguf)
    await writeFile(join(models, 'alone.GGUF'), gguf)
    vi.stubGlobal('fetch', (input: string, init?: RequestInit) =>
      serve(new Request(input, init), { ...folders, models }),
    )
    for (const [path, name] of [
      ['a%20folder/Tiny%2050%25.gguf', 'Tiny 50%'],
      ['alone.GGUF', 'alone'],
    ] as const) {
      const files = fetchedFiles(`http://127.0.0.1/models/${path}`)
      expect(files.name).toBe(name)
      const folder = await readModelFiles(files, () => undefined)
      expect(folder.config).toMatchObject({ model_type: 'qwen3', hidden_size: TINY.hiddenSize })
      expect(folder.tensors.size).toBeGreaterThan(10)
      await folder.close()
    }
  })
})
