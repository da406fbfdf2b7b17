import { deflateSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { BT_709, DISPLAY_P3 } from '../../src/render/coded-colours.ts'
import {
  makeGreyProfile,
  makeRgbProfile,
  type Primaries,
  type ToneCurve,
} from '../../src/render/icc-profile.ts'
import { insertAtStart, toSegment } from './jpeg.ts'
import { addChunks } from './png.ts'

/** Numbers in quarters: the purest red, green and blue that there is, and an orange; with alpha, the last one is half clear. */
export const NUMBERS = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [200, 60, 30],
] as const
const SIDE = 64

const paint = (channels: 3 | 4): Sharp => {
  const samples = Buffer.alloc(SIDE * SIDE * channels, 128)
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++) {
      const quarter = (y < SIDE / 2 ? 0 : 2) + (x < SIDE / 2 ? 0 : 1)
      const alpha = channels === 3 ? [] : [quarter === 3 ? 128 : 255]
      samples.set([...(NUMBERS[quarter] ?? []), ...alpha], (y * SIDE + x) * channels)
    }
  return sharp(samples, { raw: { width: SIDE, height: SIDE, channels } })
}

export const withProfile = (png: Buffer, icc: Buffer): Buffer =>
  addChunks(png, [['iCCP', Buffer.concat([Buffer.from('of the owner\0\0', 'latin1'), deflateSync(icc)])]])

const black = sharp({ create: { width: 1, height: 1, channels: 3, background: 'black' } })
const readIcc = async (name: 'p3' | 'srgb' | 'cmyk'): Promise<Buffer> => {
  const { icc } = await sharp(await black.clone().withIccProfile(name).tiff().toBuffer()).metadata()
  if (icc === undefined) throw new Error(`no profile ${name}`)
  return icc
}

const SRGB: ToneCurve = { kind: 'srgb' }
const ADOBE_GAMMA: ToneCurve = { kind: 'power', exponent: 563 / 256 }
const D65 = BT_709.white
const ADOBE: Primaries = { white: D65, red: [0.64, 0.33], green: [0.21, 0.71], blue: [0.15, 0.06] }
const BT_2020: Primaries = { white: D65, red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046] }
const PRO_PHOTO: Primaries = {
  white: [0.3457, 0.3585],
  red: [0.7347, 0.2653],
  green: [0.1596, 0.8404],
  blue: [0.0366, 0.0001],
}
export const PROFILES = {
  p3: await readIcc('p3'),
  adobe: makeRgbProfile(ADOBE, ADOBE_GAMMA),
  'BT.2020': makeRgbProfile(BT_2020, SRGB),
  ProPhoto: makeRgbProfile(PRO_PHOTO, { kind: 'power', exponent: 1.8 }),
}

const rgb = await paint(3).png().toBuffer()
const rgba = await paint(4).png().toBuffer()
const deep = await paint(3).toColourspace('rgb16').png().toBuffer()
const deepAlpha = await paint(4).toColourspace('rgb16').png().toBuffer()

const p3Png = withProfile(rgb, PROFILES.p3)
const as = (bytes: Buffer, format: 'jpeg' | 'webp' | 'avif' | 'tiff', options = {}): Promise<Buffer> =>
  sharp(bytes)
    .keepIccProfile()
    .toFormat(format, { quality: 100, chromaSubsampling: '4:4:4', ...options })
    .toBuffer()

const renamed = (icc: Buffer, from: string, to: string): Buffer =>
  Buffer.from(icc.toString('latin1').replaceAll(from, to), 'latin1')

/** Pictures in Display P3, whose numbers are those above. */
export const IN_P3: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['a PNG', p3Png],
  ['a PNG with alpha', withProfile(rgba, PROFILES.p3)],
  ['a PNG of 16 bits', withProfile(deep, PROFILES.p3)],
  ['a PNG of 16 bits with alpha', withProfile(deepAlpha, PROFILES.p3)],
  [
    'a PNG with a palette',
    withProfile(await paint(3).png({ palette: true, dither: 0 }).toBuffer(), PROFILES.p3),
  ],
  ['a PNG by its code', addChunks(rgb, [['cICP', Buffer.of(12, 13, 0, 1)]])],
  ['a PNG with a profile of curves by points', withProfile(rgb, toPoints(PROFILES.p3))],
  ['a PNG of a profile of our own', withProfile(rgb, makeRgbProfile(DISPLAY_P3, SRGB))],
  ['a JPEG', await as(p3Png, 'jpeg')],
  ['a JPEG of half the colours', await as(p3Png, 'jpeg', { chromaSubsampling: '4:2:0' })],
  ['a WebP', await as(p3Png, 'webp', { lossless: true })],
  ['a WebP with alpha', await as(withProfile(rgba, PROFILES.p3), 'webp', { lossless: true })],
  ['an AVIF by its profile', await as(p3Png, 'avif')],
  ['a TIFF', await as(p3Png, 'tiff', { compression: 'lzw' })],
]

/** Others whose colours are wide, of each the profile. */
export const WIDE: readonly (readonly [name: string, bytes: Buffer])[] = (
  ['adobe', 'BT.2020', 'ProPhoto'] as const
).flatMap((name) => [
  [`${name} of 8 bits`, withProfile(rgb, PROFILES[name])],
  [`${name} of 16 bits`, withProfile(deep, PROFILES[name])],
])

