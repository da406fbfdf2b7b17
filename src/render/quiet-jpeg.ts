import { isFrameMarker, JPEG, listSegments } from './jpeg-segments.ts'

/**
 * The same JPEG without what libjpeg warns of although nothing is lost: stray bytes between segments, a JFIF revision to
 * come, an unknown transform of Adobe's, a scan with parameters of another process. libvips hears of one warning alone, the
 * first, and that must be of lost pixels. Undefined where there is none of these up to the first scan.
 */
export const quietJpeg = (bytes: Uint8Array): Buffer | undefined => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let quiet: Buffer | undefined
  const put = (at: number, byte: number): void => {
    const file = quiet ?? view
    if (at < file.length && file[at] !== byte) quiet ??= Buffer.from(view)
    if (quiet !== undefined) quiet[at] = byte
  }
  let [end, to, frame, adobe] = [2, 2, 0, 0]
  for (const { marker, at } of listSegments(view)) {
    if (end < at - 2) {
      // A second JPEG is an error.
      if (view.subarray(end, at - 2).includes(START_OF_IMAGE)) return undefined
      quiet ??= Buffer.from(view)
    }
    const length = Math.max(2, view.readUInt16BE(at))
    end = marker === JPEG.startOfScan ? view.length : Math.min(view.length, at + length)
    if (quiet !== undefined) view.copy(quiet, to, at - 2, end)
    const from = to + 2
    to += end - at + 2
    const name = marker >= 0xe0 ? view.toString('latin1', at + 2, at + 7) : ''
    if (name === 'JFIF\0' && length >= JFIF_BYTES) put(from + 7, 1)
    if (name === 'Adobe' && length >= ADOBE_BYTES) adobe = from + 13
    if (isFrameMarker(marker)) frame = from
    if (marker !== JPEG.startOfScan) continue
    const file = quiet ?? view
    if (adobe > 0 && file[adobe] !== 0) put(adobe, file[frame + 7] === 4 ? 2 : 1)
    if (SEQUENTIAL.has(file[frame - 1]))
      for (const [i, byte] of [0, 63, 0].entries()) put(from + length - 3 + i, byte)
    break
  }
  return quiet?.subarray(0, to)
}

/** Shorter ones say nothing to libjpeg. */
const [JFIF_BYTES, ADOBE_BYTES] = [16, 14]
const START_OF_IMAGE = Buffer.of(0xff, JPEG.startOfImage)
const SEQUENTIAL: ReadonlySet<number | undefined> = new Set([0xc0, 0xc1])
