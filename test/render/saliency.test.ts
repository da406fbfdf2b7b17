import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { GRID, openSaliency, type Raster } from '../../src/render/attention.ts'

const saliency = openSaliency()

const photos = join(import.meta.dirname, '../samples/photos')
const files = readdirSync(photos, { recursive: true, withFileTypes: true }).filter((entry) =>
  /\.(?:jpg|png)$/.test(entry.name),
)

const toRaster = async (picture: Sharp): Promise<Raster> => {
  const { data, info } = await picture.removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, samples: data }
}

const halfOf = ({ width, height }: Raster) =>
  width >= height ? { width: Math.ceil(width / 2), height } : { width, height: Math.ceil(height / 2) }

/** Whether libvips's smartcrop chooses a cell; it names the left upper corner, in whole pixels. */
const isChosenByLibvips = async (raster: Raster, cell: { readonly x: number; readonly y: number }) => {
  const { width, height, samples } = raster
  const { info } = await sharp(samples, { raw: { width, height, channels: 3 } })
    .resize({ ...halfOf(raster), fit: 'cover', position: sharp.strategy.attention })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const corner = { x: Math.trunc((cell.x * width) / GRID), y: Math.trunc((cell.y * height) / GRID) }
  return info.attentionX === corner.x && info.attentionY === corner.y
}

/** Whole pictures and parts of them, lying, upright and square, of all sizes that a raster may have. */
const listRasters = async (): Promise<readonly Raster[]> => {
  const rasters: Raster[] = []
  for (const { parentPath, name } of files) {
    const bytes = readFileSync(join(parentPath, name))
    for (const [width, height] of [
      [256, 171],
      [144, 256],
      [200, 200],
      [97, 61],
      [48, 36],
      [20, 30],
    ] as const)
      rasters.push(await toRaster(sharp(bytes).resize(width, height, { fit: 'cover' })))
  }
  return rasters
}

describe('the salient cell', () => {
  it('is the one that libvips chooses', async () => {
    const rasters = await listRasters()
    const same = await Promise.all(
      rasters.map((raster) => isChosenByLibvips(raster, saliency.find(raster, halfOf(raster)))),
    )
    expect(same.length).toBeGreaterThanOrEqual(40)
    // Where two cells are worth the same but for rounding, either may be chosen.
    expect(same.filter((isSame) => isSame).length / same.length).toBeGreaterThan(0.9)
  })

  it('is where skin is on a plain ground, wherever that lies', () => {
    for (const [x, y] of [
      [40, 30],
      [200, 130],
      [128, 85],
    ] as const) {
      const width = 256
      const height = 171
      const samples = new Uint8Array(width * height * 3).fill(60)
      for (let row = y - 12; row < y + 12; row++)
        for (let column = x - 12; column < x + 12; column++)
          samples.set([230, 170, 140], (row * width + column) * 3)
      const cell = saliency.find({ width, height, samples }, { width: 128, height })
      expect(Math.abs((cell.x + 0.5) * (width / GRID) - x)).toBeLessThan(16)
      expect(Math.abs((cell.y + 0.5) * (height / GRID) - y)).toBeLessThan(16)
    }
  })

  it('is found on the smallest pictures, and says so where a raster is too large', () => {
    const tiny = { width: 3, height: 2, samples: new Uint8Array(18).fill(200) }
    expect(saliency.find(tiny, { width: 2, height: 2 })).toEqual({
      x: expect.any(Number),
      y: expect.any(Number),
    })
    const large = { width: 257, height: 1, samples: new Uint8Array(771) }
    expect(() => saliency.find(large, { width: 100, height: 1 })).toThrow('257×1')
  })
})
