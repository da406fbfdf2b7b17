import { describe, expect, it } from 'vitest'
import { createOriginals } from '../../../src/app/originals.ts'
import { compileMatch } from '../../../src/config/match.ts'
import { Problem } from '../../../src/core/problem.ts'
import { parseSourceKey } from '../../../src/core/source-key.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import { type Bench, listKeys, openBench, putText } from '../../support/bench-project.ts'
import { openMemoryStore } from '../../support/memory-store.ts'

/** As a web server: what is asked for by name is there. */
const asUnlistable = (store: WritableStore): WritableStore => ({
  ...store,
  isListable: false,
  list: () => {
    throw new Problem('source-not-listable', 'It cannot be listed.')
  },
})

/** Two folders and a web server, three originals; everything is built, by name where it cannot be listed. */
const openSite = async () => {
  const stores = { blog: openMemoryStore(), shop: openMemoryStore(), web: openMemoryStore() }
  const output = openMemoryStore()
  for (const [name, store] of Object.entries(stores)) await putText(store, '1.jpg', name)
  const open = () => {
    const bench = openBench({ output })
    const originals = createOriginals({
      stores: Object.entries({ ...stores, web: asUnlistable(stores.web) }).map(([name, store]) => ({
        name,
        store,
      })),
      isIncluded: compileMatch(['**']),
      isExcluded: () => false,
      isFolderExcluded: () => false,
      keyring: bench.keyring,
      maxBytes: 10_000,
      keyLimits: { prefixBytes: 0, maxSegmentBytes: 255, longestNameBytes: 40 },
    })
    return { bench, originals }
  }
  const { bench, originals } = open()
  await bench.build({ originals })
  const named = parseSourceKey('web/1.jpg')
  await open().bench.build({ originals, selection: { keys: named === undefined ? [] : [named] } })
  const pruneAll = async (changes: Parameters<Bench['prune']>[0] = {}) => {
    const { bench, originals } = open()
    return bench.prune({ originals, extras: true, ...changes })
  }
  const countResults = async (prefix: string) => (await listKeys(output, prefix)).length
  return { stores, output, open, pruneAll, countResults }
}

const warnings = ({ events }: Bench): readonly string[] =>
  events.flatMap((event) => (event.kind === 'warning' ? [event.problem.code] : []))

describe('a named source that cannot be listed', () => {
  it('is told once and leaves the others to be built; by name it is built too', async () => {
    const { stores, open, countResults } = await openSite()
    await putText(stores.shop, '2.jpg', 'new')
    const { bench, originals } = open()
    await bench.build({ originals })
    expect(warnings(bench)).toEqual(['source-not-listable'])
    expect(await countResults('shop/2.jpg/')).toBe(4)
    expect(await countResults('web/')).toBe(4)
    expect((await bench.plan({ originals })).counts).toMatchObject({
      sources: 3,
      expected: 12,
      present: 12,
      orphans: 0,
    })
  })

  it('loses no result to prune, whether its original is there or not', async () => {
    const { stores, pruneAll, countResults } = await openSite()
    await stores.web.deleteAll(['1.jpg'])
    await stores.shop.deleteAll(['1.jpg'])
    await putText(stores.shop, '2.jpg', 'another')
    expect(await pruneAll()).toMatchObject({ deleted: 4 })
    expect([await countResults('web/'), await countResults('shop/')]).toEqual([4, 0])
  })

  it('is an error where there is nothing else to list', async () => {
    const { bench } = (await openSite()).open()
    const originals = createOriginals({
      stores: [{ store: asUnlistable(openMemoryStore()) }],
      isIncluded: () => true,
      isExcluded: () => false,
      isFolderExcluded: () => false,
      keyring: bench.keyring,
      maxBytes: 10_000,
      keyLimits: { prefixBytes: 0, maxSegmentBytes: 255, longestNameBytes: 40 },
    })
    await expect(bench.plan({ originals })).rejects.toMatchObject({ code: 'source-not-listable' })
  })
})

it('prune refuses where one of several sources is empty and results of it stand', async () => {
  const { stores, pruneAll, countResults } = await openSite()
  await stores.blog.deleteAll(['1.jpg'])
  await expect(pruneAll()).rejects.toMatchObject({ code: 'prune-empty', subject: 'blog' })
  expect(await countResults('blog/')).toBe(4)
  expect(await pruneAll({ allowEmpty: true })).toMatchObject({ deleted: 4 })
  expect(await pruneAll()).toMatchObject({ deleted: 0 })
})
