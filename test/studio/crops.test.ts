import { describe, expect, it } from 'vitest'
import { cropOf, nudge } from '../../src/studio/crops.ts'
import { niceAbove, pointAt } from '../../src/studio/curves.ts'
import { formatBytes, formatMinutes } from '../../src/studio/format.ts'
import { openHistory, push, redo, undo } from '../../src/studio/history.ts'
import { readRoute, toHash } from '../../src/studio/route.ts'

describe('a crop', () => {
  const picture = { width: 1000, height: 500 }
  const none = { focus: undefined, attention: undefined }

  it('follows the point, as far as the edges allow', () => {
    const at = (x: number) => cropOf('100x100.cover.q80', picture, { ...none, focus: { x, y: 500 } })
    expect(at(500)).toEqual({ left: 0.25, top: 0, width: 0.5, height: 1, ratio: 1 })
    expect(at(400)?.left).toBeCloseTo(0.15)
    expect([at(0)?.left, at(1000)?.left]).toEqual([0, 0.5])
  })

  it('goes by its own position where there is no point', () => {
    expect(cropOf('100x100.cover.left.q80', picture, none)?.left).toBe(0)
    const attention = { x: 800, y: 300 }
    expect(cropOf('100x100.cover.attention.q80', picture, { ...none, attention })?.left).toBe(0.5)
    const focus = { x: 300, y: 500 }
    expect(cropOf('100x100.cover.left.q80', picture, { focus, attention })?.left).toBeCloseTo(0.05)
  })

  it('of what is not cropped is the picture', () => {
    const whole = { left: 0, top: 0, width: 1, height: 1, ratio: 2 }
    expect(cropOf('100w.q80', picture, { ...none, focus: { x: 0, y: 0 } })).toEqual(whole)
    expect(cropOf('not a transform', picture, none)).toBeUndefined()
  })

  it('is moved by arrow keys within the picture', () => {
    expect(nudge({ x: 995, y: 20 }, 'ArrowRight', false)).toEqual({ x: 1000, y: 20 })
    expect(nudge({ x: 100, y: 20 }, 'ArrowUp', true)).toEqual({ x: 100, y: 0 })
    expect(nudge({ x: 100, y: 20 }, 'Enter', false)).toBeUndefined()
  })
})

describe('a history', () => {
  it('goes back and forth, a drag as one step, and forgets what was undone by the next', () => {
    let history = push(push(push(openHistory(0), 1), 2, true), 3)
    expect(history).toEqual({ past: [0, 2], present: 3, future: [] })
    history = undo(undo(undo(history)))
    expect(history.present).toBe(0)
    history = redo(history)
    expect(history).toEqual({ past: [0], present: 2, future: [3] })
    expect(push(history, 9).future).toEqual([])
    expect(redo(openHistory(1))).toEqual(openHistory(1))
  })
})

describe('a curve', () => {
  const points = [
    { quality: 20, bytes: 100, score: 40 },
    { quality: 60, bytes: 300, score: 80 },
  ]

  it('is straight between its points, and ends at them', () => {
    expect(pointAt(points, 40)).toEqual({ quality: 40, bytes: 200, score: 60 })
    expect(pointAt(points, 10)).toMatchObject({ bytes: 100 })
    expect(pointAt(points, 99)).toMatchObject({ bytes: 300 })
    expect(pointAt([], 50)).toBeUndefined()
  })

  it('is drawn up to a round number', () => {
    expect([1, 1.2, 4.9, 51, 99_000].map(niceAbove)).toEqual([1, 2, 5, 100, 100_000])
  })
})

it('numbers are read at a glance', () => {
  expect([0, 812, 999, 1000, 34_540, 99_960, 1_234_567].map(formatBytes)).toEqual([
    '0 B',
    '812 B',
    '999 B',
    '1.00 kB',
    '34.5 kB',
    '100 kB',
    '1.23 MB',
  ])
  expect([0.2, 1, 12.4, 240].map(formatMinutes)).toEqual([
    'under a minute',
    '1 minute',
    '12 minutes',
    '4.0 hours',
  ])
})

it.each(['a/b c#?.jpg', 'été/100%.png', 'x'])('the address names %s and is read so', (source) => {
  const route = { kind: 'picture', source } as const
  expect(readRoute(toHash(route))).toEqual(route)
  expect(readRoute('#/elsewhere')).toEqual({ kind: 'pictures' })
})
