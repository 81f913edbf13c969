import { readGguf } from './formats/gguf.ts'
import { GgufMetadata } from './formats/gguf-metadata.ts'
import type { RandomAccessFile } from './formats/random-access.ts'
import { ggufConfig, renameTensors } from './model/gguf-config.ts'
import type { ModelFolder } from './model-folder.ts'
import { ggufTokenizer } from './text/gguf-tokenizer.ts'

/**
 * A GGUF file as the model folder that it stands for.
 *
 * @throws {EngineError} `bad-file`, `unsupported-file`, `unknown-architecture`; the caller closes the file
 */
export async function readGgufModel(file: RandomAccessFile, name: string): Promise<ModelFolder> {
  const gguf = await readGguf(file)
  const metadata = new GgufMetadata(file.name, gguf)
  const config = await ggufConfig(metadata, gguf.tensors)
  return {
    name,
    config,
    configFile: file.name,
    ...ggufTokenizer(metadata),
    tensors: renameTensors(metadata, gguf.tensors, Number(config['head_dim'])),
    close: () => file.close(),
  }
}
