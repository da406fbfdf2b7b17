import { readTiffTags, replaceValues } from '../../src/render/tiff-tags.ts'
import { photo } from '../render/support.ts'

/** A TIFF written out; what is not said is 8 × 8 grey pixels of 8 bits, plain. */
export interface TiffParts {
  readonly width?: number
  readonly height?: number
  readonly channels?: number
  readonly bits?: number
  readonly compression?: number
  /** 0 and 1 are grey, of which 0 has white at nought; 2 RGB, 3 a palette, 5 CMYK, 8 LAB. Default: by the channels. */
  readonly photometric?: number
  /** 1 whole numbers, 2 signed ones, 3 floats. */
  readonly sampleFormat?: number
  /** Of each channel beyond the colours: 0 unknown, 1 alpha multiplied in, 2 alpha. */
  readonly extraSamples?: readonly number[]
  readonly samples?: Buffer
  readonly make?: string
  readonly orientation?: number
  readonly profile?: Buffer
  /** Where in a file it begins; default 0. */
  readonly base?: number
  /** Tags by number, with values of 32 bits. */
  readonly extra?: readonly (readonly [number, readonly number[]])[]
}

export type Entry = readonly [tag: number, type: Type, values: readonly number[]]

/** Little-endian, one strip, one directory after it. */
export const makeTiff = (parts: TiffParts = {}): Buffer => {
  const { width = 8, height = 8, channels = 1, bits = 8, compression = 1, base = 0 } = parts
  const colours = channels - (parts.extraSamples?.length ?? 0)
  const samples = parts.samples ?? Buffer.alloc(Math.ceil((width * height * channels * bits) / 8), 0x55)
  const entries: Entry[] = [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 3, new Array<number>(channels).fill(bits)],
    [259, 3, [compression]],
    [262, 3, [parts.photometric ?? (colours >= 3 ? 2 : 1)]],
    [273, 4, [base + 8]],
    [277, 3, [channels]],
    [278, 4, [height]],
    [279, 4, [samples.length]],
    [284, 3, [1]],
  ]
  if (parts.make !== undefined) entries.push([271, 2, [...Buffer.from(`${parts.make}\0`, 'latin1')]])
  if (parts.orientation !== undefined) entries.push([274, 3, [parts.orientation]])
  if (parts.extraSamples !== undefined) entries.push([338, 3, parts.extraSamples])
  if (parts.sampleFormat !== undefined)
    entries.push([339, 3, new Array<number>(channels).fill(parts.sampleFormat)])
  if (parts.profile !== undefined) entries.push([34_675, 7, [...parts.profile]])
  for (const [tag, values] of parts.extra ?? []) entries.push([tag, 4, values])
  return writeTiff(samples, entries, { base })
}

/** A file of two pages. */
export const makePages = (first: TiffParts, second: TiffParts): Buffer => {
  const one = makeTiff(first)
  const two = makeTiff({ ...second, base: one.length })
  const start = one.readUInt32LE(4)
  one.writeUInt32LE(two.readUInt32LE(4), start + 2 + one.readUInt16LE(start) * 12)
  return Buffer.concat([one, two])
}

const BYTES = { 2: 1, 3: 2, 4: 4, 7: 1 } as const
type Type = keyof typeof BYTES

/** Samples, and the tags of one directory after them; `next`: where another is said to be. */
export const writeTiff = (
  samples: Buffer,
  unsorted: readonly Entry[],
  { base = 0, next = 0 }: { readonly base?: number; readonly next?: number } = {},
): Buffer => {
  const entries = [...unsorted].sort(([a], [b]) => a - b)
  const start = base + 8 + samples.length + (samples.length % 2)
  const head = Buffer.from('49492a0000000000', 'hex')
  head.writeUInt32LE(start, 4)
  const directory = Buffer.alloc(2 + entries.length * 12 + 4)
  directory.writeUInt16LE(entries.length)
  const long: Buffer[] = []
  let longAt = start + directory.length
  for (const [i, [tag, type, values]] of entries.entries()) {
    const at = 2 + i * 12
    const bytes = toBytes(type, values)
    directory.writeUInt16LE(tag, at)
    directory.writeUInt16LE(type, at + 2)
    directory.writeUInt32LE(values.length, at + 4)
    if (bytes.length <= 4) bytes.copy(directory, at + 8)
    else {
      directory.writeUInt32LE(longAt, at + 8)
      long.push(bytes)
      longAt += bytes.length
    }
  }
  directory.writeUInt32LE(next, directory.length - 4)
  return Buffer.concat([head, samples, Buffer.alloc(samples.length % 2), directory, ...long])
}

const toBytes = (type: Type, values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * BYTES[type])
  for (const [i, value] of values.entries()) bytes.writeUIntLE(value, i * BYTES[type], BYTES[type])
  return bytes
}

/** In twelve tiles. */
export const tiled = await photo(64, 48)
  .tiff({ tile: true, tileWidth: 16, tileHeight: 16, compression: 'deflate' })
  .toBuffer()

/** With the first values of a tag replaced. */
export const changeTag = (bytes: Buffer, tag: number, value: number): Buffer => {
  const found = readTiffTags(bytes).get(tag)
  if (found === undefined) throw new Error(`no tag ${tag}`)
  return Buffer.from(replaceValues(bytes, found, value))
}
