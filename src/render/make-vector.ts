import { wholePixels } from '../core/geometry.ts'
import { Problem } from '../core/problem.ts'
import type { Rendered, ResultFacts } from './port.ts'
import { type CleanSvg, cleanSvg, svgUnsafe } from './svg/clean-svg.ts'

/** The vector of a source, to be served; a Problem where the source is no drawing, or one that does more than show. */
export const toVector = (svg: CleanSvg | undefined): Rendered | Problem => {
  if (svg === undefined)
    return new Problem('not-a-vector', 'The picture is no drawing, though its name says so.', {
      hint: 'Give it the ending of its real format.',
    })
  if (svg.hazard !== undefined)
    return new Problem('vector-unsafe', `The drawing is not served as a vector: it ${svg.hazard}.`, {
      hint: 'Save it without that, or let sizes draw it: draw: true.',
    })
  return { bytes: new Uint8Array(Buffer.from(svg.vector)), ...wholePixels(svg.size) }
}

/** The facts of a stored vector; rejects with `svg-unsafe` where cleaning would change it. */
export const checkVector = (bytes: Uint8Array): ResultFacts => {
  const svg = cleanSvg(bytes)
  if (Buffer.compare(Buffer.from(svg.vector), bytes) !== 0) throw svgUnsafe('is not as it was cleaned')
  return { mediaFormat: 'svg', ...wholePixels(svg.size) }
}
