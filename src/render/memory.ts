import type { Size } from '../core/geometry.ts'
import { type DrawingRequest, masterSize, planDrawings } from './drawings.ts'
import type { Header } from './header.ts'

/**
 * How many bytes a render will hold at its worst, told from the header: the source as its decoder may hold it
 * whole (progressive JPEG, WebP, AVIF, turned pictures; others stream and take less), the master, and the largest
 * drawing with what an encoder needs beside it.
 */
export const predictRenderBytes = (header: Header, request: DrawingRequest, sourceBytes: number): number => {
  const { facts } = header
  const { drawings } = planDrawings(request)
  const frames = Math.max(1, ...drawings.map((drawing) => drawing.frames))
  const master = facts.frames > 1 ? facts : masterSize(drawings)
  const decoded = facts.isScalable ? 0 : area(facts) * frames * header.channels * header.sampleBytes
  const largest = Math.max(
    0,
    ...drawings.flatMap(({ crop, sheets, frames }) =>
      sheets.map(({ canvas }) => (area(crop) + area(canvas) * (1 + ENCODER_COPIES)) * frames),
    ),
  )
  return sourceBytes + decoded + (area(master) * frames + largest) * RGBA
}

/** The same for a check, which decodes and keeps a row. */
export const predictCheckBytes = ({ facts, channels, sampleBytes }: Header, sourceBytes: number): number =>
  sourceBytes + area(facts) * facts.frames * channels * sampleBytes

const RGBA = 4

// To be measured.
const ENCODER_COPIES = 3

const area = ({ width, height }: Size): number => width * height
