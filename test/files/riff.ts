/** A WebP of these chunks, its canvas said by a `VP8X` of these flags: 2 animation, 4 XMP, 8 EXIF, 16 alpha, 32 ICC. */
export const writeWebp = (
  { width, height, flags }: { readonly width: number; readonly height: number; readonly flags: number },
  chunks: readonly (readonly [name: string, body: Buffer])[],
): Buffer => {
  const canvas = Buffer.alloc(10)
  canvas[0] = flags
  canvas.writeUIntLE(width - 1, 4, 3)
  canvas.writeUIntLE(height - 1, 7, 3)
  const body = Buffer.concat([Buffer.from('WEBP'), ...[['VP8X', canvas] as const, ...chunks].map(toChunk)])
  return Buffer.concat([Buffer.from('RIFF'), toSize(body.length), body])
}

/** The pixels of a WebP of one chunk. */
export const readWebpPixels = (webp: Buffer): readonly [name: string, body: Buffer] => [
  webp.toString('latin1', 12, 16),
  webp.subarray(20, 20 + webp.readUInt32LE(16)),
]

const toChunk = ([name, body]: readonly [string, Buffer]): Buffer =>
  Buffer.concat([Buffer.from(name, 'latin1'), toSize(body.length), body, Buffer.alloc(body.length % 2)])

const toSize = (bytes: number): Buffer => {
  const size = Buffer.alloc(4)
  size.writeUInt32LE(bytes)
  return size
}
