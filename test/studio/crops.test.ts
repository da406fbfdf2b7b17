import { describe, expect, it } from 'vitest'
import { cropOf, nudge } from '../../src/studio/crops.ts'
import { niceAbove, pointAt } from '../../src/studio/curves.ts'
import { formatBytes, formatMinutes, splitSourceName } from '../../src/studio/format-text.ts'
import { openHistory, push, redo, undo } from '../../src/studio/history.ts'
import { attentionOf, listMarks } from '../../src/studio/marks.ts'
import { qualityIn, qualityOf, toQualityPatch, withQuality } from '../../src/studio/qualities.ts'
import { type Route, readRoute, toHash } from '../../src/studio/route.ts'
import { toTransform } from '../support/parsed.ts'

describe('a crop', () => {
  const picture = { width: 1000, height: 500 }
  const none = { focus: undefined, attention: undefined }

  const cropFor = (text: string, of: typeof picture, points: Parameters<typeof cropOf>[2]) =>
    cropOf(toTransform(text), of, points)

  it('follows the point, as far as the edges allow', () => {
    const at = (x: number) => cropFor('100x100.cover.q80', picture, { ...none, focus: { x, y: 500 } })
    expect(at(500)).toEqual({ left: 0.25, top: 0, width: 0.5, height: 1, ratio: 1 })
    expect(at(400)?.left).toBeCloseTo(0.15)
    expect([at(0)?.left, at(1000)?.left]).toEqual([0, 0.5])
  })

  it('goes by its own position where there is no point', () => {
    expect(cropFor('100x100.cover.left.q80', picture, none)?.left).toBe(0)
    const attention = { x: 800, y: 300 }
    expect(cropFor('100x100.cover.attention.q80', picture, { ...none, attention })?.left).toBe(0.5)
    const focus = { x: 300, y: 500 }
    expect(cropFor('100x100.cover.left.q80', picture, { focus, attention })?.left).toBeCloseTo(0.05)
  })

  it('of what is not cropped is the picture', () => {
    const whole = { left: 0, top: 0, width: 1, height: 1, ratio: 2 }
    expect(cropFor('100w.q80', picture, { ...none, focus: { x: 0, y: 0 } })).toEqual(whole)
  })

  it('is moved by arrow keys within the picture', () => {
    expect(nudge({ x: 995, y: 20 }, 'ArrowRight', false)).toEqual({ x: 1000, y: 20 })
    expect(nudge({ x: 100, y: 20 }, 'ArrowUp', true)).toEqual({ x: 100, y: 0 })
    expect(nudge({ x: 100.6, y: 20 }, 'ArrowDown', false)).toEqual({ x: 101, y: 30 })
    expect(nudge({ x: 100, y: 20 }, 'Enter', false)).toBeUndefined()
  })
})

it('a history goes back and forth, a drag as one step, and forgets what was undone by the next', () => {
  let history = push(push(push(openHistory(0), 1), 2, true), 3)
  expect(history).toEqual({ past: [0, 2], present: 3, future: [] })
  history = undo(undo(undo(history)))
  expect(history.present).toBe(0)
  history = redo(history)
  expect(history).toEqual({ past: [0], present: 2, future: [3] })
  expect(push(history, 9).future).toEqual([])
  expect(redo(openHistory(1))).toEqual(openHistory(1))
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
  expect([0, 812, 999, 1000, 34_540, 99_950, 1_234_567, 2e15].map(formatBytes)).toEqual([
    '0 B',
    '812 B',
    '999 B',
    '1.00 kB',
    '34.5 kB',
    '100 kB',
    '1.23 MB',
    '2000 TB',
  ])
  expect([0.2, 1, 12.4, 90, 240].map(formatMinutes)).toEqual([
    'under a minute',
    '1 minute',
    '12 minutes',
    '1.5 hours',
    '4.0 hours',
  ])
  expect(['a/b/c.jpg', 'c.jpg'].map(splitSourceName)).toEqual([
    ['a/b/', 'c.jpg'],
    ['', 'c.jpg'],
  ])
})

