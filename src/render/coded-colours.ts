import type { Chromaticity, Curve, Primaries } from './icc-profile.ts'

/** What the samples of a picture mean. */
export interface Meaning {
  readonly primaries: Primaries
  readonly curve: Curve
}

const D65: Chromaticity = [0.3127, 0.329]

/** sRGB's, and what goes without saying. */
export const BT_709: Primaries = { white: D65, red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06] }

export const DISPLAY_P3: Primaries = {
  white: D65,
  red: [0.68, 0.32],
  green: [0.265, 0.69],
  blue: [0.15, 0.06],
}

const PRIMARIES: Readonly<Record<number, Primaries>> = {
  1: BT_709,
  9: { white: D65, red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046] },
  12: DISPLAY_P3,
}

const SRGB: Curve = { kind: 'srgb' }

/** That of video (1, 6, 14, 15) is shown as sRGB's. */
const CURVES: Readonly<Record<number, Curve>> = {
  1: SRGB,
  4: { kind: 'power', exponent: 2.2 },
  5: { kind: 'power', exponent: 2.8 },
  6: SRGB,
  8: { kind: 'power', exponent: 1 },
  13: SRGB,
  14: SRGB,
  15: SRGB,
}

/**
 * By the codes of ITU-T H.273 for primaries and transfer; undefined where that is sRGB, or not known. Not covered: PQ
 * and HLG (16, 18), which browsers show each in its own way.
 */
export const findCodedMeaning = (primariesCode: number, transferCode: number): Meaning | undefined => {
  const [primaries, curve] = [PRIMARIES[primariesCode], CURVES[transferCode]]
  if (primaries === undefined || curve === undefined) return undefined
  return primaries === BT_709 && curve === SRGB ? undefined : { primaries, curve }
}
