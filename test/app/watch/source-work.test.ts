import { describe, expect, it } from 'vitest'
import { openSourcesWork, type SourceOutcome } from '../../../src/app/watch/source-work.ts'
import { Problem } from '../../../src/core/problem.ts'
import type { SourceKey } from '../../../src/core/source-key.ts'
import { type BenchOptions, listKeys, openBench, putText } from '../../support/bench-project.ts'
import { asGatedStore } from '../../support/gated-store.ts'
import { createLatch } from '../../support/latch.ts'
import { openMemoryStore } from '../../support/memory-store.ts'

const AWAY = new Problem('store-unavailable', 'It is away.')

/** The work on sources of which `a.jpg` and `b.jpg` are there. */
const setUp = async (options: BenchOptions = {}) => {
  const bench = openBench({ config: { formats: ['webp'] }, ...options })
  for (const name of ['a.jpg', 'b.jpg']) await putText(bench.source, name, `of ${name}`)
  const work = await openSourcesWork({
    ...bench.planInput(),
    ledger: bench.ledger,
    renderer: bench.renderer,
    keyring: bench.keyring,
    threads: 2,
    now: () => 1_700_000_000_000,
    ticks: () => 0,
    stop: new AbortController().signal,
  })
  /** How each source has ended, in the order of their names. */
  const ends: string[] = []
  const run = async (...sources: readonly string[]): Promise<readonly string[]> => {
    ends.length = 0
    const toText = (outcome: SourceOutcome): string =>
      outcome.kind === 'settled'
        ? `${outcome.end}${outcome.problem ? ` by ${outcome.problem.code}` : ''}`
        : outcome.kind === 'failed'
          ? `failed by ${outcome.problem.code}`
          : outcome.kind
    await work.run(sources as readonly SourceKey[], (source, outcome) =>
      ends.push(`${source} ${toText(outcome)}`),
    )
    return [...ends].sort()
  }
  return { bench, work, run, ends }
}

describe('a source', () => {
  it('is made, is found as it was made though nothing is recorded yet, and goes with its original', async () => {
    const { bench, run } = await setUp()
    expect(await run('b.jpg', 'a.jpg')).toEqual(['a.jpg made', 'b.jpg made'])
    expect(await run('a.jpg')).toEqual(['a.jpg fresh'])
    await bench.source.deleteAll(['a.jpg'])
    expect([await run('a.jpg'), await listKeys(bench.output, 'a.jpg/')]).toEqual([['a.jpg purged'], []])
    expect(await run('a.jpg', 'none.jpg')).toEqual(['a.jpg fresh', 'none.jpg fresh'])
  })

  it('that can never be made is done with, by its reason; what is away is not', async () => {
    const source = openMemoryStore()
    const { bench, run } = await setUp({
      source: asGatedStore(source, async (operation) => {
        if (operation === 'get b.jpg') throw AWAY
      }),
    })
    await putText(bench.source, 'a.jpg', 'broken')
    expect(await run('a.jpg', 'b.jpg')).toEqual([
      'a.jpg failing by image-corrupt',
      'b.jpg failed by store-unavailable',
    ])
    expect(await run('a.jpg')).toEqual(['a.jpg failing'])
  })

  it('that is replaced, or comes back, while it is worked on is looked at again', async () => {
    let meanwhile: (() => Promise<void>) | undefined
    const source = openMemoryStore()
    const output = asGatedStore(openMemoryStore(), async (operation) => {
      if (!/^(put a\.jpg.*|delete) answered$/.test(operation)) return
      const [act, rest] = [meanwhile, undefined]
      meanwhile = rest
      await act?.()
    })
    const { run } = await setUp({ source, output })
    meanwhile = () => putText(source, 'a.jpg', 'another')
    expect(await run('a.jpg')).toEqual(['a.jpg changed'])
    expect(await run('a.jpg')).toEqual(['a.jpg made'])
    await source.deleteAll(['a.jpg'])
    meanwhile = () => putText(source, 'a.jpg', 'another')
    expect(await run('a.jpg')).toEqual(['a.jpg changed'])
  })

  it('has ended once, also where the work on a later one cannot begin', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `${100 + i}.jpg`)
    const plain = openMemoryStore()
    const list: typeof plain.list = (options) => {
      if (options?.prefix?.startsWith('199.jpg')) throw new TypeError('a bug')
      return plain.list(options)
    }
    const { run, ends } = await setUp({ output: { ...plain, list } })
    await expect(run(...names)).rejects.toThrow('a bug')
    expect(ends.map((end) => end.split(' ')[0]).sort()).toEqual(names)
    expect([ends[0], ends.at(-1)]).toEqual(['100.jpg fresh', '199.jpg failed by watch-bug'])
  })
})

it('knows what it has written and what it is writing, where both are of one source', async () => {
  const door = createLatch()
  let isHeld = false
  const output = asGatedStore({ ...openMemoryStore(), keepsHeaders: false }, async (operation) => {
    if (isHeld && operation.startsWith('put .imgsizes/ledger/')) await door.pass()
  })
  const { bench, work, run } = await setUp({ output })
  expect(await run('b.jpg', 'a.jpg')).toEqual(['a.jpg made', 'b.jpg made'])
  expect(await run('b.jpg', 'a.jpg')).toEqual(['a.jpg fresh', 'b.jpg fresh'])
  isHeld = true
  const recording = work.record()
  await expect.poll(() => door.waiting).toBe(1)
  await putText(bench.source, 'a.jpg', 'another')
  expect([await run('a.jpg'), await run('a.jpg')]).toEqual([['a.jpg made'], ['a.jpg fresh']])
  door.open()
  await recording
  await work.close()
})

it('ends where a failure shows that nothing can be stored, and not where only one source fails', async () => {
  const plain = openMemoryStore()
  let isAway = false
  let sweeps = 0
  const output = {
    ...asGatedStore(plain, async (operation) => {
      if (isAway && operation.startsWith('put a.jpg')) throw AWAY
    }),
    sweep: async () => void sweeps++,
    probe: async () => {
      if (isAway) throw AWAY
    },
  }
  const source = asGatedStore(openMemoryStore(), async (operation) => {
    if (operation === 'get b.jpg') throw AWAY
  })
  const { work, run } = await setUp({ source, output })
  expect([await run('b.jpg'), work.ended.aborted]).toEqual([['b.jpg failed by store-unavailable'], false])
  expect(sweeps).toBe(1)
  isAway = true
  await run('a.jpg')
  expect(work.ended.aborted).toBe(true)
  await expect(work.probe()).rejects.toThrow('It is away.')
})

it('ends where the ledger cannot be read, and nothing stored', async () => {
  const state = { isAway: false }
  const throwIfAway = async (): Promise<void> => {
    if (state.isAway) throw AWAY
  }
  const { work, run } = await setUp({
    output: { ...asGatedStore(openMemoryStore(), throwIfAway), probe: throwIfAway },
  })
  state.isAway = true
  expect(await run('a.jpg')).toEqual(['a.jpg failed by store-unavailable'])
  expect(work.ended.aborted).toBe(true)
})
