import { describe, expect, it } from 'vitest'
import type { SelectInput } from '../../../src/app/batch/select-groups.ts'
import { selectGroups } from '../../../src/app/batch/select-groups.ts'
import type { AppEvent } from '../../../src/app/event.ts'
import type { Originals, OriginalsRoot } from '../../../src/app/originals.ts'
import { createResults } from '../../../src/app/results.ts'
import { Problem } from '../../../src/core/problem.ts'
import type { SourceKey } from '../../../src/core/source-key.ts'
import type { ListedSource } from '../../../src/plan/group.ts'
import { emptyEntry, type LedgerEntry } from '../../../src/plan/ledger-entry.ts'
import { aSource } from '../../plan/support.ts'
import { openBench, putText } from '../../support/bench-project.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { NO_OVERRIDES } from '../../support/no-overrides.ts'
import { testKey } from '../../support/origin.ts'

const { keyring } = openBench()
const DENIED = new Problem('store-denied', 'May not.')
const ROOT: OriginalsRoot = { prefix: '', isListable: true, place: 'x', showsHidden: true }
const key = (text: string) => text as SourceKey

interface Given {
  readonly roots?: readonly OriginalsRoot[]
  readonly sources?: readonly ListedSource[]
  /** Paths that the listing of the originals, or of the results, cannot show. */
  readonly unlisted?: readonly string[]
  readonly resultsUnlisted?: readonly string[]
  readonly ledger?: readonly LedgerEntry[]
  readonly find?: Originals['find']
}

/** What is selected where each of these has a result, in short: its name, and what is said of it. */
const select = async (results: readonly string[], given: Given, changes: Partial<SelectInput> = {}) => {
  const { roots = [ROOT], sources = [], unlisted = [], resultsUnlisted = [], ledger = [] } = given
  const store = openMemoryStore()
  for (const name of results) await putText(store, testKey(keyring, name), '')
  const events: AppEvent[] = []
  const groups: string[] = []
  const input: SelectInput = {
    originals: {
      roots,
      list: async function* ({ onUnlisted }: Parameters<Originals['list']>[0]) {
        for (const path of unlisted) onUnlisted(path, DENIED)
        yield* sources
      },
      find: given.find ?? (async () => undefined),
    } as unknown as Originals,
    results: createResults({
      store: {
        ...store,
        list: async function* (options = {}) {
          for (const path of resultsUnlisted) options.onUnlisted?.(path, DENIED)
          yield* store.list(options)
        },
      },
      keyring,
      cacheControl: '',
    }),
    snapshot: {
      entries: async function* () {
        yield* ledger
      },
    },
    selection: {},
    foreignCounts: { foreign: 0 },
    tell: (event) => void events.push(event),
    ...changes,
  }
  for await (const group of selectGroups(input))
    groups.push(
      [
        group.key,
        group.source && 'is there',
        group.isUnlisted && 'unlisted',
        group.areResultsUnlisted && `results unlisted: ${group.problem?.code}`,
        group.results.length > 0 && group.results.length,
        group.known && 'recorded',
      ]
        .filter(Boolean)
        .join(', '),
    )
  return { groups, told: events.map(({ kind }) => kind) }
}

describe('a source whose listing does not show whether it is there', () => {
  const unlistable = { ...ROOT, prefix: 'web/', isListable: false }
  const blog = { ...ROOT, prefix: 'blog/' }

  it('is unlisted: all of what cannot be listed, which is told once', async () => {
    const { groups, told } = await select(['blog/1.jpg', 'web/1.jpg', 'web/2.jpg'], {
      roots: [blog, unlistable],
    })
    expect(groups).toEqual(['blog/1.jpg, 1', 'web/1.jpg, unlisted, 1', 'web/2.jpg, unlisted, 1'])
    expect(told).toEqual(['warning'])
  })

  it('is gone where nothing can be listed, for that fails as a whole', async () => {
    expect(await select(['web/1.jpg'], { roots: [unlistable] })).toEqual({
      groups: ['web/1.jpg, 1'],
      told: [],
    })
  })

  it('is unlisted at or below a path that is not shown, and not beside it; one that is there is there', async () => {
    const { groups, told } = await select(['a.jpg', 'a/1.jpg', 'a/2.jpg', 'ab.jpg'], {
      unlisted: ['a', 'a.jpg'],
      sources: [aSource(key('a/2.jpg'))],
    })
    expect(groups).toEqual([
      'a.jpg, unlisted, 1',
      'a/1.jpg, unlisted, 1',
      'a/2.jpg, is there, 1',
      'ab.jpg, 1',
    ])
    expect(told).toEqual(['part-unlisted', 'part-unlisted'])
  })

  it.each([
    [true, ['.x/a.jpg, 1', 'b/.x/a.jpg, 1', 'b/.x.jpg, 1']],
    [false, ['.x/a.jpg, unlisted, 1', 'b/.x/a.jpg, unlisted, 1', 'b/.x.jpg, 1']],
  ])('is unlisted in a hidden folder, unless those are shown: %s', async (showsHidden, expected) => {
    const { groups } = await select(['.x/a.jpg', 'b/.x.jpg', 'b/.x/a.jpg'], {
      roots: [{ ...ROOT, showsHidden }],
    })
    expect(groups.sort()).toEqual([...expected].sort())
  })
})

