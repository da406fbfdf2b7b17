import type { Transform } from '../core/transform.ts'
import type { Rendered } from '../render/port.ts'

/** How a file came about, where that was not in the usual way. */
const howMade = ({ reached, way, instead }: Rendered) =>
  reached === undefined && way === undefined
    ? {}
    : {
        made: { ...(reached && { reached }), ...(way && { way }), ...(instead !== undefined && { instead }) },
      }

/** How far a file is above the most that its transform allows: PNG and GIF keep every pixel, whatever comes of it. */
const whatIsOver = ({ max }: Transform, { bytes }: Rendered): { readonly overBytes?: number } => {
  const overBytes = max === undefined ? 0 : bytes.length - max * 1000
  return overBytes > 0 ? { overBytes } : {}
}

/** What is said of a result besides its size. */
export const worthTelling = (transform: Transform, rendered: Rendered) => ({
  ...whatIsOver(transform, rendered),
  ...howMade(rendered),
})
