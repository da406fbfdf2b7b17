/** A segment of a JPEG, its length included. */
export const toSegment = (marker: number, body: Buffer): Buffer => {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([head, body])
}

export const toExifSegment = (exif: Buffer): Buffer =>
  toSegment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exif]))

/** The same JPEG with bytes after its start. */
export const insertAtStart = (jpeg: Buffer, ...parts: readonly Buffer[]): Buffer =>
  Buffer.concat([jpeg.subarray(0, 2), ...parts, jpeg.subarray(2)])

/** Where the first segment of this marker begins. */
export const findSegment = (jpeg: Buffer, marker: number): number => {
  for (let at = 2; at < jpeg.length; at += 2 + jpeg.readUInt16BE(at + 2))
    if (jpeg[at + 1] === marker) return at
  throw new Error(`no segment ${marker.toString(16)}`)
}
