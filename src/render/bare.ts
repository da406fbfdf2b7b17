import { bareAvif } from './bare-avif.ts'
import { GIF, walkGif } from './gif-blocks.ts'
import { findMarker, JPEG } from './jpeg-segments.ts'
import { type PngChunk, toChunk, walkChunks } from './png-chunks.ts'
import type { MediaFormat } from './sniff.ts'

/**
 * An original with only what is needed to draw it: without metadata, profile, thumbnail, or bytes after its end. From
 * `beside`, a file of the same format, it gets the credit and the description of its colours. Undefined for formats
 * that are not taken apart here, and for files that are not well-formed.
 */
export const bareOriginal = (
  bytes: Uint8Array,
  mediaFormat: MediaFormat,
  beside: Uint8Array,
): Uint8Array | undefined => {
  const file = toBuffer(bytes)
  const from = toBuffer(beside)
  switch (mediaFormat) {
    case 'jpeg':
      return bareJpeg(file, from)
    case 'png':
      return barePng(file, from)
    case 'webp':
      return bareWebp(file, from)
    case 'gif':
      return bareGif(file)
    case 'avif':
      return bareAvif(file, from)
    default:
      return undefined
  }
}

const toBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)

const [APP_0, APP_1, APP_2, ADOBE, APP_15, COMMENT] = [0xe0, 0xe1, 0xe2, 0xee, 0xef, 0xfe]

const bareJpeg = (file: Buffer, beside: Buffer): Buffer | undefined => {
  const parts: Buffer[] = [file.subarray(0, 2)]
  for (const { marker, part } of listJpegParts(beside))
    if (marker === APP_1 || marker === APP_2) parts.push(part)
  for (const { marker, part } of listJpegParts(file)) {
    const isApp = marker >= APP_0 && marker <= APP_15
    // Adobe's segment says how colours are coded.
    if (marker === COMMENT || (isApp && marker !== ADOBE)) continue
    parts.push(part)
    if (marker === JPEG.endOfImage) return Buffer.concat(parts)
  }
  return undefined
}

/** Segments with their markers, a scan with all coded bytes after it, and the end. */
const listJpegParts = function* (
  file: Buffer,
): Generator<{ readonly marker: number; readonly part: Buffer }> {
  let at = 2
  while (at + 4 <= file.length) {
    if (file[at] !== 0xff) return
    const marker = file[at + 1] ?? 0
    let end = at + 2 + file.readUInt16BE(at + 2)
    if (marker === JPEG.startOfScan) end = (findMarker(file, end)?.at ?? file.length + 2) - 2
    yield { marker, part: file.subarray(at, end) }
    at = end
    if (file[at] === 0xff && file[at + 1] === JPEG.endOfImage) {
      yield { marker: JPEG.endOfImage, part: file.subarray(at, at + 2) }
      return
    }
  }
}

const PNG_DRAWS: ReadonlySet<string> = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'])
/** libvips writes XMP as compressed text, others as international text. */
const PNG_TELLS: ReadonlySet<string> = new Set(['iCCP', 'eXIf', 'iTXt', 'zTXt'])

const barePng = (file: Buffer, beside: Buffer): Buffer | undefined => {
  const chunks = listPngChunks(file).filter(({ name }) => PNG_DRAWS.has(name))
  const told = listPngChunks(beside).filter(({ name }) => PNG_TELLS.has(name))
  const [header, ...others] = chunks
  if (header?.name !== 'IHDR' || others.at(-1)?.name !== 'IEND') return undefined
  const all = [header, ...told, ...others]
  return Buffer.concat([file.subarray(0, 8), ...all.map(({ name, body }) => toChunk(name, body))])
}

/** Up to the first end; what breaks off is left out. */
const listPngChunks = (file: Buffer): readonly PngChunk[] => {
  const chunks: PngChunk[] = []
  for (const chunk of walkChunks(file)) {
    if (chunk.end > file.length) break
    chunks.push(chunk)
    if (chunk.name === 'IEND') break
  }
  return chunks
}

const WEBP_DRAWS: ReadonlySet<string> = new Set(['VP8X', 'ANIM', 'ANMF', 'ALPH', 'VP8 ', 'VP8L'])
/** Flags of VP8X: that there is a profile, EXIF, XMP. */
const WEBP_TELLS = 0b0010_1100

const bareWebp = (file: Buffer, beside: Buffer): Buffer | undefined => {
  const told = new Map(listWebpChunks(beside)?.map(({ name, chunk }) => [name, chunk]))
  const drawing = listWebpChunks(file)?.filter(({ name }) => WEBP_DRAWS.has(name))
  const tell = (...names: readonly string[]): readonly Buffer[] =>
    names.flatMap((name) => told.get(name) ?? [])
  const [profile, credit] = [tell('ICCP'), tell('EXIF', 'XMP ')]
  if (drawing === undefined) return undefined
  // With any of these, it must have the extended form already.
  if (profile.length + credit.length > 0 && drawing[0]?.name !== 'VP8X') return undefined
  const parts = drawing.flatMap(({ name, chunk }) => {
    if (name !== 'VP8X') return [chunk]
    const head = Buffer.from(chunk)
    head[8] = ((head[8] ?? 0) & ~WEBP_TELLS) | ((told.get(name)?.[8] ?? 0) & WEBP_TELLS)
    return [head, ...profile]
  })
  parts.push(...credit)
  const head = Buffer.from(file.subarray(0, 12))
  head.writeUInt32LE(4 + parts.reduce((sum, { length }) => sum + length, 0), 4)
  return Buffer.concat([head, ...parts])
}

const listWebpChunks = (file: Buffer): { readonly name: string; readonly chunk: Buffer }[] | undefined => {
  const chunks: { readonly name: string; readonly chunk: Buffer }[] = []
  const end = Math.min(file.length, 8 + file.readUInt32LE(4))
  for (let at = 12; at + 8 <= end; ) {
    const next = at + 8 + Math.ceil(file.readUInt32LE(at + 4) / 2) * 2
    if (next > file.length) return undefined
    chunks.push({ name: file.toString('latin1', at, at + 4), chunk: file.subarray(at, next) })
    at = next
  }
  return chunks
}

const bareGif = (file: Buffer): Buffer | undefined => {
  const parts: Buffer[] = []
  for (const { kind, at, end } of walkGif(file)) {
    if (parts.length === 0) parts.push(file.subarray(0, at))
    if (kind === GIF.end) return Buffer.concat([...parts, file.subarray(at, end)])
    if (kind !== GIF.extension && kind !== GIF.frame) return undefined
    if (kind === GIF.frame || isDrawing(file, at)) parts.push(file.subarray(at, end))
  }
  return undefined
}

/** For extensions: only those that say how a frame is shown, and how often the animation plays. */
const isDrawing = (file: Buffer, at: number): boolean => {
  const kind = file[at + 1]
  if (kind === GIF.application) return file.toString('latin1', at + 3, at + 14) === 'NETSCAPE2.0'
  return kind !== GIF.comment
}
