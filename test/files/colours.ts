import sharp from 'sharp'
import { makeGreyProfile } from '../../src/render/icc-profile.ts'
import { addChunks, toWords } from './png.ts'
import { withProfile } from './wide.ts'

const picture = sharp({
  create: { width: 20, height: 20, channels: 3, background: { r: 20, g: 50, b: 120 } },
})
const rgb = await picture.clone().png().toBuffer()
const grey = await picture.clone().toColourspace('b-w').png().toBuffer()
const deepGrey = await picture.clone().toColourspace('grey16').png().toBuffer()
const palette = await picture.clone().png({ palette: true }).toBuffer()
const deep = await picture.clone().toColourspace('rgb16').png().toBuffer()
const profiled = await picture.clone().withIccProfile('p3').png().toBuffer()

const LINEAR = ['gAMA', toWords(100_000)] as const
const SRGB_GAMMA = ['gAMA', toWords(45_455)] as const
const SRGB = ['cHRM', toWords(31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000)] as const
const P3 = ['cHRM', toWords(31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000)] as const

/** What PNGs say of their colours besides a profile. */
export const COLOURS: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['linear light', addChunks(rgb, [LINEAR])],
  ['linear light in grey', addChunks(grey, [LINEAR])],
  ['linear light in grey of 16 bits', addChunks(deepGrey, [LINEAR])],
  [
    'linear light of a profile in grey of 16 bits',
    withProfile(deepGrey, makeGreyProfile({ kind: 'power', exponent: 1 })),
  ],
  [
    "linear light of a curve of 14 bytes, as Photoshop's, in grey of 16 bits",
    withProfile(
      deepGrey,
      makeGreyProfile({ kind: 'tag', bytes: Buffer.from('curv\0\0\0\0\0\0\0\x01\x01\0', 'latin1') }),
    ),
  ],
  ['linear light in a palette', addChunks(palette, [LINEAR])],
  ['linear light of 16 bits', addChunks(deep, [LINEAR])],
  ['the gamma of old Macs', addChunks(rgb, [['gAMA', toWords(55_556)]])],
  ["sRGB's gamma", addChunks(rgb, [SRGB_GAMMA])],
  ["sRGB's gamma, nearly", addChunks(rgb, [['gAMA', toWords(45_000)]])],
  ['linear light and sRGB, which is believed', addChunks(rgb, [LINEAR, ['sRGB', Buffer.of(0)]])],
  ['linear light and a profile, which is believed', addChunks(profiled, [LINEAR])],
  ['wide primaries', addChunks(rgb, [SRGB_GAMMA, P3])],
  ["sRGB's primaries and gamma, as ImageMagick writes them", addChunks(rgb, [SRGB_GAMMA, SRGB])],
  ['wide primaries without a gamma', addChunks(rgb, [P3])],
  ['Display P3 by its code', addChunks(rgb, [['cICP', Buffer.of(12, 13, 0, 1)]])],
  ["old television's primaries by their code", addChunks(rgb, [['cICP', Buffer.of(6, 13, 0, 1)]])],
  ["digital cinema's white by its code", addChunks(rgb, [['cICP', Buffer.of(11, 13, 0, 1)]])],
  ["video's curve by its code, as FFmpeg writes", addChunks(rgb, [['cICP', Buffer.of(1, 1, 0, 1)]])],
  ['sRGB by its code, and a wide profile', addChunks(profiled, [['cICP', Buffer.of(1, 13, 0, 1)]])],
  ['sRGB by its code, and linear light', addChunks(rgb, [['cICP', Buffer.of(1, 13, 0, 1)], LINEAR])],
]
