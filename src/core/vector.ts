import { formatOfName } from './format.ts'
import type { Transform } from './transform.ts'

/**
 * The one result that is no pixels: of an SVG the drawing itself, checked and cleaned, under the ending `svg`. It is
 * the picture at its own size, whatever a page makes of that, so that no other transform has it.
 */

/** Whether a source is a drawing, by the ending of its name alone. */
export const isVectorSource = (source: string): boolean => formatOfName(source) === 'svg'

/** The transform of a source's drawing; a quality says nothing of it, and is written all the same. */
export const toVectorTransform = (quality: number): Transform => ({ resize: { kind: 'full' }, quality })

/** Whether the ending `svg` goes with this source and transform: with `full`, a quality and a version alone. */
export const isVectorVariant = ({
  source,
  transform,
}: {
  readonly source: string
  readonly transform: Transform
}): boolean => {
  const { resize, quality: _, version: __, ...rest } = transform
  return resize.kind === 'full' && Object.keys(rest).length === 0 && isVectorSource(source)
}

/**
 * What browsers are told of such a result (Content-Security-Policy). Nothing in it runs or fetches; where a browser
 * knows a way that we do not, opened as a page it is one without scripts, of an origin of its own.
 */
export const VECTOR_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox"
