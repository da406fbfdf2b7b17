import { isSameSize, type Size, wholePixels } from '../core/geometry.ts'
import type { Focus } from '../core/transform.ts'
import { toGamut } from './colours.ts'
import { openPipeline, type ReadableHeader, readShown } from './decode.ts'
import { firstFrame, type Pixels, readPixels, resizeUpright, toSharp, turnSize } from './pixels.ts'
import type { Header } from './port.ts'
import { orUnreadable } from './unreadable.ts'
import { instantiate, lazily, loadModule } from './wasm.ts'

const RASTER_SIDE = 256

/**
 * The upright picture reduced to fit 256 × 256, in sRGB. Always made directly from the source, never from what the
 * sizes happen to need, so that what is found on it is the same for every size, density and path. This second decode is
 * at a fraction of the size, where the format allows it.
 */
export const readRaster = (bytes: Uint8Array, header: ReadableHeader): Promise<Pixels> =>
  readShown(
    openPipeline(bytes, { ...header, colours: undefined }).resize(RASTER_SIDE, RASTER_SIDE, {
      fit: 'inside',
      withoutEnlargement: !header.facts.isScalable,
    }),
    header,
  ).catch(orUnreadable(bytes))

/** The reductions of a source that exist so far. */
export interface Reductions {
  /** The smallest one that is much larger than `size`, else the largest. */
  find(size: Size): Pixels
}

/**
 * Nearly the same, made from what the sizes needed anyway, for uses that need not be exact: a second decode of a large
 * picture costs a fifth of all its results. Undefined where all reductions are too small.
 */
export const reduceToRaster = async (
  reductions: Reductions,
  { facts: { width, height, isScalable } }: Header,
): Promise<Pixels | undefined> => {
  const scale = Math.min(RASTER_SIDE / width, RASTER_SIDE / height, isScalable ? Infinity : 1)
  const size = wholePixels({ width: width * scale, height: height * scale })
  const found = reductions.find(size)
  const { width: across, height: down } = turnSize(found, found)
  if (across < size.width || down < size.height) return undefined
  const { gamut } = found
  const reduced = await readPixels(resizeUpright(toSharp(firstFrame(found)), found, size))
  return toGamut({ ...reduced, ...(gamut && { gamut }) }, 'srgb')
}

/** The point of a source that attracts the eye: the middle of the grid cell that `saliency.ts` finds on its raster. */
export const findAttention = (raster: Pixels): Focus => {
  const { width, height } = raster
  // The size of the shown part decides what counts as one thing: here half of the longer side, for every transform.
  const half =
    width >= height ? { width: Math.ceil(width / 2), height } : { width, height: Math.ceil(height / 2) }
  if (isSameSize(half, raster)) return CENTRE
  const cell = saliency().find({ width, height, samples: flatten(raster) }, half)
  return { x: toPerMille(cell.x), y: toPerMille(cell.y) }
}

/** Without alpha: transparent pixels become grey, whatever colour they have. */
const flatten = ({ samples, channels }: Pixels): Uint8Array => {
  if (channels === 3) return samples
  const flat = new Uint8Array((samples.length / 4) * 3)
  for (let from = 0, to = 0; from < samples.length; from += 4, to += 3) {
    const alpha = (samples[from + 3] ?? 0) / 255
    for (let c = 0; c < 3; c++)
      flat[to + c] = Math.round((samples[from + c] ?? 0) * alpha + GREY * (1 - alpha))
  }
  return flat
}

const GREY = 128

const CENTRE: Focus = { x: 500, y: 500 }

const toPerMille = (cell: number): number => Math.round(((cell + 0.5) / GRID) * 1000)

/** 8-bit sRGB, three bytes per pixel, row by row. */
export interface Raster extends Size {
  readonly samples: Uint8Array
}

/** The number of cells per side, whatever the picture's proportions. */
export const GRID = 32
const LONGEST_SIDE = 256

/** What `wasm/saliency.ts` exports. */
interface Kernel {
  readonly RASTER: { readonly value: number }
  find(width: number, height: number, sigma: number): number
}

/** Finds which point of a small picture attracts the eye. Loads the module; it has memory of its own. */
export const openSaliency = () => {
  const { kernel, memory } = instantiate<Kernel>(loadModule('#saliency'))
  return {
    /**
     * The cell in a grid of 32 × 32, counted from the left and the top, that should be the middle of a part of the size
     * `crop`. No side of `raster` may be longer than 256 pixels.
     *
     * Skin, saturation and edges are scored and blurred as libvips's smartcrop does (`interesting: attention`). That
     * sets up some hundred operations for these thousand cells and takes 4 to 13 ms; this takes 0.05 to 0.2. The cells
     * are the same, except for ties, and for rasters with one side below 20 pixels and the other long.
     */
    find: ({ width, height, samples }: Raster, crop: Size): { readonly x: number; readonly y: number } => {
      if (Math.max(width, height) > LONGEST_SIDE) throw new Error(`a raster of ${width}×${height}`)
      new Uint8Array(memory.buffer).set(samples, kernel.RASTER.value)
      const sigma = Math.hypot((crop.width * GRID) / width, (crop.height * GRID) / height) / 10
      const cell = kernel.find(width, height, sigma)
      return { x: cell % GRID, y: Math.floor(cell / GRID) }
    },
  }
}

const saliency = lazily(openSaliency)
