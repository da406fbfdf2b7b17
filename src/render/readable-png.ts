import { listHeadChunks, type PngChunk, toChunk, walkChunks } from './png-chunks.ts'
import { profilePng } from './png-colour.ts'

/**
 * The same PNG in a form that libvips shows as browsers do: the first frame of an animation that leaves out the picture
 * before it, a palette whose transparency says more than it has colours, and colours by a profile. Undefined where it is
 * in that form already.
 */
export const toReadablePng = (bytes: Uint8Array): Uint8Array | undefined => {
  const png = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const chunks = new Map(listHeadChunks(png).map((chunk) => [chunk.name, chunk]))
  const hasFrames =
    chunks
      .get('acTL')
      ?.body.subarray(0, 4)
      .some((byte) => byte > 0) ?? false
  const moved = hasFrames && !chunks.has('fcTL') ? showFirstFrame(png) : undefined
  const cut = cutTransparency(moved ?? png, chunks) ?? moved
  return profilePng(cut ?? png) ?? cut
}

/** Undefined where that frame does not cover the picture. */
const showFirstFrame = (png: Buffer): Buffer | undefined => {
  const head = listHeadChunks(png)
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

/** libpng ignores it as a whole; browsers, only what no PNG can have. */
const cutTransparency = (png: Buffer, chunks: ReadonlyMap<string, PngChunk>): Buffer | undefined => {
  const [palette, alpha] = [chunks.get('PLTE'), chunks.get('tRNS')]
  if (palette === undefined || alpha === undefined || chunks.get('IHDR')?.body[9] !== INDEXED)
    return undefined
  const colours = Math.floor(palette.body.length / 3)
  if (alpha.body.length <= colours || alpha.body.length > MOST_COLOURS) return undefined
  const cut = toChunk('tRNS', alpha.body.subarray(0, colours))
  return Buffer.concat([png.subarray(0, alpha.start), cut, png.subarray(alpha.end)])
}

const INDEXED = 3
const MOST_COLOURS = 256
