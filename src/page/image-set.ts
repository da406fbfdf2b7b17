import { contentTypeOf, type Format } from '../core/format.ts'
import type { Choice } from './candidates.ts'

/**
 * The CSS value `image-set(…)` of some formats, the first of which is taken where a browser shows several. Densities
 * are those of a background `width` CSS pixels wide.
 */
export const formatImageSet = (
  { candidates }: Choice,
  {
    formats,
    width,
    toUrl,
  }: {
    readonly formats: readonly Format[]
    readonly width: number
    readonly toUrl: (transformText: string, format: Format) => string
  },
): string => {
  const options = formats.flatMap((format) =>
    candidates.map((candidate) => {
      const density = Math.round((candidate.width / width) * 100) / 100
      return `url("${toUrl(candidate.text, format)}") type("${contentTypeOf(format)}") ${density}x`
    }),
  )
  return `image-set(${options.join(', ')})`
}
