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

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  avif: 'image/avif',
  webp: 'image/webp',
  jpg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  svg: 'image/svg+xml',
}

/** The media type of a format (IANA). */
export const contentTypeOf = (format: Format): string => CONTENT_TYPES[format]

const ORIGINAL_BY_ENDING: ReadonlyMap<string, RasterFormat> = new Map([
  ['jpg', 'jpg'],
  ['jpeg', 'jpg'],
  ['jpe', 'jpg'],
  ['jfif', 'jpg'],
  ['png', 'png'],
  ['svg', 'png'],
  ['svgz', 'png'],
  ['gif', 'gif'],
  ['webp', 'webp'],
  ['avif', 'avif'],
])

/** What `original` means for a source: by the ending of its name, lower-cased, never by content; else jpg. */
export const originalFormatOf = (source: string): RasterFormat =>
  ORIGINAL_BY_ENDING.get(endingOf(source) ?? '') ?? 'jpg'

/** What follows the last dot of a source's name, lower-cased; undefined where there is none. */
export const endingOf = (source: string): string | undefined => {
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
export const canHoldAlpha = (format: RasterFormat): boolean => format !== 'jpg'

/** Whether the format can hold several frames as we write it (an animated AVIF we do not). */
export const canHoldFrames = (format: RasterFormat): boolean => format === 'gif' || format === 'webp'
