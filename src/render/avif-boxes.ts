/** One box of ISO/IEC 14496-12; its body is a part of the file's own memory. */
export interface Box {
  readonly type: string
  readonly body: Buffer
}

/** Version and flags, with which the bodies of many boxes begin. */
export const FULL_BYTES = 4

/** The boxes one after the other; throws a RangeError where one is shorter or longer than it can be. */
const walkBoxes = function* (bytes: Buffer): Generator<Box> {
  for (let at = 0; at < bytes.length; ) {
    const [size, head] = readSize(bytes, at)
    const end = at + size
    if (size < head || end > bytes.length) throw new RangeError(`no box at ${at}`)
    yield { type: textOf(bytes, at + 4, at + 8), body: bytes.subarray(at + head, end) }
    at = end
  }
}

/** A size of 1 stands for one of eight bytes behind the type, 0 for all that is left. */
const readSize = (bytes: Buffer, at: number): readonly [size: number, headBytes: number] => {
  const size = bytes.readUInt32BE(at)
  if (size === 1) return [Number(bytes.readBigUInt64BE(at + 8)), 16]
  return [size === 0 ? bytes.length - at : size, 8]
}

/** All boxes; throws as {@link walkBoxes} does. */
export const listBoxes = (bytes: Buffer): readonly Box[] => [...walkBoxes(bytes)]

/** The box that describes the picture, wherever it is; empty where the boxes before it are not well-formed. */
export const findMeta = (file: Buffer): Buffer => {
  try {
    for (const { type, body } of walkBoxes(file)) if (type === 'meta') return body.subarray(FULL_BYTES)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return Buffer.of()
}

/** Where an AVIF says how its colours are coded: two bytes each for primaries, transfer and matrix (ITU-T H.273). */
export const findAvifCodes = (avif: Buffer): number | undefined => {
  const meta = findMeta(avif)
  const at = meta.indexOf('colrnclx')
  return at >= 0 && at + 14 <= meta.length ? meta.byteOffset - avif.byteOffset + at + 8 : undefined
}

/** The codes of primaries and transfer; undefined where none are said, and where a profile counts instead. */
export const readAvifCodes = (avif: Buffer): readonly [primaries: number, transfer: number] | undefined => {
  const at = findAvifCodes(avif)
  const meta = findMeta(avif)
  const hasProfile = ['colrprof', 'colrrICC'].some((name) => meta.includes(name))
  return at === undefined || hasProfile ? undefined : [avif.readUInt16BE(at), avif.readUInt16BE(at + 2)]
}

/** Whether all that it codes is grey, and black is 16 of 255 as in video. */
export const isLimitedGrey = (avif: Buffer): boolean => {
  const meta = findMeta(avif)
  const codes = findAvifCodes(avif)
  const layouts = [...textOf(meta, 0).matchAll(/av1C[\s\S]{2}([\s\S])/g)].map(([, flags = '']) =>
    flags.charCodeAt(0),
  )
  return (
    codes !== undefined &&
    ((avif[codes + 6] ?? 0) & FULL_RANGE) === 0 &&
    layouts.length > 0 &&
    layouts.every((flags) => (flags & MONOCHROME) !== 0)
  )
}

const FULL_RANGE = 0x80
const MONOCHROME = 0x10

/** Its parts, or none. */
export const listMetaParts = (file: Buffer): readonly Box[] => listBoxes(findMeta(file))

/** The characters from one position to another. */
export const textOf = (bytes: Buffer, from: number, to?: number): string => bytes.toString('latin1', from, to)

/**
 * Of an AVIF that is put together from tiles: for each tile the file that shows it alone, in the same memory as the one
 * before. libheif paints a tile that is damaged or missing green, without a word; alone, it is an error. None where the
 * file is of one piece, or not well-formed: there its decoder speaks.
 */
export const listAvifTiles = function* (file: Buffer): Generator<Buffer> {
  try {
    const tiles = findTiles(listMetaParts(file))
    if (tiles.size === 0) return
    const copy = Buffer.from(file)
    const parts = listMetaParts(copy)
    for (const item of listItems(parts)) showItem(item)
    for (const id of tiles) {
      makePrimary(parts, id)
      yield copy
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
}

const findTiles = (parts: readonly Box[]): ReadonlySet<number> => {
  const grids = new Set(
    listItems(parts)
      .filter((item) => textOf(item, idEnd(item) + 2, idEnd(item) + 6) === 'grid')
      .map((item) => readId(item, FULL_BYTES, isLongItem(item))),
  )
  const tiles = new Set<number>()
  for (const { body } of parts.filter(({ type }) => type === 'iref')) {
    const isLong = body[0] !== 0
    const idBytes = isLong ? 4 : 2
    for (const reference of listBoxes(body.subarray(FULL_BYTES))) {
      if (reference.type !== 'dimg' || !grids.has(readId(reference.body, 0, isLong))) continue
      for (let at = idBytes + 2; at < reference.body.length; at += idBytes)
        tiles.add(readId(reference.body, at, isLong))
    }
  }
  return tiles
}

/** What is said of each item. */
const listItems = (parts: readonly Box[]): readonly Buffer[] => {
  const body = parts.find(({ type }) => type === 'iinf')?.body ?? Buffer.of()
  return listBoxes(body.subarray(FULL_BYTES + (body[0] === 0 ? 2 : 4))).map((item) => item.body)
}

const isLongItem = (item: Buffer): boolean => item[0] === 3
const idEnd = (item: Buffer): number => FULL_BYTES + (isLongItem(item) ? 4 : 2)
const readId = (body: Buffer, at: number, isLong: boolean): number =>
  isLong ? body.readUInt32BE(at) : body.readUInt16BE(at)

/** Takes away the flag that hides it. */
const showItem = (item: Buffer): void => {
  item[HIDDEN_AT] = (item[HIDDEN_AT] ?? 0) & ~1
}

/** Makes an item the picture that the file shows; throws a RangeError where its number is too long for that. */
const makePrimary = (parts: readonly Box[], id: number): void => {
  const primary = parts.find(({ type }) => type === 'pitm')?.body
  if (primary?.[0] === 0) primary.writeUInt16BE(id, FULL_BYTES)
  else primary?.writeUInt32BE(id, FULL_BYTES)
}

/** The last byte of an item's flags. */
const HIDDEN_AT = 3
