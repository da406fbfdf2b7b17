import { expect, test } from 'vitest'
import { encode, toEncoding } from '../../src/render/encode.ts'
import type { Pixels } from '../../src/render/pixels.ts'
import { QUICK } from './support.ts'

test('an encoded file is freed with its result', async () => {
  const side = 512
  const pixels: Pixels = {
    samples: Buffer.alloc(side * side * 3),
    width: side,
    height: side,
    channels: 3,
    frames: 1,
  }
  const stored = { ...QUICK, png: { compressionLevel: 0 } } // 786 kB a file, and quick
  const encodeMany = async (count: number): Promise<number> => {
    for (let i = 0; i < count; i++) await encode(pixels, toEncoding('png', 80, stored), { credit: {} })
    return process.memoryUsage().rss
  }
  const before = await encodeMany(100)
  const after = await encodeMany(400)
  // Kept, these would be 314 MB.
  expect((after - before) / 1e6).toBeLessThan(150)
})
