import { contentTypeOf, type Format, RASTER_FORMATS } from '../core/format.ts'
import { sharp } from './sharp.ts'

/** The libraries that render, with their versions, and the formats that they cannot write. */
export interface Libraries {
  readonly sharp: string
  readonly libvips: string
  /** Whether libvips is the system's own instead of the one that sharp brings. */
  readonly isForeign: boolean
  readonly broken: readonly Format[]
}

/** Asks the libraries, and tries to write each format once. */
export const examineLibraries = async (): Promise<Libraries> => {
  const broken: Format[] = []
  for (const format of RASTER_FORMATS) if (!(await canWrite(format))) broken.push(format)
  return {
    sharp: sharp.versions.sharp ?? 'unknown',
    libvips: sharp.versions.vips,
    // sharp's own libvips names its codecs.
    isForeign: sharp.versions.webp === undefined,
    broken,
  }
}

const canWrite = async (format: Format): Promise<boolean> => {
  const blank = sharp({ create: { width: 8, height: 8, channels: 3, background: '#888' } })
  try {
    const name = contentTypeOf(format).slice('image/'.length)
    const { length } = await blank.toFormat(name as 'avif').toBuffer()
    return length > 0
  } catch {
    return false // a libvips that was built without this codec, which is the question
  }
}