it.each<Route>([
  ...['a/b c#?.jpg', 'été/100%.png', 'x'].map((source) => ({ kind: 'picture', source }) as const),
  { kind: 'pictures' },
  { kind: 'texts' },
  { kind: 'totals' },
])('the address names %j and is read so', (route) => {
  expect(readRoute(toHash(route))).toEqual(route)
})

it.each(['', '#/elsewhere', '#/picture/'])('the address %s means the list', (hash) => {
  expect(readRoute(hash)).toEqual({ kind: 'pictures' })
})

it('an address that was typed by hand, without escapes, names a picture too', () => {
  expect(readRoute('#/picture/sale/100%.jpg')).toEqual({ kind: 'picture', source: 'sale/100%.jpg' })
})

describe('a quality of one picture', () => {
  it('is set in one size, or in every size, also in those that have one of their own', () => {
    const own = { quality: 70, sizes: { card: { quality: 60 }, hero: { focus: { x: 1, y: 2 } } } }
    expect(toQualityPatch(own, 'hero', 35)).toEqual({ sizes: { hero: { quality: 35 } } })
    expect(toQualityPatch(own, '', 35)).toEqual({ quality: 35, sizes: { card: { quality: 35 } } })
    expect(toQualityPatch({}, '', 35)).toEqual({ quality: 35 })
  })

  it('is taken away where it was set, and nowhere else', () => {
    const own = { quality: 70, sizes: { card: { quality: 60 } } }
    expect(toQualityPatch(own, '', null)).toEqual({ quality: null })
    expect(toQualityPatch(own, 'card', null)).toEqual({ sizes: { card: { quality: null } } })
    expect(['', 'card', 'hero'].map((size) => qualityIn(own, size))).toEqual([70, 60, undefined])
  })

  it('is read from a transform, and put into it', () => {
    const text = '100x80.cover.crop-50p-50p-centre.wm-0q1234.q80.v-0123456789'
    expect(qualityOf(text)).toBe(80)
    expect(withQuality(text, 7)).toBe(text.replace('q80', 'q7'))
  })
})

describe('the marks of a picture', () => {
  const saliency = { x: 100, y: 500 }

  it('are what stands out, where the file marks no face', () => {
    expect(attentionOf({ subjects: { saliency } })).toEqual(saliency)
    expect(listMarks({ saliency })).toEqual([
      {
        kind: 'found',
        legend: 'attention: what stands out, as the file marks no face',
        places: [
          {
            ...saliency,
            words:
              'attention: what stands out, as the file marks no face: 10 % from the left, 50 % from the top',
          },
        ],
      },
    ])
  })

  it('are each face too, the middle of them, and still what stands out', () => {
    const ann = { x: 600, y: 200, width: 100, height: 150, name: 'Ann' }
    const faces = { focus: { x: 700, y: 300 }, regions: [ann, { x: 800, y: 400, width: 0, height: 0 }] }
    expect(attentionOf({ subjects: { saliency, faces } })).toEqual(faces.focus)
    const marks = listMarks({ saliency, faces })
    expect(marks.map(({ kind, places }) => [kind, places.length])).toEqual([
      ['face', 2],
      ['salient', 1],
      ['found', 1],
    ])
    expect(marks[0]?.legend).toBe('2 faces that the file marks: Ann')
    expect(marks[0]?.places.map(({ words }) => words)).toEqual([
      'face 1 of 2, Ann: 60 % from the left, 20 % from the top',
      'face 2 of 2: 80 % from the left, 40 % from the top',
    ])
    const legends = listMarks({ saliency, faces: { ...faces, regions: [ann] } }).map(({ legend }) => legend)
    expect([marks, legends].map((each) => each.at(-1))).toMatchObject([
      { legend: 'attention: the middle of the faces' },
      'attention: the middle of the face',
    ])
  })
})
