import { describe, expect, it } from 'vitest'
import { CONTRACT_SIZES } from '../support/contract-tables.ts'
import { look, openFileRenderer, plain, renderAll } from './support.ts'

const renderer = openFileRenderer()

describe('the size of a result', () => {
  it.each(CONTRACT_SIZES)(
    'of %s under %s is %s, in a JPEG and in a PNG',
    async (source, transform, result) => {
      const [width = 0, height = 0] = source.split('×').map(Number)
      const bytes = await plain(width, height).jpeg({ quality: 50 }).toBuffer()
      const outputs = await renderAll(renderer, bytes, [`${transform}.q80 jpg`, `${transform}.q80 png`])
      for (const output of outputs) {
        expect(`${output.width}×${output.height}`).toBe(result)
        const seen = await look(output.bytes)
        expect(`${seen.width}×${seen.height}`).toBe(result)
      }
    },
  )

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
