import type { Transform } from './transform.ts'

/** A format that results are written in; the word is the key's ending. */
export type Format = (typeof FORMATS)[number]

/** A format of pixels. */
export type RasterFormat = (typeof RASTER_FORMATS)[number]

/** Every format of pixels, the most compact first. */
export const RASTER_FORMATS = ['avif', 'webp', 'jpg', 'png', 'gif'] as const

/** Every format; `svg` is the drawing itself, cleaned: see {@link isVectorVariant}. */
export const FORMATS = [...RASTER_FORMATS, 'svg'] as const

/** A format in the configuration; `original` means the one that the source's name ends in. */
export type FormatChoice = RasterFormat | 'original'

/** Whether a text is the word of a format. */
export const isFormat = (text: string): text is Format => (FORMATS as readonly string[]).includes(text)

interface FormatRow {
  /** Where it differs from `image/` and the format's word (IANA). */
  readonly contentType?: string
  /** Other endings of such originals' names, in lower case. */
  readonly otherEndings?: readonly string[]
  /** It cannot hold transparency. */
  readonly isOpaque?: true
  /** It can hold several frames as we write it; an animated AVIF is never written. */
  readonly isAnimated?: true
}

const ROWS: Readonly<Record<Format, FormatRow>> = {
  avif: {},
  webp: { isAnimated: true },
  jpg: { isOpaque: true, contentType: 'image/jpeg', otherEndings: ['jpeg', 'jpe', 'jfif'] },
  png: {},
  gif: { isAnimated: true },
  svg: { contentType: 'image/svg+xml', otherEndings: ['svgz'] },
}

/** The media type of a format (IANA). */
export const contentTypeOf = (format: Format): string => ROWS[format].contentType ?? `image/${format}`

const BY_ENDING: ReadonlyMap<string, Format> = new Map(
  FORMATS.flatMap((format) =>
    [format, ...(ROWS[format].otherEndings ?? [])].map((ending) => [ending, format] as const),
  ),
)

/** The format that a name ends in, in any letter case; undefined for other endings. */
export const formatOfName = (name: string): Format | undefined => BY_ENDING.get(endingOf(name) ?? '')

/** What `original` means for a source: decided by the ending of its name, never by content; jpg for other endings. */
export const originalFormatOf = (source: string): RasterFormat => {
  const format = formatOfName(source) ?? 'jpg'
  return format === 'svg' ? 'png' : format
}

/** The endings of names for which `original` means this format. */
export const listOriginalEndings = (format: RasterFormat): readonly string[] =>
  [...BY_ENDING.keys()].filter((ending) => originalFormatOf(`a.${ending}`) === format)

/** The part after the last dot of a source's name, in lower case; undefined where there is no dot. */
const endingOf = (source: string): string | undefined => {
  const name = source.slice(source.lastIndexOf('/') + 1)
  return name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : undefined
}

/** `choices` for one source: `original` resolved, each format once, in order of first mention. */
export const resolveFormats = <F extends Format>(
  choices: readonly (F | 'original')[],
  source: string,
): readonly (F | RasterFormat)[] => [
  ...new Set(choices.map((choice) => (choice === 'original' ? originalFormatOf(source) : choice))),
]

/** Formats whose files look worse the smaller they are. */
export type LossyFormat = Exclude<RasterFormat, 'png' | 'gif'>

/** Whether a format loses detail. */
export const isLossy = (format: Format): format is LossyFormat =>
  format !== 'png' && format !== 'gif' && format !== 'svg'

/** Whether the format can hold transparency. */
export const canHoldAlpha = (format: RasterFormat): boolean => !ROWS[format].isOpaque

/** Whether the format can hold several frames as we write it. */
export const canHoldFrames = (format: RasterFormat): boolean => ROWS[format].isAnimated ?? false

/**
 * The only result without pixels: the drawing of an SVG itself, checked and cleaned, with the ending `svg`. It has its
 * own size, which a page may change freely, so only one transform has it.
 */

/** Whether a source is a drawing, by the ending of its name only. */
export const isVectorSource = (source: string): boolean => formatOfName(source) === 'svg'

/** The transform of a source's drawing. The quality has no effect, but must be written. */
export const toVectorTransform = (quality: number): Transform => ({ resize: { kind: 'full' }, quality })

/** Whether the ending `svg` is possible for this source and transform: only with `full`, a quality and a version. */
export const isVectorVariant = (variant: {
  readonly source: string
  readonly transform: Transform
}): boolean => {
  const { resize, quality: _, version: __, ...rest } = variant.transform
  return resize.kind === 'full' && Object.keys(rest).length === 0 && isVectorSource(variant.source)
}

/**
 * The Content-Security-Policy of such a result. Nothing in it can run or load. If a browser should find a way that we
 * do not know, a page that shows it has no scripts and an origin of its own.
 */
export const VECTOR_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox"
