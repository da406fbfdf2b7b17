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

const PRIMARIES: Readonly<Record<number, Primaries>> = { 1: BT_709, 9: BT_2020, 12: DISPLAY_P3 }

/** From the code of ITU-T H.273; undefined for others than those of screens. */
export const findPrimaries = (code = 0): Primaries | undefined => PRIMARIES[code]

const SRGB: ToneCurve = { kind: 'srgb' }

/** Those of video (1, 6, 14, 15) are shown as sRGB's. */
const CURVES: Readonly<Record<number, ToneCurve>> = {
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
 * From the codes of ITU-T H.273 for primaries and transfer; undefined for sRGB, for unknown codes, and for PQ
 * and HLG (`high-range.ts`).
 */
export const findCodedMeaning = (primariesCode: number, transferCode: number): Meaning | undefined => {
  const [primaries, curve] = [PRIMARIES[primariesCode], CURVES[transferCode]]
  if (primaries === undefined || curve === undefined) return undefined
  return primaries === BT_709 && curve === SRGB ? undefined : { primaries, curve }
}
