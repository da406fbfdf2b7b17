import { describe, expect, it } from 'vitest'
import { prune } from '../../../src/app/batch/prune.ts'
import { Problem } from '../../../src/core/problem.ts'
import type { WritableStore } from '../../../src/store/port.ts'
import { type Bench, createTextRenderer, listKeys, openBench, putText } from '../../support/bench-project.ts'
import { asDatedStore } from '../../support/dated-store.ts'
import { createLatch } from '../../support/latch.ts'
import { openMemoryStore } from '../../support/memory-store.ts'
import { asSmallDisk } from '../../support/small-disk.ts'

const SOURCES = 12
/** Of all results and what is recorded of them: a block each. */
const ENOUGH = SOURCES * 4 + 10

/** Of two threads: one more than twice as many. */
const UNDER_WAY = 5

const openSite = async (blocks: number) => {
  const source = openMemoryStore()
  for (let i = 0; i < SOURCES; i++) await putText(source, `${i}.jpg`, `picture ${i}`)
  const output = asSmallDisk(asDatedStore(openMemoryStore()), blocks)
  return { source, output }
}

const countResults = async (output: WritableStore) =>
  (await listKeys(output)).filter((key) => !key.startsWith('.imgsizes/')).length

const countStored = ({ events }: Bench) => events.filter(({ kind }) => kind === 'result-stored').length

const failureOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  )

describe('a disk that fills up', () => {
  it('keeps what was stored, recorded, wherever it happens', async () => {
    let failed = 0
    for (let blocks = 0; blocks <= ENOUGH; blocks++) {
      const { source, output } = await openSite(blocks)
      const first = openBench({ source, output })
      const code = await failureOf(first.build())
      if (code !== undefined) failed++
      expect([undefined, 'store-full'], `${blocks} blocks`).toContain(code)
      const kept = await countResults(output)
      output.grow(ENOUGH)
      const second = openBench({ source, output })
      await second.build()
      expect([blocks, countStored(second)]).toEqual([blocks, SOURCES * 4 - kept])
      expect((await openBench({ source, output }).plan()).counts).toMatchObject({ missing: 0, stale: 0 })
    }
    expect(failed).toBeGreaterThan(SOURCES * 4 - 4)
  })

  it('ends the run after a few failures, and not after each source', async () => {
    const { source, output } = await openSite(6)
    let renders = 0
    const renderer = createTextRenderer(async () => void renders++)
    expect(await failureOf(openBench({ source, output, renderer }).build())).toBe('store-full')
    expect(renders).toBeLessThan(SOURCES)
  })

  it('is emptied by a prune that cannot record anything before', async () => {
    const { source, output } = await openSite(ENOUGH)
    await openBench({ source, output }).build()
    await source.deleteAll(['0.jpg', '1.jpg'])
    output.fill()
    const bench = openBench({ source, output })
    const rules = { dryRun: false, olderThanMs: 0, maxShare: 1, extras: false, allowEmpty: false }
    const input = { ...bench.planInput(), ledger: bench.ledger, now: () => 1_700_000_000_000, ...rules }
    expect((await prune(input)).deleted).toBe(8)
    expect(await countResults(output)).toBe((SOURCES - 2) * 4)
  })
})

describe('a place that may not be written to', () => {
  const denying = (inner: WritableStore, isDenied: (key: string) => boolean): WritableStore => ({
    ...inner,
    probe: async (options) => {
      if (options?.forWriting && isDenied('.imgsizes/')) throw new Problem('store-denied', 'It is read-only.')
    },
    put: async (key, ...rest) => {
      if (isDenied(key)) throw new Problem('store-denied', `${key} is denied.`)
      return inner.put(key, ...rest)
    },
  })

  it('ends the run where it is all of it, and says why', async () => {
    const { source, output } = await openSite(ENOUGH)
    let writes = 0
    const output2 = denying(output, () => ++writes > 6)
    const bench = openBench({ source, output: output2 })
    await expect(bench.build()).rejects.toMatchObject({
      code: 'store-denied',
      message: expect.stringContaining('Nothing can be stored in'),
    })
    const failed = bench.events.filter(({ kind }) => kind === 'source-failed').length
    expect([failed > 0, failed < SOURCES]).toEqual([true, true])
  })

  it('leaves what was under way to the next run: it is neither tried nor held against its source', async () => {
    const { source, output } = await openSite(ENOUGH)
    const tried = new Set<string>()
    const slow: WritableStore = {
      ...denying(output, () => true),
      put: async (key) => {
        tried.add(key.split('/')[0] ?? '')
        throw new Problem('store-denied', `${key} is denied.`)
      },
    }
    // As many as are read and rendered at once have ended before the first is written.
    const rendered = createLatch()
    let renders = 0
    const renderer = createTextRenderer(() => {
      if (++renders === UNDER_WAY) rendered.open()
      return rendered.opened
    })
    // More results than are written at once.
    const sizes = { content: { widths: [10, 20, 30, 40, 50, 60, 70, 80] } }
    const bench = openBench({ source, output: slow, renderer, config: { sizes } })
    await expect(bench.build()).rejects.toMatchObject({ code: 'store-denied' })
    expect(tried.size).toBeLessThan(UNDER_WAY)
    const failed = bench.events.flatMap((event) => (event.kind === 'source-failed' ? [event.source] : []))
    expect(failed.filter((name) => !tried.has(name))).toEqual([])
  })

  it('is a failure of some sources where it is a part', async () => {
    const { source, output } = await openSite(ENOUGH)
    const bench = openBench({ source, output: denying(output, (key) => /^[2-9]/.test(key)) })
    await bench.build()
    expect(bench.events.filter(({ kind }) => kind === 'source-failed')).toHaveLength(8)
    expect(await countResults(output)).toBe((SOURCES - 8) * 4)
  })
})
