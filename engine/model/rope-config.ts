import { inverseFrequencies } from '../../kernels/rope-table.ts'
import type { ConfigFields } from './config-fields.ts'

const KNOWN = ['default', 'linear', 'llama3', 'factors']

/**
 * Angle per position of every rotated pair, [D/2], from `rope_theta` and `rope_scaling`, or from `rope_parameters`,
 * which newer configs have instead of both.
 *
 *     f[i] = theta^(−2i/D)      linear: f[i] / factor      factors: f[i] / factors[i]      llama3: see rope-table.ts
 *
 * `factors` is ours: what a GGUF file says about Llama 3's scaling.
 *
 * @throws {EngineError} `bad-file`; `unsupported-file`: another scaling, or RoPE on a part of the head
 */
export function parseRope(fields: ConfigFields, headDim: number): readonly number[] {
  const scaling = fields.inside('rope_parameters') ?? fields.inside('rope_scaling')
  const theta = fields.get('rope_theta') === undefined && scaling ? scaling : fields
  const base = theta.number('rope_theta', 10_000)
  const part = fields.get('partial_rotary_factor') ?? 1
  if (part !== 1) throw fields.unsupported(`RoPE turns a part of the head, ${JSON.stringify(part)}`)

  const type = scaling?.get('rope_type') ?? scaling?.get('type') ?? 'default'
  if (!scaling || type === 'default') return [...inverseFrequencies(base, headDim)]
  switch (type) {
    case 'linear': {
      const factor = scaling.number('factor')
      return Array.from(inverseFrequencies(base, headDim), (frequency) => frequency / factor)
    }
    case 'llama3':
      return [
        ...inverseFrequencies(base, headDim, {
          type: 'llama3',
          factor: scaling.number('factor'),
          lowFrequencyFactor: scaling.number('low_freq_factor'),
          highFrequencyFactor: scaling.number('high_freq_factor'),
          originalPositions: scaling.number('original_max_position_embeddings'),
        }),
      ]
    case 'factors': {
      const factors = scaling.get('factors')
      const isFactor = (value: unknown): value is number => typeof value === 'number' && value > 0
      if (!Array.isArray(factors) || factors.length !== headDim / 2 || !factors.every(isFactor)) {
        throw fields.bad(`the factors of its RoPE scaling should be ${headDim / 2} positive numbers`)
      }
      return Array.from(inverseFrequencies(base, headDim), (frequency, i) => frequency / (factors[i] ?? 1))
    }
    default:
      throw fields.unsupported(
        `its RoPE scaling is ${JSON.stringify(type)}, and these are known: ${KNOWN.join(', ')}`,
      )
  }
}
