import { FORMATS, type Format } from '../core/format.ts'

/** A result that exists, or was made, with its transform as in keys. */
type SizedResult = Readonly<{ transform: string; format: Format; sizeBytes: number }>

/**
 * The formats of a picture, the smallest first, by the sum over the transforms that exist in all formats; empty where
 * there are none.
 */
export const orderFormats = (results: Iterable<SizedResult>): readonly Format[] => {
  const byTransform = new Map<string, Map<Format, number>>()
  const totals = new Map<Format, number>()
  for (const { transform, format, sizeBytes } of results) {
    const sizes = byTransform.get(transform) ?? new Map<Format, number>()
    byTransform.set(transform, sizes.set(format, sizeBytes))
    totals.set(format, 0)
  }
  for (const sizes of byTransform.values())
    if (sizes.size === totals.size)
      for (const [format, sizeBytes] of sizes) totals.set(format, (totals.get(format) ?? 0) + sizeBytes)
  const order = [...totals].sort(
    ([one, a], [other, b]) => a - b || FORMATS.indexOf(one) - FORMATS.indexOf(other),
  )
  return order.some(([, total]) => total === 0) ? [] : order.map(([format]) => format)
}

/**
 * The formats that a page offers, in the order in which a browser takes the first that it supports: the smallest first,
 * and none larger than `fallback`, which every browser shows. Unchanged where the size of one of them is not known.
 */
export const offerFormats = (
  formats: readonly Format[],
  fallback: Format,
  smallest: readonly Format[] = [],
): readonly Format[] => {
  const known = smallest.filter((format) => formats.includes(format))
  if (known.length < formats.length) return formats
  return known.slice(0, known.indexOf(fallback) + 1)
}
