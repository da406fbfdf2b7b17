import type { EncoderOptions } from '../core/encoder.ts'
import type { Focus } from '../core/transform.ts'
import { findAttention, readRaster } from './attention.ts'
import { readMaster } from './decode.ts'
import { layOnCanvas, resample } from './draw.ts'
import { masterSize, planDrawings } from './drawings.ts'
import { encode } from './encode.ts'
import type { Header } from './header.ts'
import { findLikeness } from './likeness.ts'
import type { Likeness, OutputRequest, Rendered, RenderLimits, RenderReport } from './port.ts'

export interface Picture {
  readonly bytes: Uint8Array
  readonly header: Header
  readonly outputs: readonly OutputRequest[]
  readonly encoders: EncoderOptions
  readonly limits: RenderLimits
  readonly isPortrayed?: boolean
}

/**
 * Every output of one source, in steps that each do their work once: attend, decode, resample, lay, encode.
 * Between them only the master and one drawing are held. `checkStop` is called between steps and throws to end it.
 */
export const renderPicture = async (picture: Picture, checkStop: () => void): Promise<RenderReport> => {
  const { bytes, header, outputs } = picture
  const { attention, likeness } = await portray(picture)
  const { drawings, refused } = planDrawings({
    ...picture,
    facts: header.facts,
    ...(attention !== undefined && { attention }),
  })
  const made = new Map<number, Rendered>()
  if (drawings.length > 0) {
    checkStop()
    const frames = Math.max(...drawings.map((drawing) => drawing.frames))
    const master = await readMaster(bytes, header, { size: masterSize(drawings), frames })
    for (const drawing of drawings) {
      checkStop()
      const resampled = await resample(master, drawing)
      for (const sheet of drawing.sheets) {
        const laid = await layOnCanvas(resampled, sheet)
        for (const { encoding, outputs: places } of sheet.files) {
          checkStop()
          const rendered = await encode(laid, encoding, header)
          for (const place of places) made.set(place, rendered)
        }
      }
    }
  }
  return {
    facts: header.facts,
    ...(attention !== undefined && { attention }),
    ...(likeness !== undefined && { likeness }),
    outputs: outputs.map((_, place) => made.get(place) ?? refused.get(place) ?? missing(place)),
  }
}

/** What is found on the raster, as far as it is asked for. */
const portray = async ({
  outputs,
  bytes,
  header,
  isPortrayed,
}: Picture): Promise<{ readonly attention?: Focus; readonly likeness?: Likeness }> => {
  const isAsked = outputs.some(
    ({ transform: { resize } }) => resize.kind === 'cover' && resize.position === 'attention',
  )
  if (!isAsked && !isPortrayed) return {}
  const raster = await readRaster(bytes, header)
  const attention = await findAttention(raster)
  return isPortrayed ? { attention, likeness: await findLikeness(raster) } : { attention }
}

const missing = (place: number): never => {
  throw new Error(`output ${place} was neither made nor refused`)
}
