import { contentTypeOf, type Format, RASTER_FORMATS } from '../core/format.ts'
import { sharp } from './sharp.ts'

/** What renders, by name and version, and the formats that it cannot write. */
export interface Libraries {
  readonly sharp: string
  readonly libvips: string
  /** Whether libvips is the machine's own and not the one that sharp brings. */
  readonly isForeign: boolean
  readonly broken: readonly Format[]
}

/** Asks the libraries, and has each format written once. */
export const examineLibraries = async (): Promise<Libraries> => {
  const broken: Format[] = []
  for (const format of RASTER_FORMATS) if (!(await canWrite(format))) broken.push(format)
  return {
    sharp: sharp.versions.sharp ?? 'unknown',
    libvips: sharp.versions.vips,
    // sharp's own names its codecs.
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
    return false // a libvips that was built without the codec: what is asked here
  }
}
