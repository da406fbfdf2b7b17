import { describe, expect, it } from 'vitest'
import { deleteKeys, prune } from '../../../src/app/batch/prune.ts'
import { Problem, type ProblemCode } from '../../../src/core/problem.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import { type Bench, getText, listKeys, openBench, picture, putText } from '../../support/bench-project.ts'
import { asDatedStore } from '../../support/dated-store.ts'
import { asGatedStore, type Gate } from '../../support/gated-store.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { toSource } from '../../support/parsed.ts'

const pruneNow = (bench: Bench, changes: Parameters<Bench['prune']>[0] = {}) =>
  bench.prune({ extras: true, allowEmpty: true, ...changes })

/** A site whose only original has gone since it was built: two results are orphans. */
const openLeft = async () => {
  const source = openMemoryStore()
  const output = openMemoryStore()
  const config = { sizes: { one: { widths: [320] } } }
  await putText(source, 'a.jpg', 'one')
  await openBench({ source, output, config }).build()
  await source.deleteAll(['a.jpg'])
  const countResults = async () => (await listKeys(output, 'a.jpg/')).length
  const bench = (changes: Partial<WritableStore> = {}) =>
    openBench({ source, output: { ...output, ...changes }, config })
  return { source, output, bench, countResults }
}

describe.each([
  ['ETags', () => openMemoryStore()],
  ['dates', () => asDatedStore(openMemoryStore())],
] as const)('prune of a store that shows %s', (_, openStore) => {
  const open = (config = {}) => {
    const stores = { source: openStore(), output: openStore() }
    const bench = () => openBench({ ...stores, config })
    /** Prunes, with something in between the look at everything and the deleting. */
    const pruneWith = async (meanwhile: () => Promise<void>) => {
      let lists = 0
      let isOver = false
      const gate: Gate = async (operation) => {
        if (operation === 'list') lists++
        if (isOver || (lists < 3 && operation !== 'delete')) return
        isOver = true
        await meanwhile()
      }
      const counts = await pruneNow(
        openBench({ ...stores, output: asGatedStore(stores.output, gate), config }),
      )
      expect(isOver).toBe(true)
      return counts
    }
    const shown = async () => {
      const keys = (await listKeys(stores.output)).filter((key) => !key.startsWith('.imgsizes/'))
      return Promise.all(keys.map((key) => getText(stores.output, key)))
    }
    return { ...stores, bench, pruneWith, shown }
  }
  const of = (text: string) => [picture(text, '80', 'webp')]
  const one = { formats: ['webp' as const], sizes: { one: { widths: [320] } } }

  it('leaves the results of an original that was restored and built since it was listed', async () => {
    const { source, bench, pruneWith, shown } = open(one)
    await putText(source, 'a.jpg', 'one')
    await putText(source, 'b.jpg', 'two')
    await bench().build()
    await source.deleteAll(['a.jpg', 'b.jpg'])
    const { deleted } = await pruneWith(async () => {
      await putText(source, 'a.jpg', 'one')
      await bench().build()
    })
    expect(deleted).toBe(1)
    expect(await shown()).toEqual(of('one'))
  })

  it('leaves those of a version that has come back', async () => {
    const { source, bench, pruneWith, shown } = open({ ...one, versions: true })
    await putText(source, 'a.jpg', 'one')
    await bench().build()
    await putText(source, 'a.jpg', 'two')
    await bench().build()
    const { deleted } = await pruneWith(async () => {
      await putText(source, 'a.jpg', 'one')
      await bench().build()
    })
    expect(deleted).toBe(1)
    expect(await shown()).toEqual(of('one'))
  })

  it('deletes what is gone still, and has forgotten since when it was an orphan', async () => {
    const { source, output, bench, pruneWith, shown } = open(one)
    await putText(source, 'a.jpg', 'one')
    await bench().build()
    await source.deleteAll(['a.jpg'])
    expect(await pruneWith(async () => {})).toMatchObject({ deleted: 1, kept: 0 })
    expect(await shown()).toEqual([])
    await putText(source, 'a.jpg', 'one')
    await bench().build()
    await source.deleteAll(['a.jpg'])
    const { plans } = await bench().plan()
    expect(plans.flatMap(({ steps }) => steps)).toEqual([
      expect.not.objectContaining({ since: expect.anything() }),
    ])
    expect(await listKeys(output, 'a.jpg/')).toHaveLength(1)
  })
})

it('deletes as large a share as it may, and nothing where one source more would go', async () => {
  const stores = { source: openMemoryStore(), output: openMemoryStore() }
  const names = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']
  for (const name of names) await putText(stores.source, name, name)
  await openBench(stores).build()
  await stores.source.deleteAll(['a.jpg'])
  const pruneShare = (maxShare: number) => {
    const bench = openBench(stores)
    const input = { ...bench.planInput(), ledger: bench.ledger, now: () => 1_700_000_000_000 }
    const rules = { dryRun: false, olderThanMs: 0, extras: false, allowEmpty: false }
    return prune({ ...input, ...rules, maxShare })
  }
  await expect(pruneShare(0.24)).rejects.toMatchObject({ code: 'prune-share' })
  expect(await pruneShare(0.25)).toMatchObject({ deleted: 4 })
})

