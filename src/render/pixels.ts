import type { Sharp } from 'sharp'
import type { Size } from '../core/geometry.ts'
import { sharp } from './sharp.ts'

/**
 * Decoded pixels: 8 bits of sRGB or Display P3, alpha not premultiplied; frames of an animation are one below the
 * other.
 */
export interface Pixels extends Size {
  /** Undefined: sRGB. */
  readonly gamut?: 'p3'
  readonly samples: Buffer
  readonly channels: 3 | 4
  readonly frames: number
  /** By how many degrees a master is yet to be turned to the right ({@link resizeUpright}). */
  readonly turn?: Turn
}

/** Degrees to the right. */
export type Turn = 90 | 180 | 270

/** An upright size as it is before a turn, and the other way round. */
export const turnSize = ({ turn }: Pixels, { width, height }: Size): Size =>
  turn === 90 || turn === 270 ? { width: height, height: width } : { width, height }

/** A frame of `pixels` at an upright size, turned where that is yet to be done: of a smaller picture it costs less. */
export const resizeUpright = (frame: Sharp, pixels: Pixels, size: Size): Sharp => {
  const resized = frame.resize({ ...turnSize(pixels, size), fit: 'fill' })
  return pixels.turn === undefined ? resized : resized.rotate(pixels.turn)
}

/** The frames as one picture for an encoder. */
export const toSharp = ({ samples, width, height, channels, frames }: Pixels): Sharp =>
  sharp(samples, {
    raw: { width, height: height * frames, channels, ...(frames > 1 && { pageHeight: height }) },
    limitInputPixels: false,
  })

/**
 * The pixels after `step`, frame by frame. sharp would resample all frames of an animation as one picture, and
 * the edge of each frame would show a trace of the next one.
 */
export const mapFrames = async (pixels: Pixels, step: (frame: Sharp) => Sharp): Promise<Pixels> => {
  const { width, height, channels, frames, samples, gamut } = pixels
  const frameBytes = width * height * channels
  const done: Pixels[] = []
  for (let i = 0; i < frames; i++) {
    const frame = samples.subarray(i * frameBytes, (i + 1) * frameBytes)
    const made = await readPixels(step(toSharp({ ...pixels, samples: frame, frames: 1 })))
    done.push(gamut === undefined ? made : { ...made, gamut })
  }
  const [first] = done
  if (first === undefined) throw new Error('a picture without frames')
  if (frames === 1) return first
  return { ...first, frames, samples: Buffer.concat(done.map((frame) => frame.samples)) }
}

/** Runs a pipeline to its pixels; with a depth of `ushort`, two bytes are a sample. */
export const readPixels = async (pipeline: Sharp, depth: 'uchar' | 'ushort' = 'uchar'): Promise<Pixels> => {
  const { data, info } = await pipeline.raw({ depth }).toBuffer({ resolveWithObject: true })
  const frames = info.pages ?? 1
  const { width, height, channels } = info
  return {
    // A TIFF may have more (`ExtraSamples`).
    samples: channels > 4 ? pickChannels(data, { of: channels, keep: 4 }) : data,
    width,
    height: height / frames,
    channels: channels >= 4 ? 4 : 3,
    frames,
  }
}

/** Whether no pixel is transparent or translucent. */
export const isOpaque = (rgba: Uint8Array): boolean => {
  for (let alpha = 3; alpha < rgba.length; alpha += 4) if (rgba[alpha] !== 255) return false
  return true
}

/** A still picture without an alpha channel in which nothing shines through: it costs bytes, in AVIF a whole plane. */
export const dropOpaqueAlpha = (pixels: Pixels): Pixels => {
  const { samples, channels, frames } = pixels
  if (channels === 3 || frames > 1 || !isOpaque(samples)) return pixels
  return { ...pixels, channels: 3, samples: pickChannels(samples, { of: 4, keep: 3 }) }
}

/** An opaque still picture of sRGB that is grey, for an encoder that can say so; undefined where it is not that. */
export const toGreySharp = (pixels: Pixels): Sharp | undefined => {
  const { samples, channels, width, height, gamut } = pixels
  if (channels === 4 || gamut !== undefined) return undefined
  for (let at = 0; at < samples.length; at += 3)
    if (samples[at] !== samples[at + 1] || samples[at] !== samples[at + 2]) return undefined
  const raw = { width, height, channels: 1 } as const
  return sharp(pickChannels(samples, { of: 3, keep: 1 }), { raw, limitInputPixels: false }).toColourspace(
    'b-w',
  )
}

const pickChannels = (
  samples: Buffer,
  { of, keep }: { readonly of: number; readonly keep: number },
): Buffer => {
  const kept = Buffer.allocUnsafe((samples.length / of) * keep)
  for (let from = 0, to = 0; from < samples.length; from += of)
    for (let channel = 0; channel < keep; channel++) kept[to++] = samples[from + channel] ?? 0
  return kept
}

/** Only the first frame. */
export const firstFrame = (pixels: Pixels): Pixels => ({
  ...pixels,
  frames: 1,
  samples: pixels.samples.subarray(0, pixels.width * pixels.height * pixels.channels),
})
