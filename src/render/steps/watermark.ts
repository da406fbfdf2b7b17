import type { Size } from '../../core/geometry.ts'
import { toFocus } from '../../core/position.ts'
import { gamutOf, toGamut } from '../colours.ts'
import { mapFrames, type Pixels, readPixels } from '../pixels.ts'
import type { Watermark } from '../port.ts'
import { DECODING, sharp } from '../sharp.ts'

/** The picture with the watermark on every frame; transparent pixels stay so elsewhere. */
export const layWatermark = async (picture: Pixels, watermark: Watermark): Promise<Pixels> => {
  const mark = toGamut(await readMark(watermark, picture), gamutOf(picture))
  const { width, height, channels } = mark
  const at = toFocus(watermark.position)
  const layer = {
    input: fade(mark, watermark.opacity),
    raw: { width, height, channels },
    left: Math.round(((picture.width - width) * at.x) / 1000),
    top: Math.round(((picture.height - height) * at.y) / 1000),
  }
  return mapFrames(picture, (frame) => {
    const marked = frame.composite([layer])
    return picture.channels === 3 ? marked.removeAlpha() : marked
  })
}

/** `scale`: the share of the picture that the watermark may fill, 0 for its own size; never larger than the picture. */
const readMark = ({ bytes, scale }: Watermark, picture: Size): Promise<Pixels> => {
  const part = scale === 0 ? 1 : scale
  return readPixels(
    sharp(bytes, DECODING)
      .toColourspace('srgb')
      .ensureAlpha()
      .resize(side(picture.width * part), side(picture.height * part), {
        fit: 'inside',
        withoutEnlargement: scale === 0,
      }),
  )
}

const side = (pixels: number): number => Math.max(1, Math.round(pixels))

const fade = ({ samples }: Pixels, opacity: number): Buffer => {
  const faded = Buffer.from(samples)
  for (let alpha = 3; alpha < faded.length; alpha += 4)
    faded[alpha] = Math.round((faded[alpha] ?? 0) * opacity)
  return faded
}
