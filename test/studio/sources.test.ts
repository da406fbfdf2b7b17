import { describe, expect, it } from 'vitest'
import {
  addLine,
  findSources,
  NO_FILTER,
  noSources,
  replacePattern,
  type Sources,
} from '../../src/studio/sources.ts'

const read = (): Sources => {
  const sources = noSources()
  addLine(sources, {
    kind: 'sources',
    names: ['a/Cat.jpg', 'a/dog.jpg'],
    bytes: [1, 2],
    patterns: [0, 1],
    newPatterns: [
      [
        ['card', 'webp', 'built'],
        ['card', 'jpg', 'built'],
      ],
      [
        ['card', 'webp', 'missing'],
        ['wide', 'jpg', 'stale'],
      ],
    ],
    whys: [],
    alts: [[0, 'A cat']],
  })
  addLine(sources, {
    kind: 'sources',
    names: ['b/cat dog.png', 'b/none.gif'],
    bytes: [3, 4],
    patterns: [2, 3],
    newPatterns: [[['', 'svg', 'failing']], []],
    whys: [[0, 'no picture']],
    alts: [[1, '']],
  })
  addLine(sources, { kind: 'end', sources: 4, seconds: 0 })
  return sources
}

const namesOf = (change: Partial<typeof NO_FILTER>, sources = read()): readonly string[] =>
  findSources(sources, { ...NO_FILTER, ...change }).places.map((place) => sources.names[place] ?? '')

describe('the pictures of the page', () => {
  it('come together from lines', () => {
    const sources = read()
    expect([sources.whys.get(2), sources.alts.get(3), sources.end]).toEqual(['no picture', '', {}])
    expect(findSources(sources, NO_FILTER).counts).toEqual({
      built: 1,
      stale: 1,
      failing: 1,
      none: 1,
      missing: 0,
    })
  })

  it('are found by every word of a search, whatever the case', () => {
    expect(namesOf({ search: 'CAT' })).toEqual(['a/Cat.jpg', 'b/cat dog.png'])
    expect(namesOf({ search: 'dog b/' })).toEqual(['b/cat dog.png'])
  })

  it('are found by size and format, with the state that counts there; what cannot be looked at is of every size', () => {
    expect(namesOf({ size: 'wide' })).toEqual(['a/dog.jpg', 'b/cat dog.png'])
    expect(namesOf({ size: 'card', state: 'missing' })).toEqual(['a/dog.jpg'])
    expect(namesOf({ size: 'card', format: 'jpg' })).toEqual(['a/Cat.jpg', 'b/cat dog.png'])
  })

  it('are found by state, the worst of a picture first, and the others still counted', () => {
    expect(namesOf({ state: 'stale' })).toEqual(['a/dog.jpg'])
    expect(namesOf({ state: 'none' })).toEqual(['b/none.gif'])
    expect(findSources(read(), { ...NO_FILTER, state: 'stale' }).counts.built).toBe(1)
  })

  it('are found by what lacks a text; an empty one is one', () => {
    expect(namesOf({ lacksAlt: true })).toEqual(['a/dog.jpg', 'b/cat dog.png'])
  })

  it('change one by one, by a pattern that is known or new', () => {
    const sources = read()
    replacePattern(sources, 1, sources.patterns[0] ?? [])
    expect(sources.patterns).toHaveLength(4)
    replacePattern(sources, 1, [['card', 'webp', 'failing']])
    expect(sources.patterns).toHaveLength(5)
    expect(namesOf({ state: 'failing' }, sources)).toEqual(['a/dog.jpg', 'b/cat dog.png'])
  })

  it('tell why they could not be read', () => {
    const sources = noSources()
    addLine(sources, { kind: 'problem', message: 'no such bucket' })
    expect(sources.end).toEqual({ problem: 'no such bucket' })
  })
})
