import { photo } from '../render/support.ts'
import { makeExif } from './exif.ts'
import { insertAtStart, toExifSegment, toSegment } from './jpeg.ts'
import { PROFILES } from './wide.ts'

const inks = await photo(96, 64).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer()
const withProfile = (icc: Buffer): Buffer =>
  insertAtStart(inks, toSegment(0xe2, Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), icc])))

/** JPEGs of four inks whose colours no profile says. */
export const PLAIN_INKS: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['a CMYK JPEG', inks],
  ['a CMYK JPEG that is turned', insertAtStart(inks, toExifSegment(makeExif(6)))],
  ['a CMYK JPEG with the profile of a screen', withProfile(PROFILES.p3)],
  ['a CMYK JPEG with a profile that is cut off', withProfile(PROFILES.p3.subarray(0, 200))],
]
