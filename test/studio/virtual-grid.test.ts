import { describe, expect, it } from 'vitest'
import { type GridShape, moveTo, scrollTo, shapeGrid, windowOf } from '../../src/studio/virtual-grid.ts'

const RULES = { leastTile: 168, gap: 12, ratio: 0.75, captionHeight: 46 }

describe('a grid', () => {
  it.each([
    [1440, 8],
    [768, 4],
    [348, 2],
    [320, 2],
    [100, 1],
  ])('of %d pixels has %d columns, which fill it', (width, columns) => {
    const shape = shapeGrid(width, 5_000, RULES)
    expect(shape.columns).toBe(columns)
    expect(shape.tileWidth * columns + RULES.gap * (columns - 1)).toBeCloseTo(width)
    expect(shape.rows).toBe(Math.ceil(5_000 / columns))
  })

  it('holds the rows in view and few more, wherever it is scrolled to', () => {
    const shape = shapeGrid(1440, 5_000, RULES)
    const viewport = 800
    const last = shape.rows * shape.rowHeight - viewport
    for (const top of [0, 1, 12_345, last - 1, last]) {
      const { first, end, topOf } = windowOf(shape, { top, viewport })
      expect(end - first).toBeLessThan(viewport / shape.rowHeight + 7)
      expect(topOf(first)).toBeLessThanOrEqual(top)
      expect(topOf(end - 1) + shape.rowHeight).toBeGreaterThanOrEqual(
        Math.min(top + viewport, shape.rows * shape.rowHeight),
      )
    }
  })

  it('of no pictures holds nothing', () => {
    const shape = shapeGrid(1440, 0, RULES)
    expect(windowOf(shape, { top: 0, viewport: 800 })).toMatchObject({ first: 0, end: 0, height: 0 })
  })

  it('that is higher than browsers can show reaches its last row all the same', () => {
    const shape: GridShape = { columns: 2, rows: 500_000, tileWidth: 160, rowHeight: 200 }
    const viewport = 700
    const { height } = windowOf(shape, { top: 0, viewport })
    expect(height).toBeLessThanOrEqual(10_000_000)
    const atEnd = windowOf(shape, { top: height - viewport, viewport })
    expect(atEnd.end).toBe(shape.rows)
    expect(atEnd.topOf(shape.rows - 1) + shape.rowHeight).toBeCloseTo(height)
    const half = windowOf(shape, { top: (height - viewport) / 2, viewport })
    expect(Math.abs(half.first - shape.rows / 2)).toBeLessThan(10)
    for (const row of [0, 17, 250_000, 499_999]) {
      const top = scrollTo(row, shape, { top: 3_000_000, viewport })
      expect(top).toBeDefined()
      const seen = windowOf(shape, { top: top ?? 0, viewport })
      expect(seen.topOf(row)).toBeGreaterThanOrEqual((top ?? 0) - 1)
      expect(seen.topOf(row) + shape.rowHeight).toBeLessThanOrEqual((top ?? 0) + viewport + 1)
    }
  })

  it('scrolls no further than a row needs, and not where it is in view', () => {
    const shape: GridShape = { columns: 4, rows: 100, tileWidth: 160, rowHeight: 200 }
    expect(scrollTo(1, shape, { top: 0, viewport: 700 })).toBeUndefined()
    expect(scrollTo(5, shape, { top: 0, viewport: 700 })).toBe(500)
    expect(scrollTo(0, shape, { top: 500, viewport: 700 })).toBe(0)
  })
})

describe('in a grid of 10 in 4 columns', () => {
  const grid = { count: 10, columns: 4, rowsInView: 2 }

  it.each([
    [0, 'ArrowRight', 1],
    [0, 'ArrowLeft', 0],
    [3, 'ArrowRight', 4],
    [9, 'ArrowRight', 9],
    [1, 'ArrowUp', 1],
    [5, 'ArrowUp', 1],
    [1, 'ArrowDown', 5],
    [7, 'ArrowDown', 9],
    [9, 'ArrowDown', 9],
    [6, 'Home', 0],
    [2, 'End', 9],
    [1, 'PageDown', 9],
    [9, 'PageUp', 1],
    [6, 'PageUp', 2],
  ])('from %d, %s leads to %d', (place, key, target) => {
    expect(moveTo(place, key, grid)).toBe(target)
  })

  it('other keys lead nowhere, nor does any where there is nothing', () => {
    for (const key of ['a', 'Enter', 'constructor']) expect(moveTo(0, key, grid)).toBeUndefined()
    expect(moveTo(0, 'End', { ...grid, count: 0 })).toBeUndefined()
  })
})
