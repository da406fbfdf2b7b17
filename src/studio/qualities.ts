import type { OverridePatch } from '../app/studio/protocol.ts'
import type { Override } from '../core/override.ts'

/**
 * Sets a quality of one picture in `size`, or in every size (``): then also where a size has one of its own, which
 * would take precedence. `null` takes it away, but not those.
 */
export const toQualityPatch = (override: Override, size: string, quality: number | null): OverridePatch => {
  if (size !== '') return { sizes: { [size]: { quality } } }
  const own = Object.keys(override.sizes ?? {}).filter((name) => qualityIn(override, name) !== undefined)
  return {
    quality,
    ...(quality !== null &&
      own.length > 0 && { sizes: Object.fromEntries(own.map((name) => [name, { quality }])) }),
  }
}

/** The quality that is set of one picture in `size`, or in every size (``). */
export const qualityIn = ({ quality, sizes }: Override, size: string): number | undefined =>
  size === '' ? quality : sizes?.[size]?.quality

const FIELD = /\.q([0-9]+)/

/** The quality of a transform as in keys. */
export const qualityOf = (transform: string): number | undefined => {
  const [, quality] = FIELD.exec(transform) ?? []
  return quality === undefined ? undefined : Number(quality)
}

/** A transform, as in keys, at another quality. */
export const withQuality = (transform: string, quality: number): string =>
  transform.replace(FIELD, `.q${quality}`)
