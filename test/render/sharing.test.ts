import { describe, expect, it } from 'vitest'
import { planDrawings } from '../../src/render/drawings.ts'
import { ask, LIMITS, openFileRenderer, photo, QUICK, renderAll } from './support.ts'

const renderer = openFileRenderer()

const FACTS = { mediaFormat: 'jpeg', width: 800, height: 600, frames: 1, hasAlpha: false }

const plan = (asked: readonly string[], facts = FACTS) =>
  planDrawings({ facts, outputs: asked.map(ask), encoders: QUICK, limits: LIMITS }).drawings

const countFiles = (asked: readonly string[], facts = FACTS): number =>
  plan(asked, facts).flatMap(({ sheets }) => sheets.flatMap(({ files }) => files)).length

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
