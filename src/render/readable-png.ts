import { dropOddOrientation } from './jpeg-orientation.ts'
import { listHeadChunks, mapHeadChunks, type PngChunk, toChunk, walkChunks } from './png-chunks.ts'
import { profilePng } from './png-colour.ts'

/**
 * The same PNG in a form that libvips shows as browsers do: the first frame of an animation that leaves out the picture
 * before it, a palette and transparency of the right length, no orientation that browsers ignore, and colours by a
 * profile. Undefined where it is in that form already.
 */
export const toReadablePng = (bytes: Uint8Array): Uint8Array | undefined => {
  const png = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let readable = png
  for (const mend of [showFirstFrame, cutTransparency, fillPalette, dropOddTurn, profilePng])
    readable = mend(readable) ?? readable
  return readable === png ? undefined : readable
}

/** Undefined where that frame does not cover the picture. */
const showFirstFrame = (png: Buffer): Buffer | undefined => {
  const head = listHeadChunks(png)
  const frames = head.find(({ name }) => name === 'acTL')?.body.subarray(0, 4)
  if (!frames?.some((byte) => byte > 0) || head.some(({ name }) => name === 'fcTL')) return undefined
  const size = head[0]?.body.subarray(0, 8)
  const parts: Buffer[] = []
  let isIn = false
  for (const { name, body, end } of walkChunks(png)) {
    if (end > png.length || (name === 'fcTL' && isIn)) break
    // A frame's number, its sides, and where it lies.
    if (name === 'fcTL') isIn = size !== undefined && body.subarray(4, 12).equals(size)
    if (name === 'fdAT' && isIn) parts.push(toChunk('IDAT', body.subarray(4)))
  }
  return parts.length === 0 ? undefined : Buffer.concat([png.subarray(0, head.at(-1)?.end), ...parts, END])
}

const END = toChunk('IEND', Buffer.of())

/**
 * libpng refuses one that ends within a colour, which browsers leave out; and for numbers beyond it shows black, they its
 * last colour.
 */
const fillPalette = (png: Buffer): Buffer | undefined => {
  const chunks = mapHeadChunks(png)
  const [header, palette] = [chunks.get('IHDR')?.body ?? NOTHING, chunks.get('PLTE')]
  if (palette === undefined || header[9] !== INDEXED) return undefined
  const bytes = palette.body.length - (palette.body.length % 3)
  const all = Math.max(bytes, 3 * 2 ** (header[8] ?? 0))
  if (all === palette.body.length || bytes === 0) return undefined
  const colours = Buffer.alloc(all, palette.body.subarray(bytes - 3, bytes))
  palette.body.copy(colours, 0, 0, bytes)
  return replaceChunk(png, palette, colours)
}

/** libpng ignores more than there can be as a whole; browsers leave out only that. */
const cutTransparency = (png: Buffer): Buffer | undefined => {
  const chunks = mapHeadChunks(png)
  const [colourType = 0, alpha] = [chunks.get('IHDR')?.body[9], chunks.get('tRNS')]
  const colours = Math.floor((chunks.get('PLTE')?.body.length ?? 0) / 3)
  const bytes = colourType === INDEXED ? colours : SAMPLE_BYTES[colourType]
  if (!bytes || alpha === undefined || alpha.body.length <= bytes || alpha.body.length > MOST_COLOURS)
    return undefined
  return replaceChunk(png, alpha, alpha.body.subarray(0, bytes))
}

const NOTHING = Buffer.of()
const INDEXED = 3
const MOST_COLOURS = 256
/** Of the one transparent colour, two bytes a channel: in grey, and in colours. */
const SAMPLE_BYTES: Readonly<Record<number, number>> = { 0: 2, 2: 6 }

const dropOddTurn = (png: Buffer): Buffer | undefined => {
  const exif = mapHeadChunks(png).get('eXIf')
  const upright = exif && dropOddOrientation(exif.body)
  return upright && replaceChunk(png, exif, upright)
}

const replaceChunk = (png: Buffer, { name, start, end }: PngChunk, body: Uint8Array): Buffer =>
  Buffer.concat([png.subarray(0, start), toChunk(name, Buffer.from(body)), png.subarray(end)])
