import type { ByteRange } from '../../store/port.ts'

/** All of the bytes, or a stream that must be consumed or cancelled. */
export type PictureBody = Uint8Array | ReadableStream<Uint8Array>

/** A stored result, found and perhaps not yet read. */
export interface StoredPicture {
  /** MD5 of the bytes, lower-case hex; no quotes. */
  readonly etag: string
  readonly sizeBytes: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  /** All of it, where `lookUp` was asked for the body, or it is at hand anyway. */
  readonly body?: PictureBody
  /** A part; undefined where the object is gone, or is not the same any more. */
  open(range: ByteRange | undefined, signal: AbortSignal): Promise<PictureBody | undefined>
}

export interface HeldFacts extends Pick<StoredPicture, 'etag' | 'modifiedAt'> {
  readonly bytes: Uint8Array
}

/** A result whose bytes are at hand. */
export const toHeld = ({
  etag,
  modifiedAt,
  bytes,
}: HeldFacts): StoredPicture & { readonly body: Uint8Array } => ({
  etag,
  sizeBytes: bytes.length,
  modifiedAt,
  body: bytes,
  open: async (range) => (range ? bytes.subarray(range.start, range.end + 1) : bytes),
})

/** Ends a stream that nobody reads. */
export const cancel = async (body: PictureBody | undefined): Promise<void> => {
  if (body instanceof ReadableStream) await body.cancel()
}
