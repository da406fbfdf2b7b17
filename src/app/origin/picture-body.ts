import type { ByteRange } from '../../store/port.ts'

/** All of the bytes, or a stream that must be consumed or cancelled. */
export type PictureBody = Uint8Array | ReadableStream<Uint8Array>

/** A stored result that was found; its bytes may not be read yet. */
export interface StoredPicture {
  /** MD5 of the bytes, in lower-case hex without quotes. */
  readonly etag: string
  readonly sizeBytes: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  /** All of it, where the body was asked for or is in memory. */
  readonly body?: PictureBody
  /** Opens a part, or all; undefined where the object is gone or has been replaced. */
  open(range: ByteRange | undefined, signal: AbortSignal): Promise<PictureBody | undefined>
}

/** The facts and all bytes of a result. */
export interface HeldFacts extends Pick<StoredPicture, 'etag' | 'modifiedAt'> {
  readonly bytes: Uint8Array
}

/** A picture whose bytes are in memory. */
export const toHeld = (held: HeldFacts): StoredPicture & { readonly body: Uint8Array } => {
  const { etag, modifiedAt, bytes } = held
  return {
    etag,
    sizeBytes: bytes.length,
    modifiedAt,
    body: bytes,
    open: async (range) => (range ? bytes.subarray(range.start, range.end + 1) : bytes),
  }
}

/** Ends a stream that is not read to its end. */
export const cancel = async (body: PictureBody | undefined): Promise<void> => {
  if (body instanceof ReadableStream) await body.cancel()
}
