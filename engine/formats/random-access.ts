/** A file that is read in pieces, so that it may be larger than memory. */
export interface RandomAccessFile {
  /** named in errors */
  readonly name: string
  readonly size: number
  /**
   * Exactly these bytes.
   * @throws {EngineError} `missing-file`: the file does not have them any more, or cannot be read
   */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>
  close(): Promise<void>
}

/** A file that is in memory already; what is read is a view of it. */
export function fileInMemory(name: string, bytes: Uint8Array<ArrayBuffer>): RandomAccessFile {
  return {
    name,
    size: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
    close: () => Promise.resolve(),
  }
}

/** The front of a file: all of it where it is shorter. */
export function readAtMost(file: RandomAccessFile, length: number): Promise<Uint8Array<ArrayBuffer>> {
  return file.read(0, Math.min(length, file.size))
}
