import { mkdir, realpath, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Place } from '../../src/config/config.ts'
import { SYSTEM_DISK } from '../../src/config/disk.ts'
import { Faults } from '../../src/config/faults.ts'
import { prefixWithin } from '../../src/config/overlap.ts'
import { readPlace } from '../../src/config/places.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { makeFolder } from '../support/folder.ts'
import { configFaultsOf } from '../support/problems.ts'

const place = (text: string): Place => {
  const faults = new Faults()
  const read = readPlace(text, { root: '/site', path: 'source', faults })
  if (read === undefined) throw new Error(JSON.stringify(faults.list))
  return read
}

test.each<[string, string, string | undefined]>([
  ['a', './a/', ''],
  ['a/b', 'a', 'b/'],
  ['a', 'a/b', undefined],
  ['ab', 'a', undefined],
  ['a/..b', 'a', '..b/'],
  ['a', '/', 'site/a/'],
  ['s3://bucket/a', 's3://bucket/a/', ''],
  ['s3://bucket/a/b', 's3://bucket/a', 'b/'],
  ['s3://bucket/a', 's3://bucket', 'a/'],
  ['s3://bucket/ab', 's3://bucket/a', undefined],
  ['s3://bucket/a', 's3://other/a', undefined],
  ['s3://bucket/a?endpoint=http://x', 's3://bucket/a', undefined],
  ['s3://bucket/a?region=x', 's3://bucket/a', ''],
  ['https://host/a', 'a', undefined],
])('two places %s in %s begins with %s', (inner, outer, expected) => {
  expect(prefixWithin(place(inner), place(outer))).toBe(expected)
})

test('a readable file is one that is there, and no folder', () => {
  const isReadable = [import.meta.filename, import.meta.dirname, '/nowhere'].map(SYSTEM_DISK.isReadableFile)
  expect(isReadable).toEqual([true, false, false])
})

const told = (work: () => unknown): readonly string[] =>
  configFaultsOf(work).map(({ path, found }) => `${path}: ${found}`)

describe('links', () => {
  const openSite = async () => {
    const root = await realpath(makeFolder())
    await mkdir(join(root, 'real/out'), { recursive: true })
    await symlink(join(root, 'real'), join(root, 'link'))
    await symlink(join(root, 'real/out'), join(root, 'outlink'))
    return (input: object) => resolveConfig(input, { root, disk: SYSTEM_DISK })
  }

  test.each([
    [
      'the same folder by another name',
      { source: 'link', output: 'real' },
      /^source: the same place as output/,
    ],
    ['a source in the output', { source: 'outlink', output: 'real' }, /^source: a place inside the output/],
    [
      'a source that is still to come',
      { source: { a: 'real/new', b: 'elsewhere' }, output: 'link/new' },
      /^source\.a: the same place as output/,
    ],
    ['a state in the output', { source: 'a', output: 'real', state: 'outlink' }, /^state: a place in output/],
  ])('are seen through, and told with all else that is wrong: %s', async (_, input, fault) => {
    const resolve = await openSite()
    expect(told(() => resolve({ ...input, quality: 0 }))).toEqual([
      'quality: 0',
      expect.stringMatching(fault),
    ])
  })

  test('do not hide that the output lies in the source, whose listing then leaves it out', async () => {
    const resolve = await openSite()
    const prefixes = (input: object) => resolve(input).sources.map(({ outputPrefix }) => outputPrefix)
    expect(prefixes({ source: 'real', output: 'outlink/new' })).toEqual(['out/new/'])
    expect(prefixes({ source: { a: 'link', b: 'other' }, output: 'real/out' })).toEqual(['out/', undefined])
  })
})

describe('a state', () => {
  const faultsOf = (input: object) => told(() => resolveConfig(input, { root: '/site' }))

  test.each([
    [{ source: 'a', output: 'b', state: 'b' }, 'state: a place in output'],
    [{ source: 'a', output: 'b', state: 'b/ledger' }, 'state: a place in output'],
    [{ source: 'a', output: 'b', state: 'b/.imgsizes/ledger' }, 'state: a place in output'],
    [{ source: 'a', output: 'b', state: 'a/.imgsizes' }, 'state: a place in source'],
    [{ source: { x: 'a', y: 'c' }, output: 'b', state: 'c' }, 'state: a place in source.y'],
    [{ source: 'a', output: 's3://bucket/b', state: 's3://bucket/b/s' }, 'state: a place in output'],
  ])('among results or originals is refused: %o', (input, fault) => {
    expect(faultsOf(input)).toEqual([fault])
  })

  test.each([
    [{ source: 'a', output: 'b', state: 'b/.imgsizes' }],
    [{ source: 'a', output: 'a/b', state: 'a/b/.imgsizes/' }],
    [{ source: 'a', output: 'b', state: 'c' }],
    [{ source: 'a', output: 's3://bucket/b', state: 's3://bucket/b/.imgsizes' }],
    [{ source: 'a', output: 's3://bucket/b', state: 's3://bucket/state' }],
  ])('of its own, or where it is anyway, is taken: %o', (input) => {
    expect(faultsOf(input)).toEqual([])
  })
})
