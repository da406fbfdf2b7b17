import type { Chromaticity, Primaries, ToneCurve } from './icc-profile.ts'

/** Which colours the samples of a picture stand for. */
export interface Meaning {
  readonly primaries: Primaries
  readonly curve: ToneCurve
}

const D65: Chromaticity = [0.3127, 0.329]

/** The primaries of sRGB, used where a file says nothing. */
export const BT_709: Primaries = { white: D65, red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06] }

/** The primaries of Display P3. */
export const DISPLAY_P3: Primaries = {
  white: D65,
  red: [0.68, 0.32],
  green: [0.265, 0.69],
  blue: [0.15, 0.06],
}

/** The primaries of BT.2020 and BT.2100. */
export const BT_2020: Primaries = {
  white: D65,
  red: [0.708, 0.292],
  green: [0.17, 0.797],
  blue: [0.131, 0.046],
}

const SD_525: Primaries = { white: D65, red: [0.63, 0.34], green: [0.31, 0.595], blue: [0.155, 0.07] }
const ILLUMINANT_C: Chromaticity = [0.31, 0.316]

/** Of screens, television and film; not of XYZ (10). */
const PRIMARIES: Readonly<Record<number, Primaries>> = {
  1: BT_709,
  4: { white: ILLUMINANT_C, red: [0.67, 0.33], green: [0.21, 0.71], blue: [0.14, 0.08] },
  5: { white: D65, red: [0.64, 0.33], green: [0.29, 0.6], blue: [0.15, 0.06] },
  6: SD_525,
  7: SD_525,
  8: { white: ILLUMINANT_C, red: [0.681, 0.319], green: [0.243, 0.692], blue: [0.145, 0.049] },
  9: BT_2020,
  11: { ...DISPLAY_P3, white: [0.314, 0.351] },
  12: DISPLAY_P3,
  22: { white: D65, red: [0.63, 0.34], green: [0.295, 0.605], blue: [0.155, 0.077] },
}

/** From the code of ITU-T H.273; undefined for unknown ones. */
export const findPrimaries = (code = 0): Primaries | undefined => PRIMARIES[code]

const SRGB: ToneCurve = { kind: 'srgb' }

const CURVES: Readonly<Record<number, ToneCurve>> = {
  4: { kind: 'power', exponent: 2.2 },
  5: { kind: 'power', exponent: 2.8 },
  8: { kind: 'power', exponent: 1 },
  13: SRGB,
}

/** The curves of video. */
const VIDEO: ReadonlySet<number> = new Set([1, 6, 11, 14, 15])

/** How Chromium shows video's curves in a PNG, by the screens of studios (ITU-R BT.1886); in an AVIF it is as sRGB's. */
export const BT_1886: ToneCurve = { kind: 'power', exponent: 2.4 }

/**
 * From the codes of ITU-T H.273 for primaries and transfer; undefined for sRGB, for unknown codes, and for PQ
 * and HLG (`high-range.ts`). `video`: what the curves of video are shown as.
 */
export const findCodedMeaning = (
  primariesCode: number,
  transferCode: number,
  video: ToneCurve = SRGB,
): Meaning | undefined => {
  const curve = VIDEO.has(transferCode) ? video : CURVES[transferCode]
  const primaries = PRIMARIES[primariesCode]
  if (primaries === undefined || curve === undefined) return undefined
  return primaries === BT_709 && curve === SRGB ? undefined : { primaries, curve }
}
