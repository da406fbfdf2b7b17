import { afterAll, describe, expect, it } from 'vitest'
import { look, openTestRenderer, plain, renderAll } from './support.ts'

const renderer = openTestRenderer()
afterAll(() => renderer.close())

/** Both tables of DESIGN section 2. */
const TABLE: readonly (readonly [source: string, transform: string, result: string])[] = [
  ['2725×2225', '640w', '640×523'],
  ['2725×2225', '480h', '588×480'],
  ['500×300', '640w', '500×300'],
  ['3000×3', '100w', '100×1'],
  ['3×3000', '2w', '2×2000'],
  ['2725×2225', '640x480.inside', '588×480'],
  ['999×666', '333x333.inside', '333×222'],
  ['800×600', '300x200.cover', '300×200'],
  ['500×300', '800x600.cover', '400×300'],
  ['101×100', '50x50.cover', '50×50'],
  ['333×1000', '700x100.cover', '333×48'],
  ['500×300', '800x800.contain', '800×800'],
  ['500×300', '800x200.fill', '500×200'],
  ['40000×100', '90h', '16383×41'],
]

describe('the size of a result', () => {
  it.each(TABLE)('of %s under %s is %s, in a JPEG and in a PNG', async (source, transform, result) => {
    const [width = 0, height = 0] = source.split('×').map(Number)
    const bytes = await plain(width, height).jpeg({ quality: 50 }).toBuffer()
    const outputs = await renderAll(renderer, bytes, [`${transform}.q80 jpg`, `${transform}.q80 png`])
    for (const output of outputs) {
      expect(`${output.width}×${output.height}`).toBe(result)
      const seen = await look(output.bytes)
      expect(`${seen.width}×${seen.height}`).toBe(result)
    }
  })

  it('is the same in every format, and a single one is the same as one of many', async () => {
    const bytes = await plain(1001, 667).jpeg().toBuffer()
    const asked = ['avif', 'webp', 'jpg', 'png', 'gif'].flatMap((format) => [
      `333w.q80 ${format}`,
      `100x77.cover.top.q80 ${format}`,
    ])
    const many = await renderAll(renderer, bytes, asked)
    for (const [i, one] of asked.entries()) {
      const [single] = await renderAll(renderer, bytes, [one])
      expect([single?.width, single?.height]).toEqual([many[i]?.width, many[i]?.height])
    }
    expect([many[0]?.width, many[0]?.height]).toEqual([333, 222])
  })
})
