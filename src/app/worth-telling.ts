import type { Transform } from '../core/transform.ts'
import type { Rendered } from '../render/port.ts'

/** How a file was made, where that is unusual. */
const howMade = ({ reached, way, instead }: Rendered) =>
  reached === undefined && way === undefined
    ? {}
    : {
        made: { ...(reached && { reached }), ...(way && { way }), ...(instead !== undefined && { instead }) },
      }

/** By how many bytes a file exceeds its transform's limit: PNG and GIF keep every pixel, even if the file is larger. */
const whatIsOver = ({ max }: Transform, { bytes }: Rendered): { readonly overBytes?: number } => {
  const overBytes = max === undefined ? 0 : bytes.length - max * 1000
  return overBytes > 0 ? { overBytes } : {}
}

/** What is told of a result besides its size. */
export const worthTelling = (transform: Transform, rendered: Rendered) => ({
  ...whatIsOver(transform, rendered),
  ...howMade(rendered),
})
