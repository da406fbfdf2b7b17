import type { EncoderOptions } from '../core/encoder.ts'
import type { EncodersInput } from './encoders-schema.ts'
import type { Faults } from './faults.ts'

/** `under`, changed by `given`; contradicting options are collected as faults. */
export const readEncoders = (
  given: EncodersInput = {},
  { under, path, faults }: { readonly under: EncoderOptions; readonly path: string; readonly faults: Faults },
): EncoderOptions => {
  const merged = mergeEncoders(under, given)
  if (given.jpeg?.progressive === false && merged.jpeg.mozjpeg)
    faults.add({
      path: `${path}.jpeg.progressive`,
      found: 'false beside mozjpeg, whose files are always progressive',
      allowed: 'true, or mozjpeg: false as well',
    })
  return merged
}

/**
 * `under`, changed by `over`, option by option. Defaults of the encoder are left out: equal results have equal
 * recipes.
 */
export const mergeEncoders = (under: EncoderOptions, over: EncodersInput): EncoderOptions => {
  const mozjpeg = over.jpeg?.mozjpeg ?? under.jpeg.mozjpeg
  const progressive = over.jpeg?.progressive ?? under.jpeg.progressive ?? true
  const compressionLevel = over.png?.compressionLevel ?? under.png.compressionLevel
  const lossless = over.webp?.lossless ?? under.webp.lossless
  const palette = over.png?.palette ?? under.png.palette
  const gifEffort = over.gif?.effort ?? under.gif.effort
  const searchOf = (format: 'avif' | 'webp' | 'jpeg') =>
    (over[format]?.search ?? under[format].search) ? ({ search: true } as const) : {}
  return {
    avif: { effort: over.avif?.effort ?? under.avif.effort, ...searchOf('avif') },
    webp: {
      effort: over.webp?.effort ?? under.webp.effort,
      ...searchOf('webp'),
      ...(lossless === false && { lossless }),
    },
    jpeg: { mozjpeg, ...(!mozjpeg && !progressive && { progressive }), ...searchOf('jpeg') },
    png: {
      ...(compressionLevel !== undefined && { compressionLevel }),
      ...(palette !== undefined && palette !== 'exact' && { palette }),
    },
    gif: gifEffort === undefined ? {} : { effort: gifEffort },
  }
}
