/** What a JPEG's markers tell about the work and memory of decoding it. */
export interface JpegFrame {
  /** Samples of all components per pixel: 1.5 where colour is halved in both directions, 3 where it is not halved. */
  readonly samplesPerPixel: number
  /** Passes over the picture, each of which may visit all of it; repeated ones count too. */
  readonly scans: number
  /** Whether there may be several scans, so that libjpeg keeps every coefficient instead of a row. */
  readonly isBuffered: boolean
}

const MARKER = {
  startOfImage: 0xd8,
  endOfImage: 0xd9,
  startOfScan: 0xda,
  progressive: 0xc2,
  progressiveArithmetic: 0xca,
} as const

/** By ITU-T T.81, annex B. Undefined where no frame is found. */
export const readJpegFrame = (bytes: Uint8Array): JpegFrame | undefined => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let frame:
    | { readonly components: number; readonly samplesPerPixel: number; readonly isProgressive: boolean }
    | undefined
  let scans = 0
  let isBuffered = false
  for (const { marker, at } of listSegments(view)) {
    if (isFrame(marker)) {
      const isProgressive = marker === MARKER.progressive || marker === MARKER.progressiveArithmetic
      frame = { ...readComponents(view, at), isProgressive }
    } else if (marker === MARKER.startOfScan) {
      scans++
      isBuffered ||= frame === undefined || frame.isProgressive || view[at + 2] !== frame.components
      // All components in one pass: nothing after it matters.
      if (!isBuffered) break
    }
  }
  return frame && { samplesPerPixel: frame.samplesPerPixel, scans, isBuffered }
}

/** Start of frame, of any process; C4, C8 and CC are other markers. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

const readComponents = (view: Buffer, at: number) => {
  const components = view[at + 7] ?? 0
  const factors = Array.from({ length: components }, (_, i) => {
    const both = view[at + 9 + i * 3] ?? 0x11
    return { across: both >> 4 || 1, down: both & 15 || 1 }
  })
  const most =
    Math.max(1, ...factors.map(({ across }) => across)) * Math.max(1, ...factors.map(({ down }) => down))
  const samplesPerPixel = factors.reduce((sum, { across, down }) => sum + (across * down) / most, 0)
  return { components, samplesPerPixel }
}

/** Every marker that has a segment, and the position of the segment's length. */
const listSegments = function* (view: Buffer): Generator<{ readonly marker: number; readonly at: number }> {
  let at = 2
  for (;;) {
    const found = findMarker(view, at)
    if (found === undefined) return
    const { marker } = found
    at = found.at
    if (marker === MARKER.endOfImage || at + 2 > view.length) return
    yield { marker, at }
    at += Math.max(2, view.readUInt16BE(at))
  }
}

/** The next marker from `from` on; coded bytes are skipped, in which 0xFF is followed by 0 or is a restart. */
const findMarker = (
  view: Buffer,
  from: number,
): { readonly marker: number; readonly at: number } | undefined => {
  for (let at = view.indexOf(0xff, from); at >= 0; at = view.indexOf(0xff, at + 1)) {
    const marker = view[at + 1]
    if (marker === undefined) return undefined
    const isStandalone = marker === 0 || marker === 0xff || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)
    if (!isStandalone) return { marker, at: at + 2 }
  }
  return undefined
}
