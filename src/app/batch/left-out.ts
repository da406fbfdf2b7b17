/**
 * Pictures of cameras and drawing programs, rarely left out on purpose, as favicon.ico is. Lower-case endings.
 */
const ENDINGS = new Set(
  'heic heif hif bmp psd psb jxl jp2 j2k jpx svgz dng cr2 cr3 nef arw orf raf rw2 raw xcf eps ai tga dds exr'.split(
    ' ',
  ),
)

/** The same endings as a list. */
export const LEFT_OUT_ENDINGS: readonly string[] = [...ENDINGS]

/** The ending of a picture of a kind that is left out by default; undefined for any other file. */
export const findLeftOutKind = (name: string): string | undefined => {
  const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase()
  return ending !== undefined && ENDINGS.has(ending) ? ending : undefined
}
