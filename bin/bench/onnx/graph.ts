import { Message } from './protobuf.ts'

/** ONNX's numbers for its element types. */
export const ELEMENT = { f32: 1, u8: 2, i32: 6, i64: 7 } as const

export type Element = keyof typeof ELEMENT

/** `''` is ONNX itself. */
export type Domain = '' | 'com.microsoft'

export type Attributes = Readonly<Record<string, number | { readonly float: number }>>

/** Where weights lie: beside the graph, in one file. */
export const WEIGHTS_FILE = 'model.data'

const OPSET = 21
const IR_VERSION = 10
const ATTRIBUTE_FLOAT = 1
const ATTRIBUTE_INT = 2
const EXTERNAL = 1

/** A graph of ONNX that grows node by node; weights are named here and written elsewhere. */
export class Graph {
  readonly #graph = new Message().text(2, 'decoder')
  #nodes = 0
  #offset = 0

  /** Add a node with these outputs; `''` is an input that is left out. */
  node(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Attributes = {},
    domain: Domain = '',
  ): void {
    const node = new Message()
    for (const input of inputs) node.text(1, input)
    for (const output of outputs) node.text(2, output)
    node.text(3, `node_${this.#nodes++}`).text(4, type)
    for (const [name, value] of Object.entries(attributes)) {
      const attribute = new Message().text(1, name)
      if (typeof value === 'number') attribute.integer(3, value).integer(20, ATTRIBUTE_INT)
      else attribute.float(2, value.float).integer(20, ATTRIBUTE_FLOAT)
      node.message(5, attribute)
    }
    this.#graph.message(1, node.text(7, domain))
  }

  /** Name the next `bytes` of the weights' file. */
  weight(name: string, element: Element, shape: readonly number[], bytes: number): string {
    const tensor = tensorHead(name, element, shape).integer(14, EXTERNAL)
    const place = { location: WEIGHTS_FILE, offset: String(this.#offset), length: String(bytes) }
    for (const [key, value] of Object.entries(place)) {
      tensor.message(13, new Message().text(1, key).text(2, value))
    }
    this.#graph.message(5, tensor)
    this.#offset += bytes
    return name
  }

  /** A small tensor inside the graph. */
  constant(name: string, values: BigInt64Array, shape: readonly number[]): string {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    this.#graph.message(5, tensorHead(name, 'i64', shape).bytes(9, bytes))
    return name
  }

  /** @param shape a name stands for a size that is known only when it runs */
  input(name: string, element: Element, shape: readonly (number | string)[]): string {
    this.#graph.message(11, valueInfo(name, element, shape))
    return name
  }

  output(name: string, element: Element, shape: readonly (number | string)[]): string {
    this.#graph.message(12, valueInfo(name, element, shape))
    return name
  }

  /** The file `model.onnx`. */
  finish(): Uint8Array<ArrayBuffer> {
    return new Message()
      .integer(1, IR_VERSION)
      .text(2, 'plateau bench')
      .message(7, this.#graph)
      .message(8, new Message().text(1, '').integer(2, OPSET))
      .message(8, new Message().text(1, 'com.microsoft').integer(2, 1))
      .finish()
  }
}

function tensorHead(name: string, element: Element, shape: readonly number[]): Message {
  const tensor = new Message()
  for (const size of shape) tensor.integer(1, size)
  return tensor.integer(2, ELEMENT[element]).text(8, name)
}

function valueInfo(name: string, element: Element, shape: readonly (number | string)[]): Message {
  const dimensions = new Message()
  for (const size of shape) {
    dimensions.message(
      1,
      typeof size === 'number' ? new Message().integer(1, size) : new Message().text(2, size),
    )
  }
  const type = new Message().integer(1, ELEMENT[element]).message(2, dimensions)
  return new Message().text(1, name).message(2, new Message().message(1, type))
}