/** Those that are sRGB, or taken for it. */
export const NOT_WIDE: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['nothing', rgb],
  ["sRGB's profile", withProfile(rgb, await readIcc('srgb'))],
  [
    "sRGB's profile by another name",
    withProfile(rgb, renamed(await readIcc('srgb'), 's\0R\0G\0B', 'P\x003\0 \0 ')),
  ],
  ["sRGB's profile on 16 bits", withProfile(deep, await readIcc('srgb'))],
  ['a profile of its primaries and another curve', withProfile(rgb, makeRgbProfile(BT_709, ADOBE_GAMMA))],
  [
    'the primaries of old televisions',
    withProfile(rgb, makeRgbProfile({ ...BT_709, red: [0.63, 0.34], green: [0.31, 0.595] }, SRGB)),
  ],
  [
    'the primaries of European televisions',
    withProfile(rgb, makeRgbProfile({ ...BT_709, green: [0.29, 0.6] }, SRGB)),
  ],
  ['a wide profile that is cut off', withProfile(rgb, PROFILES.p3.subarray(0, 460))],
  ['a wide profile of nothing but its head', withProfile(rgb, PROFILES.p3.subarray(0, 100))],
  ['a profile of CMYK', withProfile(rgb, await readIcc('cmyk'))],
  ['a profile of grey', withProfile(rgb, makeGreyProfile(SRGB))],
  ['grey with a wide profile', withProfile(await greyPng(), PROFILES.p3)],
  ['grey with one of its own', withProfile(await greyPng(), makeGreyProfile(ADOBE_GAMMA))],
  ['a profile with more tags than it is long', withProfile(rgb, overwrite(PROFILES.p3, 128, 0xffff_ffff))],
  ['a tag beyond the end', withProfile(rgb, overwrite(PROFILES.p3, 132 + 4 * 12 + 4, 0xffff_fff0))],
  ['a tag longer than a number', withProfile(rgb, overwrite(PROFILES.p3, 132 + 4 * 12 + 8, 0xffff_ffff))],
  ['a primary beyond all measure', withProfile(rgb, overwrite(PROFILES.p3, 388 + 8, 0x7fff_ffff))],
  ['a curve that is none', withProfile(rgb, overwrite(PROFILES.p3, 448 + 8, 0x0009_0000))],
  [
    'a curve that divides by nothing',
    withProfile(rgb, overwrite(overwrite(PROFILES.p3, 448 + 8, 0x0001_0000), 464, 0)),
  ],
]

const TURNED = makeRgbProfile({ ...BT_709, red: BT_709.green, green: BT_709.blue, blue: BT_709.red }, SRGB)
const inJpeg = await as(rgb, 'jpeg')
const withJpegProfile = (icc: Buffer): Buffer =>
  insertAtStart(inJpeg, toSegment(0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), icc])))

/** Profiles by which red would be green; browsers ignore them, but lcms obeys most. */
export const IGNORED: readonly (readonly [name: string, bytes: Buffer])[] = (
  [
    ['longer than it is', overwrite(TURNED, 0, TURNED.length + 4)],
    ['cut off within a tag', TURNED.subarray(0, -3)],
    ['with a tag beyond its length', overwrite(TURNED, 0, TURNED.length - 8)],
    ['of version 5', overwrite(TURNED, 8, 0x05000000)],
    ['without its signature', overwrite(TURNED, 36, 0)],
    ['of an unknown connection space', overwrite(TURNED, 20, 0)],
    ['of another white', overwrite(TURNED, 76, 0x00011700)],
    ['with a tag of two bytes', overwrite(TURNED, 132 + 6 * 12 + 8, 2)],
  ] as const
).flatMap(([name, icc]) => [
  [`a PNG with a profile ${name}`, withProfile(rgb, icc)],
  [`a PNG of 16 bits with a profile ${name}`, withProfile(deep, icc)],
  [`a JPEG with a profile ${name}`, withJpegProfile(icc)],
])

function greyPng(): Promise<Buffer> {
  return paint(3).toColourspace('b-w').png().toBuffer()
}

function overwrite(icc: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(icc)
  copy.writeUInt32BE(value, at)
  return copy
}

/** The same profile with its curves as 1,024 points. */
function toPoints(icc: Buffer): Buffer {
  const curve = Buffer.alloc(12 + 1024 * 2)
  curve.write('curv')
  curve.writeUInt32BE(1024, 8)
  for (let i = 0; i < 1024; i++) {
    const share = i / 1023
    const light = share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    curve.writeUInt16BE(Math.round(light * 65_535), 12 + i * 2)
  }
  const copy = Buffer.concat([icc, curve])
  copy.writeUInt32BE(copy.length, 0)
  for (let at = 132; at < 132 + icc.readUInt32BE(128) * 12; at += 12)
    if (copy.toString('latin1', at + 1, at + 4) === 'TRC') {
      copy.writeUInt32BE(icc.length, at + 4)
      copy.writeUInt32BE(curve.length, at + 8)
    }
  return copy
}
