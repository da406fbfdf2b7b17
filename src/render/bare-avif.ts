import { type Box, FULL_BYTES, listBoxes, listMetaParts, textOf } from './avif-boxes.ts'

/**
 * An AVIF that may be used as it is, because there is nothing in it but what draws it; else undefined, also where it is
 * not well-formed. Nothing is taken out: all places in such a file are absolute. `beside`, a new file of the same
 * picture, says which profile it may have.
 */
export const bareAvif = (file: Buffer, beside: Buffer): Buffer | undefined => {
  try {
    return isBare(file, beside) ? file : undefined
  } catch (error) {
    if (error instanceof RangeError) return undefined // a box that is shorter than it says
    throw error
  }
}

const isBare = (file: Buffer, beside: Buffer): boolean => {
  const [type, meta, pixels, ...others] = listBoxes(file)
  if (type?.type !== 'ftyp' || meta?.type !== 'meta' || pixels?.type !== 'mdat') return false
  const parts = listBoxes(meta.body.subarray(FULL_BYTES))
  const profile = findProfile(parts)
  return (
    others.length === 0 &&
    parts.every(isDrawing) &&
    countPlaced(parts) === pixels.body.length &&
    (profile === undefined ? findProfile(listMetaParts(beside)) === undefined : beside.includes(profile))
  )
}

const PROPERTIES: ReadonlySet<string> = new Set(['av1C', 'ispe', 'pixi', 'irot', 'imir', 'pasp'])
/** The names that encoders write; others may tell of the owner. */
const NAMES: ReadonlySet<string> = new Set(['\0', 'libavif\0', 'Color\0', 'Alpha\0'])
const ALPHA = 'urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0'
/** Transfers that browsers show as sRGB's, and the unknown one; not PQ and HLG, which other results lose. */
const TRANSFERS: ReadonlySet<number> = new Set([1, 2, 6, 13, 14, 15])

/** Whether a part tells only how the picture and its alpha are drawn. Not looked into: the coded pixels themselves. */
const isDrawing = ({ type, body }: Box): boolean => {
  switch (type) {
    case 'hdlr':
      return NAMES.has(textOf(body, 24))
    case 'pitm':
    case 'iloc':
      return true
    case 'iinf':
      return listBoxes(body.subarray(FULL_BYTES + 2)).every(({ body: item }) => isNamedPicture(item))
    case 'iref':
      return listBoxes(body.subarray(FULL_BYTES)).every((reference) => reference.type === 'auxl')
    case 'iprp':
      return listProperties(body).every(isDrawingProperty)
    default:
      return false
  }
}

const isNamedPicture = (item: Buffer): boolean =>
  textOf(item, 8, 12) === 'av01' && NAMES.has(textOf(item, 12))

const isDrawingProperty = ({ type, body }: Box): boolean => {
  switch (type) {
    case 'auxC':
      return textOf(body, FULL_BYTES) === ALPHA
    case 'colr':
      return textOf(body, 0, 4) !== 'nclx' || TRANSFERS.has(body.readUInt16BE(6))
    default:
      return PROPERTIES.has(type)
  }
}

const listProperties = (body: Buffer): readonly Box[] =>
  listBoxes(body).flatMap((box) => (box.type === 'ipco' ? listBoxes(box.body) : []))

/** A colour profile, with its kind. */
const findProfile = (parts: readonly Box[]): Buffer | undefined =>
  parts
    .filter(({ type }) => type === 'iprp')
    .flatMap(({ body }) => listProperties(body))
    .find(({ type, body }) => type === 'colr' && textOf(body, 0, 4) !== 'nclx')?.body

/** How many bytes the items have together, so that none are left which nobody names. */
const countPlaced = (parts: readonly Box[]): number => {
  const body = parts.find(({ type }) => type === 'iloc')?.body ?? Buffer.of()
  const [version, sizes, bases] = [body.readUInt8(0), body.readUInt8(4), body.readUInt8(5)]
  const [offsetBytes, lengthBytes, baseBytes] = [sizes >> 4, sizes & 15, bases >> 4]
  // Not covered: version 2, for more than 65,535 items, and places with an index.
  if (version > 1 || lengthBytes !== 4 || (bases & 15) !== 0) return -1
  let placed = 0
  let at = 8
  for (let items = body.readUInt16BE(6); items > 0; items--) {
    at += (version === 1 ? 6 : 4) + baseBytes
    const extents = body.readUInt16BE(at)
    at += 2
    for (let extent = 0; extent < extents; extent++) {
      placed += body.readUInt32BE(at + offsetBytes)
      at += offsetBytes + lengthBytes
    }
  }
  return placed
}
