import { crc32, createInflateRaw, deflateSync } from 'node:zlib'
import { toChunk, walkChunks } from './png-chunks.ts'

/**
 * The same PNG with correct checksums, if all its pixels are there: then one checksum is wrong (the other confirms the
 * content), the end is missing, or zlib was told too small a window. Undefined otherwise.
 */
export const mendPng = async (bytes: Uint8Array): Promise<Uint8Array | undefined> => {
  const png = readPng(bytes)
  if (png === undefined) return undefined
  const inflated = await inflate(png.packed, png.rows.bytes)
  if (inflated.length < png.rows.bytes) return undefined
  const isVouchedFor = png.areSumsRight || png.packed.subarray(-4).equals(adler32(inflated))
  return isVouchedFor ? writePng(png, inflated) : undefined
}

/** The PNG with missing rows at the end replaced by grey, or by transparent ones where possible. */
export const fillPng = async (bytes: Uint8Array): Promise<Uint8Array | undefined> => {
  const png = readPng(bytes)
  const { rowBytes } = png?.rows ?? {}
  if (png === undefined || rowBytes === undefined) return undefined
  const inflated = await inflate(png.packed, png.rows.bytes)
  const whole = Buffer.alloc(png.rows.bytes, png.rows.isOpaque ? 0x80 : 0)
  for (let at = 0; at < whole.length; at += rowBytes) whole[at] = 0 // a row's filter: 0 is none
  inflated.copy(whole, 0, 0, inflated.length - (inflated.length % rowBytes))
  return writePng(png, whole)
}

interface Png {
  /** The signature, and the chunks before the pixels. */
  readonly head: Buffer
  readonly packed: Buffer
  readonly areSumsRight: boolean
  readonly rows: Rows
}

interface Rows {
  /** The bytes of all rows, each with the byte that names its filter. */
  readonly bytes: number
  /** The bytes of one row; undefined where the picture is interlaced. */
  readonly rowBytes?: number
  /** Whether its samples have no alpha. */
  readonly isOpaque: boolean
}

/** A PNG is held twice while it is repaired; a larger one is not repaired. */
const MOST_BYTES = 64_000_000

const readPng = (bytes: Uint8Array): Png | undefined => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const packed: Buffer[] = []
  let areSumsRight = true
  let headBytes = 0
  for (const { name, body, start, end } of walkChunks(view)) {
    if (name === 'IDAT') {
      packed.push(body)
      areSumsRight &&=
        end <= view.length && crc32(view.subarray(start + 4, end - 4)) === view.readUInt32BE(end - 4)
    } else if (packed.length > 0) break
    else headBytes = end
  }
  const rows = headBytes > 32 && headBytes <= view.length ? measureRows(view) : undefined
  if (rows === undefined || rows.bytes > MOST_BYTES || packed.length === 0) return undefined
  return { head: view.subarray(0, headBytes), packed: Buffer.concat(packed), areSumsRight, rows }
}

/** The fields of the header and the passes of Adam7, by the PNG specification. */
const measureRows = (view: Buffer): Rows | undefined => {
  const [width, height] = [view.readUInt32BE(16), view.readUInt32BE(20)]
  const [bits = 0, colourType = 0, , , interlace] = view.subarray(24, 29)
  const samples = SAMPLES[colourType]
  if (samples === undefined) return undefined
  const toBytes = (columns: number, rows: number): number =>
    columns === 0 ? 0 : rows * (1 + Math.ceil((columns * samples * bits) / 8))
  const isOpaque = bits >= 8 && (colourType === 0 || colourType === 2)
  if (interlace === 0) return { bytes: toBytes(width, height), rowBytes: toBytes(width, 1), isOpaque }
  const passes = ADAM7.map(([x, y, dx, dy]) =>
    toBytes(Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)),
  )
  return { bytes: passes.reduce((sum, each) => sum + each, 0), isOpaque }
}

/** Samples of a pixel, by the type of colour. */
export const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/** Of each pass of an interlaced picture its first column and row, and the steps across and down. */
export const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

const ZLIB_HEADER_BYTES = 2

/** As much of a zlib stream as can be read, without trust in its header; at most so many bytes. */
const inflate = async (packed: Buffer, mostBytes: number): Promise<Buffer> => {
  const parts: Buffer[] = []
  let bytes = 0
  const stream = createInflateRaw()
  stream.end(packed.subarray(ZLIB_HEADER_BYTES))
  try {
    for await (const part of stream) {
      parts.push(part)
      bytes += part.length
      if (bytes >= mostBytes) break
    }
  } catch {
    // It breaks off there: everything before that is used.
  }
  return Buffer.concat(parts).subarray(0, mostBytes)
}

const adler32 = (bytes: Buffer): Buffer => {
  let [a, b] = [1, 0]
  for (const byte of bytes) {
    a = (a + byte) % 65_521
    b = (b + a) % 65_521
  }
  const sum = Buffer.alloc(4)
  sum.writeUInt16BE(b)
  sum.writeUInt16BE(a, 2)
  return sum
}

const writePng = ({ head }: Png, rows: Buffer): Buffer =>
  Buffer.concat([head, toChunk('IDAT', deflateSync(rows, { level: 1 })), toChunk('IEND', Buffer.of())])
