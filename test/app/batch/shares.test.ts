import { expect, it } from 'vitest'
import { createShares, narrowToShare } from '../../../src/app/batch/shares.ts'
import type { Originals } from '../../../src/app/originals.ts'
import { isInRange } from '../../../src/core/byte-order.ts'
import { parseBounds } from '../../../src/plan/shares.ts'
import { aSource } from '../../plan/support.ts'
import { getText, putText } from '../../support/bench-project.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { toSource } from '../../support/parsed.ts'

const NAME = '.imgsizes/shards.json'
const names = (count: number, prefix = '') =>
  Array.from({ length: count }, (_, i) => toSource(`${prefix}${String(i).padStart(4, '0')}.jpg`))

const open = (included: readonly string[], others: readonly string[] = [], store = openMemoryStore()) => {
  let lists = 0
  const originals = {
    list: async function* () {
      lists++
      for (const name of included) yield aSource(toSource(name))
      for (const name of others) yield aSource(toSource(name), { isIncluded: false })
    },
  } as unknown as Originals
  const shares = createShares({ store, prefix: '.imgsizes/', originals })
  const group = (name: string, isIncluded = true) => {
    const key = toSource(name)
    return { key, source: aSource(key, { isIncluded }), results: [] }
  }
  /** A run that sees these. */
  const see = async (seen: readonly string[], unseen: readonly string[] = []) => {
    const watch = await shares.watch()
    for (const name of seen) watch?.observe(group(name))
    for (const name of unseen) watch?.observe(group(name, false))
    watch?.observe({ key: toSource('gone.jpg'), results: [] })
    await watch?.finish()
    return watch
  }
  const bounds = async () => parseBounds(NAME, (await getText(store, NAME)) ?? '')
  return { ...shares, store, see, bounds, lists: () => lists }
}

it('shares are made once of what is included, and hold each source once', async () => {
  const { find, lists } = open(names(100), names(900, 'z/'))
  const shares = [await find({ index: 1, count: 2 }), await find({ index: 2, count: 2 })]
  expect(lists()).toBe(1)
  const counts = shares.map((share) => names(100).filter((name) => isInRange(name, share ?? {})).length)
  expect(counts[0]).toBeGreaterThan(40)
  expect([(counts[0] ?? 0) + (counts[1] ?? 0), (counts[1] ?? 0) > 40]).toEqual([100, true])
})

it('of two machines that make them at once, both go by those of the first', async () => {
  const store = openMemoryStore()
  const first = open(names(100), [], store)
  const second = open(names(100, 'z/'), [], {
    ...store,
    put: async (...given) => {
      await first.find({ index: 1, count: 2 })
      return store.put(...given)
    },
  })
  const share = await second.find({ index: 1, count: 2 })
  expect(share).toEqual(await first.find({ index: 1, count: 2 }))
  expect(share?.upTo).toMatch(/^00/)
  const forgetful = open(names(4), [], {
    ...store,
    get: async () => undefined,
    put: async () => ({ kind: 'exists' }),
  })
  expect(await forgetful.find({ index: 1, count: 1 })).toEqual({})
})

it('they are watched where there are any, and set anew only where they have become uneven', async () => {
  const { see, find, bounds, store } = open(names(100))
  expect(await see(names(100))).toBeUndefined()
  await find({ index: 1, count: 2 })
  const before = await bounds()
  await see(names(101), names(900, 'z/'))
  expect(await bounds()).toEqual(before)
  await see([...names(100), ...names(900, 'z/')])
  expect(await bounds()).not.toEqual(before)
  await putText(store, NAME, '{')
  await expect(find({ index: 1, count: 2 })).rejects.toMatchObject({ code: 'shards-damaged' })
})

it('a selection in a share is what lies in both', () => {
  const isSelected = (name: string) => name !== 'b'
  const within = (range: object, share: object) => {
    const narrowed = narrowToShare({ range, isSelected }, share)
    return ['a', 'b', 'c', 'd', 'e'].filter(
      (name) => isInRange(name, narrowed.range ?? {}) && narrowed.isSelected?.(toSource(name)),
    )
  }
  expect(within({}, { after: 'a', upTo: 'c' })).toEqual(['c'])
  expect(within({ upTo: 'c' }, { upTo: 'd' })).toEqual(['a', 'c'])
  expect(within({ upTo: 'd' }, { upTo: 'c' })).toEqual(['a', 'c'])
  expect(within({ prefix: 'd' }, {})).toEqual(['d'])
  expect(narrowToShare({}, undefined)).toEqual({ keys: [] })
  expect(narrowToShare({}, { after: 'b' }).isSelected?.(toSource('a'))).toBe(false)
})
