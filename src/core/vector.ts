import { formatOfName } from './format.ts'
import type { Transform } from './transform.ts'

/**
 * The only result without pixels: the drawing of an SVG itself, checked and cleaned, with the ending `svg`. It has its
 * own size, which a page may change freely, so only one transform has it.
 */

/** Whether a source is a drawing, by the ending of its name only. */
export const isVectorSource = (source: string): boolean => formatOfName(source) === 'svg'

/** The transform of a source's drawing. The quality has no effect, but must be written. */
export const toVectorTransform = (quality: number): Transform => ({ resize: { kind: 'full' }, quality })

/** Whether the ending `svg` is possible for this source and transform: only with `full`, a quality and a version. */
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
 * The Content-Security-Policy of such a result. Nothing in it can run or load. If a browser should find a way that we
 * do not know, a page that shows it has no scripts and an origin of its own.
 */
export const VECTOR_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox"
