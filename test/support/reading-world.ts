import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandEngine } from '../../bin/command.ts'
import { runCommandLine } from '../../bin/command-line.ts'
import { type Disk, nodeDisk } from '../../electron/disk.ts'
import { DocumentMemories } from '../../electron/documents.ts'
import { loadEngine } from '../../engine/engine.ts'
import { ScriptedWorld } from './scripted-world.ts'
import { modelFilesOf, TINY, tinyModel } from './tiny-model.ts'
import { writePdf } from './write-documents.ts'

export const FOLDER = tinyModel(TINY)
export const PAGES = Array.from(
  { length: 5 },
  (_, i) => `Page ${i + 1}. The rain fell softly on the old house.`,
)

/** A world with the real engine on a tiny model, and document memories in a folder. */
export class ReadingWorld extends ScriptedWorld {
  override readonly dataFolder: string
  override readonly openDocuments: () => DocumentMemories

  constructor(dataFolder: string, disk: Disk = nodeDisk) {
    super({ answer: () => ({ text: '' }) })
    this.dataFolder = dataFolder
    this.openDocuments = () => new DocumentMemories(disk, dataFolder)
  }

  override loadEngine(): Promise<CommandEngine> {
    return loadEngine({ gpu: null, forceCpu: true, files: modelFilesOf(FOLDER) })
  }
}

export async function run(args: readonly string[], world: ReadingWorld) {
  world.stdin.end()
  const code = await runCommandLine(args, world)
  return { code, out: world.stdout.text, err: world.stderr.text }
}

export function pdf(folder: string): string {
  const file = join(folder, 'rain.pdf')
  writeFileSync(file, writePdf(PAGES))
  return file
}

export const stateOf = (folder: string, page: number) =>
  readFileSync(join(folder, 'documents', `rain.pdf.${page}.state`)).toString('latin1')
