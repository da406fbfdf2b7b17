/** The second bytes of markers (ITU-T T.81, table B.1). */
export const JPEG = {
  progressive: 0xc2,
  progressiveArithmetic: 0xca,
  startOfImage: 0xd8,
  endOfImage: 0xd9,
  startOfScan: 0xda,
} as const

/** Start of frame, of any process; C4, C8 and CC are other markers. */
export const isFrameMarker = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

/** A marker, and the position after it. */
interface Marker {
  readonly marker: number
  readonly at: number
}

/** Every marker that has a segment, and the position of the segment's length. Stray bytes between segments are skipped. */
export const listSegments = function* (view: Buffer): Generator<Marker> {
  for (let found = findMarker(view, 2); found !== undefined; ) {
    const { marker, at } = found
    if (marker === JPEG.endOfImage || at + 2 > view.length) return
    yield found
    found = findMarker(view, at + Math.max(2, view.readUInt16BE(at)))
  }
}

/** The next marker from `from` on; coded bytes are skipped, in which 0xFF is followed by 0 or is a restart. */
export const findMarker = (view: Buffer, from: number): Marker | undefined => {
  for (let at = view.indexOf(0xff, from); at >= 0; at = view.indexOf(0xff, at + 1)) {
    const marker = view[at + 1]
    if (marker === undefined) return undefined
    const isStandalone =
      marker === 0 || marker === 0xff || marker === 1 || (marker >= 0xd0 && marker <= JPEG.startOfImage)
    if (!isStandalone) return { marker, at: at + 2 }
  }
  return undefined
}
