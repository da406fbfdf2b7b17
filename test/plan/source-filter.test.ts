import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSourceFilter, mayHold } from '../../src/plan/source-filter.ts'

it('holds every source that it was made of', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 50 }), (sources) => {
      const filter = createSourceFilter(sources)
      for (const source of sources) expect(mayHold(filter, source)).toBe(true)
    }),
  )
})

it('tells about one of a hundred others apart from none', () => {
  const filter = createSourceFilter(Array.from({ length: 500 }, (_, i) => `photos/${i}.jpg`))
  const others = Array.from({ length: 10_000 }, (_, i) => `others/${i}.jpg`)
  expect(filter).toHaveLength(625)
  expect(others.filter((source) => mayHold(filter, source)).length).toBeLessThan(200)
})

it('of nothing holds nothing', () => {
  expect(mayHold(createSourceFilter([]), 'a.jpg')).toBe(false)
})

it('sets the same bits for ever: parts that other versions wrote are asked by it', () => {
  const filter = createSourceFilter(['a.jpg', 'photos/ü.jpg', 'z'])
  expect(Buffer.from(filter).toString('hex')).toBe('1337a54b')
})
