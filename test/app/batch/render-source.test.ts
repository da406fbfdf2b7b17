import { describe, expect, it } from 'vitest'
import type { PlannedSource } from '../../../src/app/batch/plan.ts'
import { renderSource } from '../../../src/app/batch/render-source.ts'
import {
  type BuildInput,
  createArrivals,
  type RenderStep,
  type Work,
} from '../../../src/app/batch/source-steps.ts'
import type { AppEvent } from '../../../src/app/event.ts'
import { type Mark, toMark } from '../../../src/core/mark.ts'
import { Problem, type ProblemCode } from '../../../src/core/problem.ts'
import { makerOf } from '../../../src/plan/expected.ts'
import type { LedgerEntry } from '../../../src/plan/ledger-entry.ts'
import type { RenderReport } from '../../../src/render/port.ts'
import type { LargestFirst } from '../../../src/waiting/largest-first.ts'
import { aSource } from '../../plan/support.ts'
import { openBench } from '../../support/bench-project.ts'
import { createLatch } from '../../support/latch.ts'
import { toSource, toTransform } from '../../support/parsed.ts'

const KEY = toSource('a.jpg')
const FACTS = { width: 3000, height: 2000, mediaFormat: 'jpeg', frames: 2, hasAlpha: false }
const made = (text: string) => ({ bytes: new TextEncoder().encode(text), width: 1, height: 1 })
const failed = (code: ProblemCode) => new Problem(code, `It is ${code}.`)

/** `sizes`: those that ask for it; none for what only visitors ask for. */
const toStep = (transformText: string, sizes: readonly string[] = ['content']): RenderStep => {
  const result = { transform: toTransform(transformText), transformText, format: 'webp', sizes } as const
  return { kind: 'render', result, reason: 'missing', maker: makerOf(result) }
}
const STEPS = [toStep('320w.q80'), toStep('640w.q80')]

interface Given {
  readonly steps?: readonly RenderStep[]
  /** What one attempt after the other gives: outputs in the order of the steps, or what it fails with. */
  readonly renders?: readonly (Problem | RenderReport['outputs'])[]
  readonly read?: { readonly bytes?: string; readonly mark?: Mark | undefined } | Problem
  readonly listed?: { readonly sizeBytes: number; readonly mark: Mark | undefined }
  /** The fingerprint that the plan is made for; keys have it in them. */
  readonly planned?: string
  readonly marks?: 'content' | 'date'
  readonly put?: (key: string) => Promise<void>
  readonly changes?: Partial<BuildInput>
}

