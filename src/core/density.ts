import type { Operations } from './operations.ts'
import { MAX_SIDE, type Resize } from './resize.ts'

/**
 * A density that may be reduced. imgproxy's `dpr` multiplies all lengths, but by no more than the picture can give:
 * otherwise it is reduced for all of them, so that a result keeps its composition. Only the picture tells by how much,
 * so `dpr` is a part of a transform wherever multiplied lengths would show something else.
 */
interface Dense extends Pick<Operations, 'dpr' | 'pad' | 'enlarge'> {
  readonly resize: Resize
}

/** The nearest density that a transform can have: four decimals, so an error of 0.01 pixels in 16,383 at most. */
export const toDpr = (density: number): number => Math.max(1, Math.round(density * 10_000)) / 10_000

/**
 * The same transform with its density multiplied into its lengths, where that shows the same of any picture and gives
 * whole numbers; otherwise the transform itself. A density of 1 is removed.
 */
export const foldDensity = <T extends Dense>(transform: T): T => {
  const { dpr } = transform
  if (dpr === undefined) return transform
  const isFolded = dpr === 1 || (!isBySource(transform) && lengthsOf(transform).every(isWholeAt(dpr)))
  return isFolded ? multiplyDensity(transform) : transform
}

/** A product with four decimals counts as whole if it is this near. */
const isWholeAt =
  (dpr: number) =>
  (length: number): boolean =>
    Math.abs(length * dpr - Math.round(length * dpr)) < 1e-6 && length * dpr <= MAX_SIDE

const lengthsOf = ({ resize, pad }: Dense): readonly number[] => [
  ...('width' in resize ? [resize.width] : []),
  ...('height' in resize ? [resize.height] : []),
  ...(pad ? [pad.top, pad.right, pad.bottom, pad.left] : []),
]

/**
 * The same with its density multiplied in, whatever it shows, rounded to whole numbers: how sites have their sizes
 * made.
 */
export const multiplyDensity = <T extends Dense>(transform: T): T => {
  const { dpr, ...rest } = transform
  if (dpr === undefined) return transform
  const { resize, pad } = transform
  const times = (length: number): number => Math.min(MAX_SIDE, Math.round(length * dpr))
  return {
    ...rest,
    resize: {
      ...resize,
      ...('width' in resize && { width: Math.max(1, times(resize.width)) }),
      ...('height' in resize && { height: Math.max(1, times(resize.height)) }),
    },
    ...(pad && {
      pad: { top: times(pad.top), right: times(pad.right), bottom: times(pad.bottom), left: times(pad.left) },
    }),
  } as T
}

/** Whether the effect of the density on the composition depends on the picture. */
const isBySource = ({ resize, pad, enlarge, dpr = 1 }: Dense): boolean => {
  const { kind } = resize
  if (kind === 'full' || enlarge) return kind === 'full'
  return (
    pad !== undefined ||
    kind === 'clip' ||
    kind === 'auto' ||
    kind === 'contain' ||
    (kind === 'down' && dpr < 1)
  )
}
