import { isSameSize } from '../core/geometry.ts'
import { colourIn, gamutOf } from './colours.ts'
import type { Drawing, Sheet } from './drawings.ts'
import { firstFrame, mapFrames, type Pixels } from './pixels.ts'

/** The master at a drawing's size, cropped: the only resampling, shared by all its formats. */
export const resample = async (master: Pixels, { scaled, crop, frames }: Drawing): Promise<Pixels> => {
  const picture = frames === 1 ? firstFrame(master) : master
  const [isScaled, isCropped] = [!isSameSize(scaled, picture), !isSameSize(crop, scaled)]
  if (!isScaled && !isCropped) return picture
  return mapFrames(picture, (frame) => {
    const whole = isScaled ? frame.resize(scaled.width, scaled.height, { fit: 'fill' }) : frame
    return isCropped ? whole.extract({ ...crop }) : whole
  })
}

/** The picture on its canvas, with the background, if any, behind padding and transparency. */
export const layOnCanvas = async (
  picture: Pixels,
  { canvas, offset, background }: Sheet,
): Promise<Pixels> => {
  const isPadded = !isSameSize(canvas, picture)
  const isFlattened = background !== undefined && picture.channels === 4
  if (!isPadded && !isFlattened) return picture
  const colour =
    background === undefined ? { r: 0, g: 0, b: 0, alpha: 0 } : colourIn(gamutOf(picture), background)
  return mapFrames(picture, (frame) => {
    const opaque = isFlattened ? frame.flatten({ background: colour }) : frame
    if (!isPadded) return opaque
    return opaque.extend({
      left: offset.left,
      top: offset.top,
      right: canvas.width - picture.width - offset.left,
      bottom: canvas.height - picture.height - offset.top,
      background: colour,
    })
  })
}
