/** A format that results are written in; the word is the key's ending. */
export type Format = (typeof FORMATS)[number]

/** A format of pixels. */
export type RasterFormat = (typeof RASTER_FORMATS)[number]

/** Every format of pixels, the most compact first. */
export const RASTER_FORMATS = ['avif', 'webp', 'jpg', 'png', 'gif'] as const

/** Every format; `svg` is the drawing itself, cleaned: see `core/vector.ts`. */
export const FORMATS = [...RASTER_FORMATS, 'svg'] as const

/** A format as configured: `original` stands for that of the source's name. */
export type FormatChoice = RasterFormat | 'original'

export const isFormat = (text: string): text is Format => (FORMATS as readonly string[]).includes(text)

/** What is known of a format, whoever encodes it. */
interface FormatRow {
  /** Where it is not `image/` and the format's own word (IANA). */
  readonly contentType?: string
  /** What names of such originals end in beside the format's own word, lower-cased. */
  readonly otherEndings?: readonly string[]
  /** It cannot hold transparency. */
  readonly isOpaque?: true
  /** It can hold several frames as we write it: an animated AVIF we do not. */
  readonly isAnimated?: true
}

const ROWS: Readonly<Record<Format, FormatRow>> = {
  avif: {},
  webp: { isAnimated: true },
  jpg: {
    isOpaque: true,
    contentType: 'image/jpeg',
    otherEndings: ['jpeg', 'jpe', 'jfif'],
  },
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

/** The format that a name's ending says, in letters of any case; undefined where it says none of ours. */
export const formatOfName = (name: string): Format | undefined => BY_ENDING.get(endingOf(name) ?? '')

/** What `original` means for a source: by the ending of its name, lower-cased, never by content; else jpg. */
export const originalFormatOf = (source: string): RasterFormat => {
  const format = formatOfName(source) ?? 'jpg'
  return format === 'svg' ? 'png' : format
}

/** What follows the last dot of a source's name, lower-cased; undefined where there is none. */
const endingOf = (source: string): string | undefined => {
  const name = source.slice(source.lastIndexOf('/') + 1)
  return name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : undefined
}

/** `choices` for one source, `original` resolved, each format once, in order of first mention. */
export const resolveFormats = <F extends Format>(
  choices: readonly (F | 'original')[],
  source: string,
): readonly (F | RasterFormat)[] => [
  ...new Set(choices.map((choice) => (choice === 'original' ? originalFormatOf(source) : choice))),
]

/** Whether the format can hold transparency. */
export const canHoldAlpha = (format: RasterFormat): boolean => !ROWS[format].isOpaque

/** Whether the format can hold several frames as we write it. */
export const canHoldFrames = (format: RasterFormat): boolean => ROWS[format].isAnimated ?? false