/** Renders a picture of two results, and says what came of it. */
const render = async (given: Given = {}) => {
  const { steps = STEPS, renders = [[made('a'), made('b')]], read = {}, marks = 'content', put } = given
  const bench = openBench()
  const recorded: LedgerEntry[] = []
  const events: AppEvent[] = []
  const stored: string[] = []
  const turns: number[] = []
  const followed: number[] = []
  const source = aSource(KEY, given.listed ?? { sizeBytes: 5, mark: toMark('m') })
  const input = {
    ...bench.planInput({ tell: (event) => void events.push(event) }),
    rules: { ...bench.rules, attempt: 'as set' },
    keyring: bench.keyring,
    ledger: bench.ledger,
    threads: 1,
    ticks: () => 0,
    originals: {
      ...bench.originals,
      marksOf: () => marks,
      read: async () => {
        if (read instanceof Problem) throw read
        const bytes = new TextEncoder().encode(read.bytes ?? 'a cat')
        const { mark = toMark('m') } = read
        return { bytes, fingerprint: 'f', source: { ...source, sizeBytes: bytes.length, mark } }
      },
    },
    results: {
      ...bench.results,
      put: async (key: string, bytes: Uint8Array, { origin }: { readonly origin: object }) => {
        await put?.(key)
        stored.push(`${key.slice(6, 10)} ${new TextDecoder().decode(bytes)}`)
        return { ...origin, headers: '', etag: '', sizeBytes: bytes.length }
      },
    },
    renderer: {
      ...bench.renderer,
      render: async (_: unknown, options: { readonly onBegin?: () => void } = {}) => {
        options.onBegin?.()
        followed.push(work.arrivals.underWay)
        const outputs = renders[turns.length - 1] ?? []
        if (outputs instanceof Problem) throw outputs
        return { facts: FACTS, outputs }
      },
    },
    ...given.changes,
  } as unknown as BuildInput
  const renderLimit: LargestFirst = {
    run: (sizeBytes, task) => {
      turns.push(sizeBytes)
      return task()
    },
  }
  const work = {
    input,
    recorder: { add: async (entry: LedgerEntry) => void recorded.push(entry) },
    aliases: { onStored: async () => {} },
    putLimit: (write: () => Promise<unknown>) => write(),
    writing: { attempt: (write: () => Promise<unknown>) => write() },
    renders: renderLimit,
    arrivals: createArrivals(),
    made: [],
  } as unknown as Work
  const plan: PlannedSource = {
    group: { key: KEY, source, results: [] },
    fingerprint: given.planned ?? 'f',
    steps,
    reclaimed: [],
    aliases: [],
  }
  const end = await renderSource(plan, steps, { work, onFacts: () => {} }).catch(({ code }) => code)
  return {
    end,
    stored: stored.sort(),
    turns,
    events: events.map(({ kind }) => kind),
    failures: recorded.flatMap(({ failures }) => failures),
    sightings: recorded.flatMap(({ sightings }) => sightings),
    facts: recorded.flatMap(({ facts }) => facts),
    results: recorded.flatMap(({ results }) =>
      results.map(({ transform, maker }) => `${transform} ${maker}`),
    ),
    arrivals: [...followed, work.arrivals.underWay],
  }
}

describe('a picture', () => {
  it('is read and rendered in one turn, stored and recorded with its facts', async () => {
    expect(await render()).toMatchObject({
      end: true,
      stored: ['320w a', '640w b'],
      turns: [5],
      failures: [],
      sightings: [],
      facts: [{ fingerprint: 'f', width: 3000, height: 2000, isAnimated: true }],
      results: ['320w.q80 build', '640w.q80 build'],
      arrivals: [0, 0],
    })
    expect((await render({ marks: 'date' })).sightings).toEqual([
      { sizeBytes: 5, mark: 'm', fingerprint: 'f' },
    ])
  })

  it('that ends its process is tried once more, alone, and then is to blame', async () => {
    const crash = failed('render-crashed')
    const again = await render({ renders: [crash, [made('a'), made('b')]] })
    expect(again).toMatchObject({ end: true, failures: [], turns: [5, Number.MAX_SAFE_INTEGER] })
    expect(await render({ renders: [crash, crash, [made('a'), made('b')]] })).toMatchObject({
      end: 'render-crashed',
      turns: [5, Number.MAX_SAFE_INTEGER],
      failures: [{ code: 'render-crashed', fingerprint: 'f', attempt: 'as set' }],
    })
  })

  it('that fails otherwise is not tried again, and remembered only where its bytes are to blame', async () => {
    expect(await render({ renders: [failed('image-corrupt')] })).toMatchObject({
      end: 'image-corrupt',
      turns: [5],
      failures: [
        { code: 'image-corrupt', fingerprint: 'f', attempt: 'as set', message: 'It is image-corrupt.' },
      ],
      arrivals: [0, 0],
    })
    expect(await render({ renders: [failed('render-unavailable')] })).toMatchObject({
      turns: [5],
      failures: [],
    })
  })

  it('that cannot be read is remembered by its size, where the picture is to blame', async () => {
    expect(await render({ read: failed('source-too-large') })).toMatchObject({
      end: 'source-too-large',
      failures: [{ fingerprint: 'size:5' }],
      arrivals: [0],
    })
    expect(await render({ read: failed('store-denied') })).toMatchObject({
      end: 'store-denied',
      failures: [],
    })
  })

  it('that came shorter than it was listed is not rendered, unless it is another object by now', async () => {
    const listed = { sizeBytes: 6, mark: toMark('m') }
    expect(await render({ listed })).toMatchObject({ end: 'store-unavailable', failures: [], stored: [] })
    expect(await render({ listed, read: { mark: toMark('n') } })).toMatchObject({ end: true })
    expect(await render({ listed: { ...listed, sizeBytes: 4 } })).toMatchObject({ end: true })
  })

  it('is not begun after a stop', async () => {
    const changes = { stop: AbortSignal.abort() }
    expect(await render({ changes })).toMatchObject({ end: false, events: [], stored: [] })
  })

  it('that waits for its turn at a stop is left, and one that fails then is not', async () => {
    const stopped = new AbortController()
    const reason = failed('stopped')
    const renderer = {
      render: async () => {
        stopped.abort(reason)
        throw reason
      },
    } as never
    expect(await render({ changes: { stop: stopped.signal, renderer } })).toMatchObject({
      end: false,
      failures: [],
    })
    const other = new AbortController()
    const failing = {
      render: async () => {
        other.abort(reason)
        throw failed('image-corrupt')
      },
    } as never
    const { end, failures } = await render({ changes: { stop: other.signal, renderer: failing } })
    expect([end, failures.length]).toEqual(['image-corrupt', 1])
  })
})

