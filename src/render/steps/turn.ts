import type { Flip, Turn } from '../../core/operations.ts'
import { mapFrames, type Pixels } from '../pixels.ts'

/** The picture turned clockwise. */
export const rotate = (picture: Pixels, degrees: Turn): Promise<Pixels> =>
  mapFrames(picture, (frame) => frame.rotate(degrees))

/** The picture mirrored: `h` swaps left and right. */
export const flip = (picture: Pixels, how: Flip): Promise<Pixels> =>
  mapFrames(picture, (frame) => frame.flop(how.includes('h')).flip(how.includes('v')))
