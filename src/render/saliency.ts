import type { Size } from '../core/geometry.ts'
import { instantiate, loadModule } from './wasm.ts'

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
