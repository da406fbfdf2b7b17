import { describe, expect, it } from 'vitest'
import { type BuildRunInput, build } from '../../../src/app/batch/build.ts'
import type { Ledger, LedgerSnapshot } from '../../../src/app/ledger/ledger.ts'
import type { Mark } from '../../../src/core/mark.ts'
import { Problem } from '../../../src/core/problem.ts'
import { emptyEntry, type LedgerEntry } from '../../../src/plan/ledger-entry.ts'
import type { Renderer } from '../../../src/render/port.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import { listKeys, openBench, putText, renderBy } from '../../support/bench-project.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { toSource } from '../../support/parsed.ts'

interface Given {
  readonly renderer?: Renderer
  readonly output?: WritableStore
  readonly changes?: (bench: ReturnType<typeof openBench>) => Partial<BuildRunInput>
  readonly ledger?: Partial<Ledger & LedgerSnapshot>
}

/** Builds three originals, and tells what of the extra work of a whole run is done. */
const run = async ({ renderer, output = openMemoryStore(), changes, ledger = {} }: Given = {}) => {
  const bench = openBench({ output, ...(renderer && { renderer }) })
  for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) await putText(bench.source, name, name)
  const calls: string[] = []
  let seen = 0
  const call = (name: string) => async () => void calls.push(name)
  const input: BuildRunInput = {
    ...bench.planInput(),
    forced: bench.forced,
    renderer: bench.renderer,
    keyring: bench.keyring,
    threads: 1,
    now: () => 0,
    ticks: () => 0,
    shares: { watch: async () => ({ observe: () => void seen++, finish: call('shares') }) },
    ledger: {
      ...bench.ledger,
      open: async () => ({
        ...(await bench.ledger.open()),
        startMerge: () => ({ add: async () => {}, finish: call('merge') }),
        deleteSpent: call('delete spent'),
        ...ledger,
      }),
      ...ledger,
    },
    ...changes?.(bench),
  }
  const error: unknown = await build(input).catch((failure: unknown) => failure)
  const results = (await listKeys(output)).filter((key) => !key.startsWith('.imgsizes/'))
  return { bench, calls, error, results: results.length, seen }
}

const WHOLE = ['merge', 'delete spent', 'shares']

