import { describe, expect, it } from 'vitest'
import type { Format } from '../../src/core/format.ts'
import { orderFormats } from '../../src/page/format-order.ts'

const results = (...lines: readonly string[]) =>
  lines.map((line) => {
    const [transform = '', format = '', sizeBytes = ''] = line.split(' ')
    return { transform, format: format as Format, sizeBytes: Number(sizeBytes) }
  })

describe('the formats of a picture', () => {
  it('stand in the order of their bytes, over all that is made of it', () => {
    const order = orderFormats(
      results('a avif 100', 'a webp 90', 'a jpg 300', 'b avif 100', 'b webp 150', 'b jpg 300'),
    )
    expect(order).toEqual(['avif', 'webp', 'jpg'])
  })

  it('are compared by what all of them are made of', () => {
    expect(orderFormats(results('a webp 9', 'a png 10', 'b webp 900', 'c png 5'))).toEqual(['webp', 'png'])
    expect(orderFormats(results('a webp 9', 'b png 10'))).toEqual([])
    expect(orderFormats([])).toEqual([])
    expect(orderFormats(results('a gif 9', 'a webp 9', 'a avif 9'))).toEqual(['avif', 'webp', 'gif'])
  })

  it('are told by what was recorded last', () => {
    expect(orderFormats(results('a webp 90', 'a png 10', 'a webp 5'))).toEqual(['webp', 'png'])
  })
})
