import { unreachable } from '../core/unreachable.ts'
import { apply, invert, type Matrix, multiply, transpose, type Vector } from './matrix.ts'

/** How samples from 0 to 1 become light: by a power, by sRGB's curve, or as a tag of another profile says. */
export type ToneCurve =
  | { readonly kind: 'power'; readonly exponent: number }
  | { readonly kind: 'srgb' }
  | { readonly kind: 'tag'; readonly bytes: Buffer }

/** CIE x and y. */
export type Chromaticity = readonly [x: number, y: number]

/** The chromaticities of white and of the three primaries. */
export interface Primaries {
  readonly white: Chromaticity
  readonly red: Chromaticity
  readonly green: Chromaticity
  readonly blue: Chromaticity
}

/** An ICC profile (ISO 15076-1) of three primaries and one curve. */
export const makeRgbProfile = (primaries: Primaries, curve: ToneCurve): Buffer => {
  const colorants = toColorants(primaries)
  const names = ['r', 'g', 'b'] as const
  return writeProfile('RGB ', [
    ...names.map((name, i) => [`${name}XYZ`, writeXyz(colorants.map((row) => row[i] ?? 0))] as const),
    ...names.map((name) => [`${name}TRC`, writeCurve(curve)] as const),
  ])
}

/** The same for grey. */
export const makeGreyProfile = (curve: ToneCurve): Buffer =>
  writeProfile('GRAY', [['kTRC', writeCurve(curve)]])

/** The white of profiles, as XYZ. */
export const D50: Vector = [0.9642, 1, 0.8249]

/** A profile: the header of 128 bytes, the table of its tags, and the tags. */
const writeProfile = (space: 'RGB ' | 'GRAY', own: readonly (readonly [string, Buffer])[]): Buffer => {
  const tags = [...own, ['wtpt', writeXyz(D50)] as const]
  const table = Buffer.alloc(4 + tags.length * 12)
  table.writeUInt32BE(tags.length)
  let at = 128 + table.length
  for (const [i, [name, body]] of tags.entries()) {
    table.write(name, 4 + i * 12, 'latin1')
    table.writeUInt32BE(at, 8 + i * 12)
    table.writeUInt32BE(body.length, 12 + i * 12)
    at += body.length + padding(body)
  }
  const header = Buffer.alloc(128)
  header.writeUInt32BE(at)
  header.writeUInt32BE(0x04200000, 8)
  header.write(`mntr${space}XYZ `, 12, 'latin1')
  header.write('acsp', 36, 'latin1')
  for (const [i, value] of D50.entries()) header.writeInt32BE(toFixed(value), 68 + i * 4)
  return Buffer.concat([header, table, ...tags.flatMap(([, body]) => [body, Buffer.alloc(padding(body))])])
}

/** Each tag begins at a multiple of four bytes: libpng ignores a profile of another length. */
const padding = (body: Buffer): number => -body.length & 3

const toFixed = (value: number): number => Math.round(value * 65_536)

const writeXyz = (values: readonly number[]): Buffer => writeNumbers('XYZ ', 0, values)

/** `para`: type 0 is a power; type 3 is a power above a straight line. */
const writeCurve = (curve: ToneCurve): Buffer => {
  switch (curve.kind) {
    case 'power':
      return writeNumbers('para\0\0\0\0', 0, [curve.exponent])
    case 'srgb':
      return writeNumbers('para\0\0\0\0', 3, [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045])
    case 'tag':
      return curve.bytes
    default:
      return unreachable(curve)
  }
}

const writeNumbers = (name: string, type: number, values: readonly number[]): Buffer => {
  const isTyped = name.length > 4
  const body = Buffer.alloc((isTyped ? 12 : 8) + values.length * 4)
  body.write(name, 'latin1')
  if (isTyped) body.writeUInt16BE(type, 8)
  for (const [i, value] of values.entries())
    body.writeInt32BE(toFixed(value), body.length - (values.length - i) * 4)
  return body
}

/** The primaries as XYZ under a white of D50; columns are red, green and blue. By Bruce Lindbloom's formulas. */
export const toColorants = ({ white, red, green, blue }: Primaries): Matrix => {
  const columns = transpose([toXyz(red), toXyz(green), toXyz(blue)])
  const whiteXyz = toXyz(white)
  const [r, g, b] = apply(invert(columns), whiteXyz)
  const toXyzMatrix = multiply(columns, [
    [r, 0, 0],
    [0, g, 0],
    [0, 0, b],
  ])
  const [from, to] = [apply(BRADFORD, whiteXyz), apply(BRADFORD, D50)]
  const adapt = multiply(
    invert(BRADFORD),
    multiply(
      [
        [to[0] / from[0], 0, 0],
        [0, to[1] / from[1], 0],
        [0, 0, to[2] / from[2]],
      ],
      BRADFORD,
    ),
  )
  return multiply(adapt, toXyzMatrix)
}

const BRADFORD: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
]

const toXyz = ([x, y]: Chromaticity): Vector => [x / y, 1, (1 - x - y) / y]