it('a source has a problem where its results, or some of them, cannot be listed', async () => {
  const { groups } = await select(['a.jpg', 'b.jpg', 'c/d.jpg', 'cc.jpg'], {
    resultsUnlisted: ['a.jpg/x', 'c'],
    sources: [aSource(key('a.jpg'))],
  })
  expect(groups).toEqual([
    'a.jpg, is there, results unlisted: store-denied, 1',
    'b.jpg, 1',
    'c/d.jpg, results unlisted: store-denied, 1',
    'cc.jpg, 1',
  ])
})

it('a source that only the ledger knows is selected where it has second names', async () => {
  const alias = { name: 't/1', transform: '640w.q80', format: 'webp', etag: 'e', at: 1 } as const
  const { groups } = await select([], {
    ledger: [{ ...emptyEntry(key('a.jpg')), aliases: [alias] }, emptyEntry(key('b.jpg'))],
  })
  expect(groups).toEqual(['a.jpg, recorded'])
})

it('a picture of a kind that is left out is told, unless it is included', async () => {
  const names = [
    ['a.heic', false],
    ['b.heic', true],
    ['c.jpg', false],
  ] as const
  const sources = names.map(([name, isIncluded]) => aSource(key(name), { isIncluded }))
  expect((await select([], { sources })).told).toEqual(['picture-left-out'])
})

describe('overrides that nothing uses', () => {
  const overrides = {
    ...NO_OVERRIDES,
    openTally: () => ({ of: () => undefined, listUnseen: () => ['none.jpg'] }),
  }
  it.each([
    [{}, {}, true],
    [{}, { selection: { range: { prefix: 'a' } } }, false],
    [{ unlisted: ['b'] }, {}, false],
  ] as [Given, Partial<SelectInput>, boolean][])(
    'are told where everything was seen: %j %j',
    async (given, more, isTold) => {
      const { told } = await select([], given, { overrides, ...more })
      expect(told.includes('overrides-unused')).toBe(isTold)
    },
  )
})

describe('a source that is named', () => {
  const selection = { keys: [key('a.jpg'), key('b.jpg')] }

  it('and cannot be looked up has a problem; the others are looked up', async () => {
    const find: Originals['find'] = async (name) => {
      if (name === 'a.jpg') throw DENIED
      return aSource(name)
    }
    const { groups } = await select(['a.jpg', 'b.jpg', 'c.jpg'], { find }, { selection })
    expect(groups).toEqual(['a.jpg, results unlisted: store-denied', 'b.jpg, is there, 1'])
  })

  it('is found in the ledger behind others and without others', async () => {
    const ledger = ['0.jpg', 'b.jpg', 'c.jpg'].map((name) => emptyEntry(key(name)))
    expect((await select([], { ledger }, { selection })).groups).toEqual(['a.jpg', 'b.jpg, recorded'])
    const isSelected = (name: SourceKey): boolean => name === 'a.jpg'
    expect((await select([], {}, { selection: { ...selection, isSelected } })).groups).toEqual(['a.jpg'])
  })

  it('ends the run by a bug, and where that is to end', async () => {
    const bug: Originals['find'] = async () => {
      throw new TypeError('a bug')
    }
    await expect(select([], { find: bug }, { selection })).rejects.toThrow('a bug')
    const signal = AbortSignal.abort(new Error('stopped'))
    const denied: Originals['find'] = async () => {
      throw DENIED
    }
    await expect(select([], { find: denied }, { selection, signal })).rejects.toThrow('stopped')
  })
})
