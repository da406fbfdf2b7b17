export type RiffChunk = readonly [name: string, body: Buffer]

/** A WebP of these chunks, its canvas said by a `VP8X` of these flags: 2 animation, 4 XMP, 8 EXIF, 16 alpha, 32 ICC. */
export const writeWebp = (
  { width, height, flags }: { readonly width: number; readonly height: number; readonly flags: number },
  chunks: readonly RiffChunk[],
): Buffer => {
  const canvas = Buffer.alloc(10)
  canvas[0] = flags
  canvas.writeUIntLE(width - 1, 4, 3)
  canvas.writeUIntLE(height - 1, 7, 3)
  return toRiff([['VP8X', canvas], ...chunks])
}

/** Chunks in their container, which may say another length. */
export const toRiff = (chunks: readonly RiffChunk[], lengthSaid?: number): Buffer =>
  toChunk(['RIFF', Buffer.concat([Buffer.from('WEBP'), ...chunks.map((each) => toChunk(each))])], lengthSaid)

/** The pixels of a WebP of one chunk. */
export const readWebpPixels = (webp: Buffer): RiffChunk => [
  webp.toString('latin1', 12, 16),
  webp.subarray(20, 20 + webp.readUInt32LE(16)),
]

/** With the length that it says, where that is not its own. */
export const toChunk = ([name, body]: RiffChunk, lengthSaid = body.length): Buffer => {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(lengthSaid)
  return Buffer.concat([Buffer.from(name, 'latin1'), size, body, Buffer.alloc(body.length % 2)])
}
