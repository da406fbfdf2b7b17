import { DEFAULT_ENCODERS } from '../../src/config/defaults.ts'
import type { EncoderOptions } from '../../src/core/encoder.ts'
import { QUICKEST } from '../../src/render/encode.ts'

/** The quickest of every encoder: for tests that look at what is shown. */
export const QUICK: EncoderOptions = {
  ...QUICKEST,
  jpeg: { mozjpeg: false },
  png: { compressionLevel: 1 },
  gif: { effort: 1 },
}

const { avif, webp, jpeg } = DEFAULT_ENCODERS

/** The usual options, but for the search of numbers. */
export const UNSEARCHED: EncoderOptions = {
  ...DEFAULT_ENCODERS,
  avif: { effort: avif.effort },
  webp: { effort: webp.effort },
  jpeg: { mozjpeg: jpeg.mozjpeg },
}