describe('prune', () => {
  it('that only looks writes and deletes nothing, not even to learn the time', async () => {
    const { source, output, countResults } = await openLeft()
    const operations: string[] = []
    const gated = asGatedStore(output, async (operation) => void operations.push(operation))
    const before = await listKeys(output)
    const looking = openBench({ source, output: gated, config: { sizes: { one: { widths: [320] } } } })
    expect(await pruneNow(looking, { dryRun: true })).toMatchObject({ deleted: 2 })
    expect(operations.filter((each) => /^(?:put|copy|delete)/.test(each))).toEqual([])
    expect(await listKeys(output)).toEqual(before)
    expect(await countResults()).toBe(2)
  })

  it('learns the time of its store before it says since when something is an orphan', async () => {
    const { source, bench, output } = await openLeft()
    let isKnown = false
    const probeWriting = async (): Promise<void> => {
      isKnown = true
    }
    const ledger = { ...bench().ledger, probeWriting }
    const now = () => (isKnown ? 1_700_000_000_000 : 0)
    await pruneNow(openBench({ source, output }), { ledger, now, olderThanMs: 1 })
    const { plans } = await bench().plan()
    const since = plans.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.kind === 'orphan' ? step.since : [])),
    )
    expect(since).toEqual([1_700_000_000_000, 1_700_000_000_000])
  })

  it('makes room on a full disk, and deletes nothing where the ledger cannot be written otherwise', async () => {
    const { bench, output, countResults } = await openLeft()
    const failing = (code: ProblemCode, error: Error = new Problem(code, 'No.')) => {
      let isFull = true
      return bench({
        put: async (...given) => {
          if (isFull) throw error
          return output.put(...given)
        },
        deleteAll: async (...given) => {
          isFull = false
          return output.deleteAll(...given)
        },
      })
    }
    await expect(pruneNow(failing('store-unavailable'))).rejects.toMatchObject({ code: 'store-unavailable' })
    await expect(pruneNow(failing('store-full', new Error('a bug')))).rejects.toThrow('a bug')
    expect(await countResults()).toBe(2)
    expect(await pruneNow(failing('store-full'))).toMatchObject({ deleted: 2 })
    expect(await countResults()).toBe(0)
  })

  it('deletes nothing where a part of the ledger cannot be read any more at the second look', async () => {
    const { bench, output, countResults } = await openLeft()
    let looks = 0
    const pruning = bench({
      list: (options) => {
        if (options?.prefix?.startsWith('.imgsizes/ledger/')) looks++
        return output.list(options)
      },
      open: async (key, options) => {
        if (looks > 1 && key.startsWith('.imgsizes/ledger/')) throw new Problem('store-unavailable', 'No.')
        return output.open(key, options)
      },
    })
    await expect(pruneNow(pruning)).rejects.toMatchObject({ code: 'ledger-unread' })
    expect(await countResults()).toBe(2)
    expect(await pruneNow(bench())).toMatchObject({ deleted: 2 })
  })

  it('says nothing of what it would delete where a part of the ledger cannot be read', async () => {
    const { bench, output } = await openLeft()
    const open: WritableStore['open'] = async (key, options) => {
      if (key.startsWith('.imgsizes/ledger/')) throw new Problem('store-unavailable', 'No.')
      return output.open(key, options)
    }
    await expect(pruneNow(bench({ open }), { dryRun: true })).rejects.toMatchObject({ code: 'ledger-unread' })
  })

  it('does not count sources that nobody could see among those that would keep their results', async () => {
    const { source, output, bench } = await openLeft()
    const names = ['b.jpg', ...Array.from({ length: 9 }, (_, i) => `unseen/${i}.jpg`)]
    for (const name of names) await putText(source, name, name)
    await bench().build()
    const seen = openBench({
      source: {
        ...source,
        list: async function* (options = {}) {
          options.onUnlisted?.('unseen', new Problem('store-denied', 'May not.'))
          for await (const each of source.list(options)) if (!each.key.startsWith('unseen/')) yield each
        },
      },
      output,
      config: { sizes: { one: { widths: [320] } } },
    })
    await expect(pruneNow(seen, { maxShare: 0.49 })).rejects.toMatchObject({ code: 'prune-share' })
    expect(await pruneNow(seen, { maxShare: 0.5 })).toMatchObject({ deleted: 2 })
    expect(await listKeys(output, 'unseen/')).toHaveLength(18)
  })

  it('deletes more than a thousand, and records of each that it is an orphan no more', async () => {
    const { output, bench: open, countResults } = await openLeft()
    const bench = open()
    for (const source of ['b.jpg', 'c.jpg'].map(toSource))
      for (let width = 1; width <= 600; width++) {
        const transform = { resize: { kind: 'width', width }, quality: 80 } as const
        await putText(output, bench.keyring.keyOf({ source, transform, format: 'webp' }), '')
      }
    expect(await pruneNow(bench)).toMatchObject({ deleted: 1202 })
    expect([
      await countResults(),
      await listKeys(output, 'b.jpg/'),
      await listKeys(output, 'c.jpg/'),
    ]).toEqual([0, [], []])
    const orphans = new Map<string, boolean>()
    for await (const entry of (await bench.ledger.open()).entries())
      for (const { name, isOver = false } of entry.orphans) orphans.set(name, isOver)
    expect([orphans.size > 0, new Set(orphans.values())]).toEqual([true, new Set([true])])
  })

  it('names the source that cannot be looked at again, and keeps its results', async () => {
    const { source, output, countResults } = await openLeft()
    const broken = async (): Promise<never> => {
      throw new Problem('store-unavailable', 'It fails for what was deleted.')
    }
    const config = { sizes: { one: { widths: [320] } } }
    const pruning = openBench({ source: { ...source, head: broken }, output, config })
    expect(await pruneNow(pruning)).toMatchObject({ deleted: 0 })
    expect(pruning.events).toContainEqual(expect.objectContaining({ kind: 'source-failed', source: 'a.jpg' }))
    expect(await countResults()).toBe(2)
  })

  it.each([
    [2, 0],
    [1, 1],
    [0, 1],
  ])('that the store refuses %i of two results tells of kept versions %i times', async (refused, told) => {
    const { bench, output } = await openLeft()
    const pruning = bench({
      keepsVersions: async () => true,
      deleteAll: async (keys) => {
        await output.deleteAll(keys.slice(refused))
        return keys.slice(0, refused).map((key) => ({ key, message: 'It is locked.' }))
      },
    })
    await pruneNow(pruning).catch(() => {})
    const codes = pruning.events.flatMap((event) => (event.kind === 'warning' ? [event.problem.code] : []))
    expect(codes).toEqual(Array(told).fill('store-keeps-versions'))
  })

  it('counts what the store refused to delete, and keeps it in mind as an orphan', async () => {
    const { bench, output, countResults } = await openLeft()
    const pruning = bench({
      deleteAll: async ([first = '', ...rest]) => {
        await output.deleteAll(rest)
        return [{ key: first, message: 'It is locked.' }]
      },
    })
    await expect(pruneNow(pruning)).rejects.toMatchObject({
      code: 'delete-incomplete',
      message: expect.stringMatching(
        /^1 of 2 results could not be deleted\. The first is a\.jpg.*It is locked\./,
      ),
    })
    expect(pruning.events.filter(({ kind }) => kind === 'result-deleted')).toHaveLength(1)
    expect(await countResults()).toBe(1)
    const { plans } = await bench().plan()
    expect(plans.flatMap(({ steps }) => steps)).toMatchObject([{ kind: 'orphan', since: expect.any(Number) }])
    expect(await pruneNow(bench())).toMatchObject({ deleted: 1 })
  })

  it('hands its signal to all that it asks of the store, and ends where it aborts', async () => {
    const { bench, output, countResults } = await openLeft()
    const stop = new AbortController()
    const unheard: string[] = []
    const hear = (operation: string, signal: AbortSignal | undefined) =>
      signal === stop.signal || unheard.push(operation)
    const listening: Partial<WritableStore> = {
      list: (options) => {
        hear(`list ${options?.prefix ?? ''}`, options?.signal)
        return output.list(options)
      },
      deleteAll: (keys, options) => {
        hear('delete', options?.signal)
        return output.deleteAll(keys, options)
      },
    }
    const { signal } = stop
    await pruneNow(bench(listening), { signal })
    expect(unheard).toEqual([])
    await putText(output, 'x', 'y')
    await deleteKeys({ results: bench(listening).results, signal }, [])
    expect(unheard).toEqual([])
    const other = await openLeft()
    stop.abort(new Error('stopped'))
    await expect(pruneNow(other.bench(), { signal })).rejects.toThrow('stopped')
    expect([await countResults(), await other.countResults()]).toEqual([0, 2])
  })
})

it('looks at no source again that loses nothing', async () => {
  const stores = { source: openMemoryStore(), output: openMemoryStore() }
  const config = { sizes: { one: { widths: [320] } } }
  await putText(stores.source, 'a.jpg', 'one')
  await openBench({ ...stores, config }).build()
  const lists = async (dryRun: boolean) => {
    let count = 0
    const gate: Gate = async (operation) => void (operation === 'list' && count++)
    await pruneNow(openBench({ ...stores, output: asGatedStore(stores.output, gate), config }), { dryRun })
    return count
  }
  expect(await lists(false)).toBe(await lists(true))
})
