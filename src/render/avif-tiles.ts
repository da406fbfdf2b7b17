import { type Box, FULL_BYTES, listBoxes, listMetaParts, textOf } from './avif-boxes.ts'

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
