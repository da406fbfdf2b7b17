import readExif from 'exif-reader'

/** Who made the picture and who may use it: all that is kept of a source's metadata. */
export interface Credit {
  readonly copyright?: string
  readonly artist?: string
}

/** Copyright and Artist of an EXIF block; empty where it has neither or cannot be read. */
export const readCredit = (exif: Buffer | undefined): Credit => {
  if (exif === undefined) return {}
  const { Copyright, Artist } = parseExif(exif)
  return {
    ...(isText(Copyright) && { copyright: clean(Copyright) }),
    ...(isText(Artist) && { artist: clean(Artist) }),
  }
}

/** The same as sharp's `withExif` takes it; undefined where there is nothing to write. */
export const toExif = ({ copyright, artist }: Credit) =>
  copyright === undefined && artist === undefined
    ? undefined
    : {
        IFD0: {
          ...(copyright !== undefined && { Copyright: copyright }),
          ...(artist !== undefined && { Artist: artist }),
        },
      }

// A camera's broken EXIF is no reason to refuse its picture, and exif-reader throws plain Errors of many kinds.
const parseExif = (exif: Buffer): { readonly Copyright?: unknown; readonly Artist?: unknown } => {
  try {
    return readExif(exif).Image ?? {}
  } catch {
    return {}
  }
}

const isText = (value: unknown): value is string => typeof value === 'string' && clean(value) !== ''

// EXIF ends its text with NUL and separates the photographer's from the editor's copyright with another.
const clean = (text: string): string =>
  text
    .replace(/\0+$/, '')
    .replaceAll('\0', '; ')
    .replaceAll(/[\u0000-\u001f\u007f]/g, ' ')
    .trim()
    .slice(0, 1000)
