import { isSameSize, type PictureSize, type Size, wholePixels } from '../core/geometry.ts'
import { largestSize } from '../core/preparation.ts'
import type { PageSize } from './catalogue.ts'

/** One file that a browser may choose. Width and height are those of the result, in pixels. */
export interface Candidate extends Size {
  /** Its transform as in keys, without a version. */
  readonly text: string
  /** As in `srcset`: "640w", "2x"; "" where there is only one. */
  readonly descriptor: string
}

/** The candidates of a size for one original, and the size that the page reserves for them, in CSS pixels. */
export interface Choice {
  readonly candidates: readonly Candidate[]
  readonly display: Size
  /** Whether the browser chooses by width (`640w`), for which it needs `sizes`. */
  readonly hasWidths: boolean
}

/**
 * What a size offers of an original. Widths and densities are those of the results, which are never larger than
 * the original; of equal candidates only the first is kept. Never empty.
 */
export const listCandidates = (size: PageSize, picture: PictureSize, isPlaceKnown = false): Choice => {
  const results = size.transforms.map(({ transform, text, density }) => ({
    text,
    density,
    ...largestSize(transform, picture),
  }))
  const [first] = results
  if (first === undefined) throw new Error(`the size ${size.name} has no transform`)
  const distinct = results.filter(
    (result, index) => results.findIndex((other) => isSameSize(result, other)) === index,
  )
  const isDense = results.some(({ density }) => density !== 1)
  // Where the page says how wide it is shown, each is described by its width.
  const hasWidths = isPlaceKnown || isFluid(size)
  const display = isDense
    ? wholePixels({ width: first.width / first.density, height: first.height / first.density })
    : (distinct.at(-1) ?? first)
  return {
    hasWidths,
    display: { width: display.width, height: display.height },
    candidates: distinct.map(({ text, width, height }) => ({
      text,
      width,
      height,
      descriptor: hasWidths ? `${width}w` : isDense ? `${twoDigits(width / display.width)}x` : '',
    })),
  }
}

/** Whether pages show a size in varying widths: it is a list of widths, or says how wide it is shown. */
export const isFluid = ({ transforms, sizes }: PageSize): boolean =>
  sizes !== undefined || (transforms.length > 1 && transforms.every(({ density }) => density === 1))

const twoDigits = (number: number): number => Math.round(number * 100) / 100