describe('results of a picture of which one fails', () => {
  it('are stored but for that one, and the failure is remembered', async () => {
    expect(await render({ renders: [[failed('output-too-large'), made('b')]] })).toMatchObject({
      end: 'output-too-large',
      stored: ['640w b'],
      failures: [{ code: 'output-too-large', fingerprint: 'f' }],
    })
  })

  it('are as a whole not remembered as failing for one that no size asks for', async () => {
    const extra = toStep('100w.q80', [])
    const steps = [extra, toStep('640w.q80')]
    expect(await render({ steps, renders: [[failed('output-too-large'), made('b')]] })).toMatchObject({
      end: 'output-too-large',
      stored: ['640w b'],
      failures: [],
    })
    const both = [failed('output-too-large'), failed('image-corrupt')]
    expect((await render({ steps, renders: [both] })).failures).toMatchObject([{ code: 'image-corrupt' }])
    expect((await render({ steps })).results).toEqual(['100w.q80 serve', '640w.q80 build'])
  })

  it('have ended when the failure of one is told', async () => {
    const latch = createLatch()
    const put = async (key: string): Promise<void> => {
      if (key.includes('/320w')) {
        setImmediate(latch.open)
        throw failed('store-denied')
      }
      await latch.pass()
    }
    const { end, stored, results } = await render({ put })
    expect({ end, stored, results }).toEqual({
      end: 'store-denied',
      stored: ['640w b'],
      results: ['640w.q80 build'],
    })
  })
})

describe('a picture that is another one by now', () => {
  const versioned = (needsFingerprint: boolean) => ({
    expectation: {
      needsFingerprint,
      of: () => [toStep('9w.q80').result, toStep('8w.q80', []).result],
    } as unknown as BuildInput['expectation'],
  })
  const renders = [[made('a'), made('b')]]

  it('has other keys where they have its version', async () => {
    const { stored, results } = await render({ planned: 'g', renders, changes: versioned(true) })
    expect([stored, results]).toEqual([
      ['8w.q b', '9w.q a'],
      ['9w.q80 build', '8w.q80 serve'],
    ])
  })

  it('has the planned ones where they have not, or where it is the one that was planned', async () => {
    expect((await render({ planned: 'g', renders, changes: versioned(false) })).stored).toHaveLength(2)
    expect((await render({ renders, changes: versioned(true) })).stored).toHaveLength(2)
  })
})