describe('a build of everything', () => {
  it('merges the ledger, deletes what was replaced, and sees whether shares are even', async () => {
    expect(await run()).toMatchObject({ error: undefined, calls: WHOLE, results: 12, seen: 3 })
  })

  it('merges what the ledger knows of sources that are there, or have results', async () => {
    const output = openMemoryStore()
    const { bench } = await run({ output })
    const recorder = bench.ledger.record()
    await recorder.add({
      ...emptyEntry('gone.jpg'),
      sightings: [{ sizeBytes: 1, mark: 'm' as Mark, fingerprint: 'f' }],
    })
    await recorder.flush()
    const added: string[] = []
    const startMerge = () => ({
      add: async ({ source }: LedgerEntry) => void added.push(source),
      finish: async () => {},
    })
    await run({ output, ledger: { startMerge } })
    expect(added).toEqual(['a.jpg', 'b.jpg', 'c.jpg'])
  })

  it('is not stopped by shares that cannot be read, but told of them', async () => {
    const watch = async (): Promise<never> => {
      throw new Problem('shards-damaged', 'No.')
    }
    const { error, results, calls, bench } = await run({ changes: () => ({ shares: { watch } }) })
    expect([error, results, calls]).toEqual([undefined, 12, ['merge', 'delete spent']])
    expect(bench.events).toContainEqual(expect.objectContaining({ kind: 'warning' }))
  })

  it('does none of that where it was stopped, or did not see everything', async () => {
    const stop = new AbortController()
    const renderer = renderBy(async (plain, ...given) => {
      stop.abort()
      return plain(...given)
    })
    expect(await run({ renderer, changes: () => ({ stop: stop.signal }) })).toMatchObject({
      error: undefined,
      calls: [],
      results: 4,
    })
    const part = await run({ changes: () => ({ selection: { range: { prefix: 'b' } } }) })
    expect(part).toMatchObject({ error: undefined, calls: [], results: 4 })
    const named = await run({ changes: () => ({ selection: { keys: [toSource('c.jpg')] } }) })
    expect(named).toMatchObject({ error: undefined, calls: [], results: 4 })
  })

  it('forgets forced builds whose work is done, unless it was about a part of the sizes', async () => {
    const left = async (isNarrowed: boolean): Promise<number> => {
      const output = openMemoryStore({ now: () => 0 })
      const changes = (bench: ReturnType<typeof openBench>) => ({ rules: { ...bench.rules, isNarrowed } })
      await openBench({ output }).forced.begin({}, () => false)
      const { bench, error } = await run({ output, changes })
      expect(error).toBeUndefined()
      return (await bench.forced.read()).length
    }
    expect([await left(false), await left(true)]).toEqual([0, 1])
  })

  it('removes first what killed writers have left', async () => {
    const store = openMemoryStore()
    let results = -1
    const sweep = async () => {
      results = (await listKeys(store)).length
    }
    await run({ output: { ...store, sweep } })
    expect(results).toBe(0)
  })

  it('ends without an error where a stop ends its look at the ledger, and with one where that fails', async () => {
    const stop = new AbortController()
    const failure = new Problem('store-unavailable', 'No.')
    const open = async (): Promise<never> => {
      throw failure
    }
    expect((await run({ ledger: { open } })).error).toBe(failure)
    const stopping = async (): Promise<never> => {
      stop.abort(failure)
      throw failure
    }
    const stopped = await run({ ledger: { open: stopping }, changes: () => ({ stop: stop.signal }) })
    expect(stopped).toMatchObject({ error: undefined, results: 0 })
    const other = new AbortController()
    const read = async (): Promise<never> => {
      other.abort(failure)
      throw failure
    }
    const late = await run({ changes: ({ forced }) => ({ forced: { ...forced, read }, stop: other.signal }) })
    expect(late).toMatchObject({ error: undefined, calls: [], results: 0 })
  })

  it('fails where its listing fails, and records what it has made before', async () => {
    const { bench, error, results } = await run({
      changes: ({ originals }) => ({
        originals: {
          ...originals,
          list: async function* (options) {
            for await (const source of originals.list(options))
              if (source.key !== 'c.jpg') yield source
              else throw new Problem('store-unavailable', 'No.')
          },
        },
      }),
    })
    expect(error).toMatchObject({ code: 'store-unavailable' })
    let recorded = 0
    for await (const entry of (await bench.ledger.open()).entries()) recorded += entry.results.length
    expect(recorded).toBe(results)
  })
})

describe('a run in which nothing can be written any more', () => {
  it('ends by why it cannot, and only warns that its records cannot be written either', async () => {
    const store = openMemoryStore()
    let puts = 0
    const put: WritableStore['put'] = async (key, bytes, options) => {
      if (++puts > 2) throw new Problem('store-full', 'It is full.')
      return store.put(key, bytes, options)
    }
    const probe = async (): Promise<void> => {
      if (puts > 0) throw new Problem('store-full', 'It is full.')
    }
    const { error, bench } = await run({ output: { ...store, put, probe } })
    expect(error).toMatchObject({
      code: 'store-full',
      message: expect.stringContaining('The run has stopped'),
    })
    expect(bench.events).toContainEqual(expect.objectContaining({ kind: 'warning' }))
  })

  it('fails where only its records cannot be written', async () => {
    const store = openMemoryStore()
    const put: WritableStore['put'] = async (key, bytes, options) => {
      if (key.startsWith('.imgsizes/ledger/')) throw new Problem('store-denied', 'May not.')
      return store.put(key, bytes, options)
    }
    const { error, results } = await run({ output: { ...store, put } })
    expect([error, results]).toMatchObject([{ code: 'store-denied' }, 12])
  })
})
