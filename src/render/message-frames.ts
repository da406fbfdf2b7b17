import type { Writable } from 'node:stream'

/** A message between two processes: a plain value, and bytes beside it that are sent without a copy. */
export interface MessageFrame {
  readonly value: unknown
  readonly blobs: readonly Uint8Array[]
}

interface Head {
  readonly value: unknown
  /** The lengths of the blobs in bytes. */
  readonly sizes: readonly number[]
}

const LENGTH_BYTES = 4

/** What is smaller is copied: a system call for each part of a small frame costs more. */
const MIXED_BYTES = 64 * 1024

/**
 * Writes a frame: the length of the head, the head as JSON, and the blobs as they are. It costs half of Node's own
 * channel between processes, for pictures of 10 MB a third, because that one first joins everything in one buffer.
 */
export const writeFrame = (out: Writable, { value, blobs }: MessageFrame): void => {
  const sizes = blobs.map(({ byteLength }) => byteLength)
  const head = Buffer.from(JSON.stringify({ value, sizes } satisfies Head))
  const length = Buffer.allocUnsafe(LENGTH_BYTES)
  length.writeUInt32LE(head.length)
  const parts = [length, head, ...blobs].filter(({ byteLength }) => byteLength > 0)
  const sizeBytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
  if (sizeBytes < MIXED_BYTES) {
    out.write(Buffer.concat(parts, sizeBytes))
    return
  }
  out.cork()
  for (const part of parts) out.write(part)
  out.uncork()
}

/** Joins frames from pieces as they are read; `allocate` provides the memory of blobs. */
export class FrameReader {
  readonly #onFrame: (frame: MessageFrame) => void
  readonly #allocate: (sizeBytes: number) => Buffer<ArrayBuffer>
  #part: 'length' | 'head' | 'blob' = 'length'
  #bytes = Buffer.allocUnsafe(LENGTH_BYTES)
  #filled = 0
  #head: Head | undefined
  #blobs: Uint8Array[] = []
  #mixed: Buffer | undefined
  #isCopied = false

  constructor(
    onFrame: (frame: MessageFrame) => void,
    allocate: (sizeBytes: number) => Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow,
  ) {
    this.#onFrame = onFrame
    this.#allocate = allocate
  }

  /**
   * Where to write the next bytes; never empty. A large blob is read directly into its memory, everything else
   * together.
   */
  get space(): Uint8Array {
    const left = this.#bytes.subarray(this.#filled)
    this.#isCopied = left.length < MIXED_BYTES
    if (!this.#isCopied) return left
    this.#mixed ??= Buffer.allocUnsafeSlow(MIXED_BYTES)
    return this.#mixed
  }

  /** To be called when so many bytes were written at the start of the last `space`. */
  fill(count: number): void {
    if (this.#isCopied && this.#mixed) this.take(this.#mixed.subarray(0, count))
    else this.#advance(count)
  }

  #advance(count: number): void {
    this.#filled += count
    while (this.#filled === this.#bytes.length) this.#next()
  }

  /** Takes bytes that were read elsewhere. */
  take(read: Uint8Array): void {
    for (let at = 0; at < read.length; ) {
      const count = Math.min(this.#bytes.length - this.#filled, read.length - at)
      this.#bytes.set(read.subarray(at, at + count), this.#filled)
      at += count
      this.#advance(count)
    }
  }

  /** A part is complete: it tells what the next one is. */
  #next(): void {
    const done = this.#bytes
    const blobs = this.#blobs
    if (this.#part === 'head') this.#head = JSON.parse(done.toString()) as Head
    if (this.#part === 'blob') blobs.push(done)
    const size = this.#head?.sizes[blobs.length]
    if (this.#part === 'length') this.#expect('head', done.readUInt32LE(0))
    else if (size !== undefined) this.#expect('blob', size)
    else {
      this.#blobs = []
      this.#expect('length', LENGTH_BYTES)
      this.#onFrame({ value: this.#head?.value, blobs })
    }
  }

  /** A blob gets memory of its own, because it is kept for long while its neighbours are not. */
  #expect(part: 'length' | 'head' | 'blob', size: number): void {
    this.#part = part
    this.#bytes = part === 'blob' ? this.#allocate(size) : Buffer.allocUnsafe(size)
    this.#filled = 0
  }
}
