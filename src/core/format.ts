/** A format that results are written in; the word is the key's ending. */
export type Format = (typeof FORMATS)[number]

/** Every format, the most compact first. */
export const FORMATS = ['avif', 'webp', 'jpg', 'png', 'gif'] as const

/** A format as configured: `original` stands for that of the source's name. */
export type FormatChoice = Format | 'original'

export const isFormat = (text: string): text is Format => (FORMATS as readonly string[]).includes(text)

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  avif: 'image/avif',
  webp: 'image/webp',
  jpg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
}

/** The media type of a format (IANA). */
export const contentTypeOf = (format: Format): string => CONTENT_TYPES[format]

const ORIGINAL_BY_ENDING: ReadonlyMap<string, Format> = new Map([
  ['jpg', 'jpg'],
  ['jpeg', 'jpg'],
  ['jpe', 'jpg'],
  ['jfif', 'jpg'],
  ['png', 'png'],
  ['svg', 'png'],
  ['gif', 'gif'],
  ['webp', 'webp'],
  ['avif', 'avif'],
])

/** What `original` means for a source: by the ending of its name, lower-cased, never by content; else jpg. */
export const originalFormatOf = (source: string): Format => {
  const name = source.slice(source.lastIndexOf('/') + 1)
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  return (name.includes('.') ? ORIGINAL_BY_ENDING.get(ending) : undefined) ?? 'jpg'
}

/** `choices` for one source, `original` resolved, each format once, in order of first mention. */
export const resolveFormats = (choices: readonly FormatChoice[], source: string): readonly Format[] => [
  ...new Set(choices.map((choice) => (choice === 'original' ? originalFormatOf(source) : choice))),
]

/** Whether the format can hold transparency. */
export const canHoldAlpha = (format: Format): boolean => format !== 'jpg'

/** Whether the format can hold several frames as we write it (an animated AVIF we do not). */
export const canHoldFrames = (format: Format): boolean => format === 'gif' || format === 'webp'
