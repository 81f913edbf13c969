import { describe, expect, test } from 'vitest'
import { fileInMemory } from '../../../engine/formats/random-access.ts'
import { readSafetensors } from '../../../engine/formats/safetensors.ts'
import { Checkpoint } from '../../../engine/model/checkpoint.ts'
import { parseConfig } from '../../../engine/model/config.ts'
import { endTensors, layerTensors } from '../../../engine/model/tensor-names.ts'
import { createChatTemplate } from '../../../engine/text/chat-template.ts'
import { createTokenizer } from '../../../engine/text/tokenizer.ts'
import { numberFromHalf } from '../../../kernels/half.ts'
import { TINY, tinyModel, type TinyModel } from '../../support/tiny-model.ts'

async function read(model: TinyModel) {
  const files = tinyModel(model)
  const json = (name: string): unknown => JSON.parse(new TextDecoder().decode(files.get(name)))
  const tensors = await readSafetensors(fileInMemory('model.safetensors', files.get('model.safetensors')!))
  const data = async (name: string) => {
    const { file, begin, byteLength } = tensors.get(name)!
    return (await file.read(begin, byteLength)).slice().buffer
  }
  return { json, tensors, data }
}

describe('tinyModel writes a folder that the engine reads', () => {
  test.each(['llama', 'qwen2', 'qwen3', 'llama_nha', 'qwen2_nha', 'qwen3_nha'] as const)(
    '%s',
    async (family) => {
      for (const format of ['f32', 'f16', 'q8'] as const) {
        const model = { ...TINY, family, format, tiedHead: false, slotLayers: [true, false] }
        const { json, tensors } = await read(model)
        const config = parseConfig(json('config.json'))
        const checkpoint = new Checkpoint(tensors)
        const layers = [0, 1].map((layer) => layerTensors(checkpoint, config, layer))
        // Gates that were trained stand in the layers that have them, gates made of keys in every narrow one.
        const trained = [model.kvHeads * model.slots, 0]
        const ofKeys = [model.kvHeads * model.headDim, model.kvHeads * model.headDim]
        const gates = family.endsWith('_nha') ? trained : ofKeys
        expect(layers.map(({ projections }) => projections.rows - 128)).toEqual(gates)
        expect(endTensors(checkpoint, config).head?.rows).toBe(model.vocabSize)
        expect(tensors.has('model.layers.1.self_attn.g_proj.weight')).toBe(false)
      }
    },
  )

  test('the same seed gives the same bytes, another seed others', () => {
    const bytes = (seed: number) => tinyModel({ ...TINY, seed }).get('model.safetensors')
    expect(bytes(1)).toEqual(bytes(1))
    expect(bytes(1)).not.toEqual(bytes(2))
  })

  test('q8 is the f32 model within half a step of its scale', async () => {
    const name = 'model.layers.0.mlp.down_proj.weight'
    const exact = new Float32Array(await (await read(TINY)).data(name))
    const { data } = await read({ ...TINY, format: 'q8' })
    const values = new Int8Array(await data(name))
    const scales = new Uint16Array(await data(`${name}_scale`))
    for (const [i, value] of exact.entries()) {
      const scale = numberFromHalf(scales[Math.floor(i / 32)]!)
      // The scale is f16: 127 steps of it may fall short of the largest value by 2^-11 of that.
      expect(Math.abs(values[i]! * scale - value)).toBeLessThanOrEqual(0.5 * scale + 127 * scale * 2 ** -11)
    }
  })

  test('its tokenizer and template chat', async () => {
    const { json } = await read({ ...TINY, vocabSize: 1000 })
    const tokenizer = createTokenizer({
      tokenizer: json('tokenizer.json'),
      tokenizerConfig: json('tokenizer_config.json'),
      generationConfig: json('generation_config.json'),
    })
    const template = createChatTemplate(json('tokenizer_config.json'))
    const context = { system: '', first: false, afterReply: true }
    const tokens = tokenizer.encodePieces(
      template.append(context, [{ role: 'user', content: 'hello' }], true),
    )
    expect(tokens[0]).toBe(tokenizer.endOfTurn)
    expect(tokens.filter((token) => tokenizer.isEndOfTurn(token))).toHaveLength(2)
    // The corpus gives fewer merges than asked for: the rest of V is padding.
    expect(tokenizer.vocabSize).toBeLessThan(1000)
  })
})
