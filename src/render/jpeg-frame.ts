import { isFrameMarker, JPEG, listSegments } from './jpeg-segments.ts'

/** What a JPEG's markers tell about the work and memory of decoding it. */
interface JpegFrame {
  /** Samples of all components per pixel: 1.5 where colour is halved in both directions, 3 where it is not halved. */
  readonly samplesPerPixel: number
  /** Passes over the picture, each of which may visit all of it; repeated ones count too. */
  readonly scans: number
  /** Whether there may be several scans, so that libjpeg keeps every coefficient instead of a row. */
  readonly isBuffered: boolean
}

/** By ITU-T T.81, annex B. Undefined where no frame is found. */
export const readJpegFrame = (bytes: Uint8Array): JpegFrame | undefined => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let frame:
    | { readonly components: number; readonly samplesPerPixel: number; readonly isProgressive: boolean }
    | undefined
  let scans = 0
  let isBuffered = false
  for (const { marker, at } of listSegments(view)) {
    if (isFrameMarker(marker)) {
      const isProgressive = marker === JPEG.progressive || marker === JPEG.progressiveArithmetic
      frame = { ...readComponents(view, at), isProgressive }
    } else if (marker === JPEG.startOfScan) {
      scans++
      isBuffered ||= frame === undefined || frame.isProgressive || view[at + 2] !== frame.components
      // All components in one pass: nothing after it matters.
      if (!isBuffered) break
    }
  }
  return frame && { samplesPerPixel: frame.samplesPerPixel, scans, isBuffered }
}

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
