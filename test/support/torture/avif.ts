import sharp from 'sharp'
import type { Sides } from './jpeg.ts'

const u16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export const box = (type: string, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body])
}

const fullBox = (type: string, version: number, ...parts: readonly Uint8Array[]): Buffer =>
  box(type, Buffer.from([version, 0, 0, 0]), ...parts)

export const FILE_TYPE = box('ftyp', Buffer.from('avif\0\0\0\0avifmif1miaf', 'latin1'))

const ispe = ({ width, height }: Sides): Buffer => fullBox('ispe', 0, u32(width), u32(height))

/** What a coded picture is, and what it is coded as. */
interface Coded {
  readonly configuration: Buffer
  readonly bytes: Buffer
}

/** One tile of one colour, as an encoder makes it. */
const makeTile = async (side: number): Promise<Coded> => {
  const made = await sharp({ create: { width: side, height: side, channels: 3, background: '#808080' } })
    .avif({ effort: 0 })
    .toBuffer()
  return { configuration: cut(made, 'av1C'), bytes: cut(made, 'mdat').subarray(8) }
}

const cut = (file: Buffer, type: string): Buffer => {
  const at = file.indexOf(type, 0, 'latin1') - 4
  return file.subarray(at, at + file.readUInt32BE(at))
}

const item = (id: number, type: string): Buffer =>
  fullBox('infe', 2, u16(id), u16(0), Buffer.from(`${type}\0`, 'latin1'))

export interface GridOptions {
  readonly columns: number
  readonly rows: number
  /** Of a tile. */
  readonly side: number
  /** What the whole says to be; by default what its tiles add up to. */
  readonly said?: Sides
  /** The items that the tiles are said to be. 1 is the grid itself, 2 the only tile. */
  readonly tile?: number
}

/** A picture of many tiles that are all the same one: of as many pixels as one likes, in a kilobyte. */
export const grid = async ({ columns, rows, side, said, tile = 2 }: GridOptions): Promise<Buffer> => {
  const { configuration, bytes } = await makeTile(side)
  const whole = said ?? { width: columns * side, height: rows * side }
  const layout = Buffer.concat([
    Buffer.from([0, 1, rows - 1, columns - 1]),
    u32(whole.width),
    u32(whole.height),
  ])
  const meta = (dataAt: number): Buffer =>
    fullBox(
      'meta',
      0,
      fullBox('hdlr', 0, u32(0), Buffer.from('pict', 'latin1'), Buffer.alloc(13)),
      fullBox('pitm', 0, u16(1)),
      fullBox('iinf', 0, u16(2), item(1, 'grid'), item(2, 'av01')),
      fullBox(
        'iref',
        0,
        box('dimg', u16(1), u16(columns * rows), ...Array<Buffer>(columns * rows).fill(u16(tile))),
      ),
      box(
        'iprp',
        box(
          'ipco',
          ispe(whole),
          ispe({ width: side, height: side }),
          configuration,
          fullBox('pixi', 0, Buffer.from([3, 8, 8, 8])),
        ),
        fullBox('ipma', 0, u32(2), u16(1), Buffer.from([2, 1, 4]), u16(2), Buffer.from([3, 2, 3 | 128, 4])),
      ),
      fullBox(
        'iloc',
        0,
        Buffer.from([0x44, 0]),
        u16(2),
        ...[
          [1, dataAt, layout.length],
          [2, dataAt + layout.length, bytes.length],
        ].map(([id = 0, at = 0, length = 0]) =>
          Buffer.concat([u16(id), u16(0), u16(1), u32(at), u32(length)]),
        ),
      ),
    )
  const dataAt = FILE_TYPE.length + meta(0).length + 8
  return Buffer.concat([FILE_TYPE, meta(dataAt), box('mdat', layout, bytes)])
}

/** Boxes within boxes. */
export const nested = (depth: number): Buffer => {
  let inner: Buffer = Buffer.of()
  for (let i = 0; i < depth; i++) inner = box('iprp', inner)
  return Buffer.concat([FILE_TYPE, fullBox('meta', 0, inner)])
}

/** A file that says of its boxes what is not so. */
export const lying = (lengthSaid: number): Buffer =>
  Buffer.concat([FILE_TYPE, u32(lengthSaid), Buffer.from('meta', 'latin1'), Buffer.alloc(64)])
