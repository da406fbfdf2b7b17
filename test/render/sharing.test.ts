import { describe, expect, it } from 'vitest'
import { masterSize, planDrawings } from '../../src/render/drawings.ts'
import { ask, LIMITS, openFileRenderer, photo, QUICK, renderAll } from './support.ts'

const renderer = openFileRenderer()

const FACTS = { mediaFormat: 'jpeg', width: 800, height: 600, frames: 1, hasAlpha: false }

const plan = (asked: readonly string[], facts = FACTS) =>
  planDrawings({ facts, outputs: asked.map(ask), encoders: QUICK, limits: LIMITS }).drawings

const countFiles = (asked: readonly string[], facts = FACTS): number =>
  plan(asked, facts).flatMap(({ sheets }) => sheets.flatMap(({ files }) => files)).length

describe('a picture is decoded', () => {
  const decoded = (width: number, height: number, asked: string): string => {
    const facts = { ...FACTS, width, height }
    const master = masterSize(
      plan(
        asked.split(' ').map((size) => `${size}.q80 webp`),
        facts,
      ),
      facts,
    )
    return `${master.width}×${master.height}`
  }

  it.each([
    ['to the only size', 2464, 1632, '640w', '640×424'],
    ['to the largest, of which the others are made', 2464, 1632, '640w 320w 160w', '640×424'],
    ['where sides are rounded, too', 2400, 1603, '640w 320w', '640×427'],
    ['to twice the largest, where another is not half as large', 3000, 2000, '960w 640w', '1920×1280'],
    ['where a crop is not what others can be made from', 3000, 2000, '640x640.cover 320w', '1920×1280'],
    ['as a whole, where that is hardly more for two sizes', 2464, 1632, '960w 640w', '2464×1632'],
    ['as a whole, where that is less', 1600, 1200, '960w 640w', '1600×1200'],
    [
      'to twice the largest, where three sizes would read the whole',
      2464,
      1632,
      '960w 800w 640w',
      '1920×1272',
    ],
  ])('%s: %i×%i to %s', (_, width, height, asked, expected) => {
    expect(decoded(width, height, asked)).toBe(expected)
  })
})

describe('work is shared', () => {
  it('one resampling for the formats of a size', () => {
    const drawings = plan(['400w.q80 avif', '400w.q80 webp', '400w.q70 jpg', '200w.q80 jpg'])
    expect(drawings.map(({ scaled }) => scaled.width)).toEqual([400, 200])
    expect(drawings[0]?.sheets).toHaveLength(1)
  })

  it('one file for outputs of the same pixels and the same encoding', () => {
    expect(countFiles(['800w.q80 jpg', '1600w.q80 jpg', '1600x1200.inside.q80 jpg'])).toBe(1)
    expect(countFiles(['800w.q80 jpg', '800w.q70 jpg'])).toBe(2)
    expect(countFiles(['800w.q80 png', '800w.q70 png'])).toBe(1)
    expect(countFiles(['800w.q80 gif', '800w.q70 gif'])).toBe(1)
  })

  it('a background counts only where it is seen', () => {
    const clear = { ...FACTS, hasAlpha: true }
    expect(countFiles(['400w.q80 jpg', '400w.bg-ff0000.q80 jpg'])).toBe(1)
    expect(countFiles(['400w.q80 jpg', '400w.bg-ff0000.q80 jpg'], clear)).toBe(2)
    expect(countFiles(['400w.q80 jpg', '400w.bg-ffffff.q80 jpg'], clear)).toBe(1)
    expect(countFiles(['400x400.contain.q80 jpg', '400x400.contain.bg-ff0000.q80 jpg'])).toBe(2)
  })

  it('and the file is the same memory, not a copy', async () => {
    const bytes = await photo(300, 200).jpeg().toBuffer()
    const [a, b, c] = await renderAll(renderer, bytes, ['300w.q80 webp', '640w.q80 webp', '200w.q80 webp'])
    expect(a?.bytes).toBe(b?.bytes)
    expect(a?.bytes).not.toBe(c?.bytes)
  })
})
