import type { Format } from '../core/format.ts'
import type { PictureSize } from '../core/geometry.ts'
import type { Focus } from '../core/transform.ts'

/** What markup needs to know of an original. */
export interface ImageFacts extends PictureSize {
  /** What the bytes are: jpeg, png, webp, avif, gif, tiff, svg, bmp, ico. */
  readonly mediaFormat?: string
  readonly isAnimated?: boolean
  /** Ten hex digits that change with its bytes: the version in keys. */
  readonly version?: string
  /** A ThumbHash, its bytes in base64. */
  readonly thumbhash?: string
  /** The dominant colour: six hex digits. */
  readonly colour?: string
  /** The point that attracts the eye. */
  readonly focus?: Focus
  /** The formats that it is made in, the smallest first, where this is known and differs from the configured order. */
  readonly smallest?: readonly Format[]
}
