import { describe, expect, it } from 'vitest'
import { createSourceWork } from '../../../src/app/batch/build-source.ts'
import type { PlannedSource } from '../../../src/app/batch/plan.ts'
import { type BuildInput, createArrivals, STOPPED } from '../../../src/app/batch/source-steps.ts'
import type { AppEvent } from '../../../src/app/event.ts'
import { defined } from '../../../src/core/defined.ts'
import { Problem, type ProblemCode } from '../../../src/core/problem.ts'
import type { PlanStep } from '../../../src/plan/decide.ts'
import { emptyEntry, type LedgerEntry } from '../../../src/plan/ledger-entry.ts'
import type { VariantKey } from '../../../src/url/keyring.ts'
import { aRecord, aResult, aSource } from '../../plan/support.ts'
import { createTextRenderer, getText, openBench, putText } from '../../support/bench-project.ts'
import { toSource, toTransform } from '../../support/parsed.ts'

const KEY = toSource('a.jpg')
const problem = (code: ProblemCode): Problem => new Problem(code, `It is ${code}.`)

const toResult = (transformText: string, sizes: readonly string[] = ['content']) =>
  ({ transform: toTransform(transformText), transformText, format: 'webp', sizes }) as const
const RENDER: PlanStep = {
  kind: 'render',
  result: toResult('320w.q80'),
  reason: 'missing',
  maker: 'build',
}
const LISTED = aResult(KEY, undefined)
const COPY: PlanStep = { kind: 'copy', from: LISTED, result: toResult('480w.q80'), record: aRecord() }
const TOUCH: PlanStep = { kind: 'touch', at: LISTED, record: aRecord() }
const DROP: PlanStep = { kind: 'drop', key: LISTED.key }
const ORPHAN: PlanStep = { kind: 'orphan', key: LISTED.key, name: '640w.q80.F5qBZZuh0iN5uWNN.webp' }
const KEEP: PlanStep = {
  kind: 'keep',
  key: LISTED.key,
  result: toResult('640w.q80'),
  sizeBytes: 9,
  isOtherEncoder: false,
}

/** What pages need to know, so that nothing is rendered for them. */
const KNOWN: LedgerEntry = {
  ...emptyEntry(KEY),
  facts: [{ fingerprint: 'f', width: 9, height: 9, mediaFormat: 'jpeg', thumbhash: 'x', colour: 'aa8866' }],
}

interface Given {
  readonly plan?: Partial<PlannedSource>
  readonly changes?: Partial<BuildInput>
  /** Whether the original is there when it is read. */
  readonly isThere?: boolean
  readonly deleteAll?: BuildInput['results']['store']['deleteAll']
  readonly copy?: BuildInput['results']['copy']
  readonly onPlanned?: () => Promise<void>
}

/** Does what a plan of one source says, and tells what came of it. */
const work = async (given: Given = {}) => {
  const bench = openBench()
  if (given.isThere ?? true) await putText(bench.source, KEY, 'a cat')
  const events: AppEvent[] = []
  const recorded: LedgerEntry[] = []
  const calls: string[] = []
  const settled: unknown[] = []
  const { put } = bench.results
  const input: BuildInput = {
    ...bench.planInput({ tell: (event) => void events.push(event) }),
    keyring: bench.keyring,
    ledger: bench.ledger,
    renderer: bench.renderer,
    threads: 1,
    now: () => 7,
    ticks: () => 7,
    results: {
      ...bench.results,
      put: async (...put_) => {
        calls.push('put')
        return put(...put_)
      },
      copy:
        given.copy ??
        (async (from, to, record) => {
          calls.push(`copy ${from.key === to ? 'in place' : to.replace(/\.[^.]{16}\./, '.')}`)
          return record
        }),
      store: {
        ...bench.output,
        deleteAll:
          given.deleteAll ??
          (async (keys) => {
            for (const key of keys) calls.push(`delete ${key}`)
            return []
          }),
        findOtherSpelling: async () => {
          calls.push('look at spelling')
          return undefined
        },
      },
    },
    facts: { announce: async () => {}, settle: (_, facts) => void settled.push(facts) },
    ...given.changes,
  }
  const workOn = createSourceWork(input, {
    recorder: { add: async (entry: LedgerEntry) => void recorded.push(entry) } as never,
    aliases: {
      onPlanned: async () => {
        calls.push('aliases')
        await given.onPlanned?.()
      },
      onStored: async () => void calls.push('aliases follow'),
      settle: async () => {},
    },
    writing: {
      check: async () => void calls.push('check'),
      attempt: async <T>(write: () => Promise<T>): Promise<T> => {
        calls.push('attempt')
        return write()
      },
    } as never,
  })
  const problems = await workOn({
    group: { key: KEY, source: aSource(KEY, { sizeBytes: 5 }), results: [], known: KNOWN },
    fingerprint: 'f',
    steps: [],
    reclaimed: [],
    aliases: [],
    ...given.plan,
  })
  const of = (kind: AppEvent['kind']) => events.filter((event) => event.kind === kind)
  return {
    problems: problems.map((each) => (each === STOPPED ? 'left' : each.code)),
    calls: calls.filter((call) => call !== 'aliases'),
    hasAliases: calls.includes('aliases'),
    told: events.map(({ kind }) => kind).filter((kind) => kind !== 'source-planned'),
    of,
    recorded,
    results: recorded.flatMap(({ results }) => results),
    orphans: recorded.flatMap(({ orphans }) => orphans),
    settled,
    bench,
  }
}

const group = (changes: Partial<PlannedSource['group']>): Pick<PlannedSource, 'group'> => ({
  group: { key: KEY, results: [], ...changes },
})

describe('the work on a source', () => {
  it('writes nothing where all is as it should be', async () => {
    const done = await work({ plan: { steps: [KEEP] } })
    expect(done).toMatchObject({ problems: [], calls: [], told: [], hasAliases: true, recorded: [] })
    expect(done.settled).toEqual([expect.objectContaining({ smallest: ['webp'] })])
  })

  it('records what its plan has learned, before all else', async () => {
    const learned = { ...emptyEntry(KEY), results: [aRecord()] }
    const { recorded } = await work({ plan: { learned, steps: [RENDER] } })
    expect([recorded[0], recorded.length > 1]).toEqual([learned, true])
  })

  it('checks first whether anything can be written, for a render and for an orphan', async () => {
    const rendered = await work({ plan: { steps: [RENDER] } })
    expect(rendered.calls).toEqual(['check', 'attempt', 'put', 'aliases follow', 'look at spelling'])
    expect(rendered.settled).toEqual([expect.objectContaining({ smallest: ['webp'] })])
    const { calls, orphans } = await work({ plan: { steps: [ORPHAN] } })
    expect([calls, orphans]).toEqual([['check'], [{ name: '640w.q80.F5qBZZuh0iN5uWNN.webp', since: 7 }]])
  })

  it('looks at the spelling of a folder that it writes to, or whose results are misspelt', async () => {
    const source = aSource(KEY)
    const plan = (changes: Partial<PlannedSource['group']>) => ({
      ...group({ known: KNOWN, ...changes }),
      steps: [KEEP],
    })
    expect((await work({ plan: plan({ source, isMisspelt: true }) })).calls).toEqual(['look at spelling'])
    expect((await work({ plan: plan({ isMisspelt: true }) })).calls).toEqual([])
    expect((await work({ plan: plan({ source }) })).calls).toEqual([])
  })

  it('gives the facts of what pages show, and of nothing else', async () => {
    const hidden = [
      { override: { exclude: true } },
      group({ source: aSource(KEY, { isIncluded: false }) }),
      group({}),
    ]
    for (const plan of hidden)
      expect((await work({ plan: { ...plan, steps: [KEEP] } })).settled).toEqual([undefined])
  })

  it('renders for a preview alone, where pages want one that is not known', async () => {
    expect((await work({ plan: { steps: [KEEP] } })).told).toEqual([])
    const plan = { ...group({ source: aSource(KEY) }), steps: [KEEP] }
    expect((await work({ plan })).told).toContain('source-rendered')
    expect((await work({ plan, changes: { facts: undefined } })).told).toEqual([])
    const changes = { facts: undefined, isForPages: true }
    expect((await work({ plan, changes })).told).toContain('source-rendered')
  })

  it('is left where a stop was asked for before it began', async () => {
    const { problems, told } = await work({
      plan: { steps: [RENDER] },
      changes: { stop: AbortSignal.abort() },
    })
    expect([problems, told]).toEqual([['left'], []])
  })

  it('that a stop has cut short is left, and no failure', async () => {
    const stop = new AbortController()
    const copy = async (): Promise<never> => {
      stop.abort(problem('store-full'))
      throw stop.signal.reason
    }
    const { problems, told } = await work({ copy, plan: { steps: [TOUCH] }, changes: { stop: stop.signal } })
    expect([problems, told]).toEqual([['left'], []])
  })
})

describe('a source that fails', () => {
  it('is told, and tried no further where it could not be looked at', async () => {
    const plan = { ...group({}), steps: [RENDER], problem: problem('store-denied') }
    const { problems, told, calls, of, hasAliases } = await work({ plan })
    expect([problems, told, hasAliases]).toEqual([['store-denied'], ['source-failed'], false])
    expect(calls).not.toContain('put')
    expect(of('source-planned')).toMatchObject([{ isIncluded: true }])
    expect((await work({ plan: group({}) })).of('source-planned')).toMatchObject([{ isIncluded: false }])
  })

  it('is remembered by its size where the picture is to blame that it could not be looked at', async () => {
    const { recorded } = await work({ plan: { problem: problem('source-too-large') } })
    expect(recorded.flatMap(({ failures }) => failures)).toMatchObject([{ fingerprint: 'size:5' }])
  })

  it('is made all the same where only its aliases fail', async () => {
    const onPlanned = async () => {
      throw problem('delete-incomplete')
    }
    const { problems, calls } = await work({ onPlanned, plan: { steps: [RENDER] } })
    expect([problems, calls.includes('put')]).toEqual([['delete-incomplete'], true])
  })

  it('is gone where it was deleted since the listing, and fails where it is there all the same', async () => {
    const gone = await work({ plan: { steps: [RENDER] }, isThere: false })
    expect([gone.problems, gone.told]).toEqual([[], ['source-gone']])
    const withOriginals = (changes: Partial<BuildInput['originals']>) =>
      work({
        plan: { steps: [RENDER] },
        changes: { originals: { ...openBench().originals, ...changes } },
      })
    const listed = await withOriginals({ findAtOrBelow: async () => KEY })
    expect([listed.problems, listed.told]).toEqual([['source-missing'], ['source-failed']])
    const below = await withOriginals({ findAtOrBelow: async () => toSource('a.jpg/b.jpg') })
    expect(below.told).toEqual(['source-gone'])
    const unknown = await withOriginals({
      findAtOrBelow: async () => {
        throw problem('store-unavailable')
      },
    })
    expect(unknown.problems).toEqual(['source-missing'])
    const broken = withOriginals({
      findAtOrBelow: async () => {
        throw new TypeError('a bug')
      },
    })
    await expect(broken).rejects.toThrow('a bug')
  })

  it('by a read of what is there has failed, whatever else is there', async () => {
    const renderer = {
      ...createTextRenderer(),
      render: async () => {
        throw problem('image-corrupt')
      },
    }
    const { problems, told } = await work({ plan: { steps: [RENDER] }, isThere: true, changes: { renderer } })
    expect([problems, told]).toEqual([['image-corrupt'], ['source-read', 'source-failed']])
  })

  it('has ended all its steps when it is told', async () => {
    let copies = 0
    const copy: Given['copy'] = async (_, __, record) => {
      if (copies++ === 0) throw problem('store-denied')
      await new Promise(setImmediate)
      return record as never
    }
    const { problems, results } = await work({ copy, plan: { steps: [TOUCH, COPY] } })
    expect([problems, results.length]).toEqual([['store-denied'], 1])
  })
})

describe('a source that was named', () => {
  const selection = { keys: [KEY] }
  const gone = { ...group({ results: [LISTED] }), steps: [ORPHAN] }

  it('and is gone loses its results at once', async () => {
    const bench = openBench()
    await putText(bench.source, 'b.jpg', 'another')
    const { originals } = bench
    const { calls, told, orphans, hasAliases } = await work({
      plan: gone,
      isThere: false,
      changes: { selection, originals },
    })
    expect(calls).toEqual([`delete ${LISTED.key}`])
    expect([told, orphans, hasAliases]).toEqual([['result-dropped', 'source-gone'], [], false])
  })

  it('or was listed, keeps them as orphans where that is not certain', async () => {
    const { calls, problems, orphans } = await work({ plan: gone, isThere: false, changes: { selection } })
    expect([calls, problems, orphans.length]).toEqual([['check'], ['prune-empty'], 1])
    const listed = await work({ plan: gone, isThere: false })
    expect([listed.calls, listed.problems, listed.orphans.length]).toEqual([['check'], [], 1])
  })
})

describe('a step', () => {
  it('that copies writes to the new key, and one that touches to the old one', async () => {
    const { calls, told, results, problems } = await work({ plan: { steps: [COPY, TOUCH] } })
    expect(calls.filter((call) => call.startsWith('copy'))).toEqual([
      'copy a.jpg/480w.q80.webp',
      'copy in place',
    ])
    expect([told, results.length, problems]).toEqual([['result-copied', 'result-touched'], 2, []])
    expect(calls.filter((call) => call === 'attempt')).toHaveLength(2)
  })

  it('of what was replaced since is left to the next build', async () => {
    const { told, results, problems } = await work({ copy: async () => undefined, plan: { steps: [TOUCH] } })
    expect([told, results, problems]).toEqual([[], [], []])
  })

  it('that drops fails where the store refuses', async () => {
    expect(await work({ plan: { steps: [DROP] } })).toMatchObject({
      calls: [`delete ${LISTED.key}`],
      told: ['result-dropped'],
    })
    const deleteAll = async () => [{ key: LISTED.key, message: 'No.' }]
    const refused = await work({ deleteAll, plan: { steps: [DROP] } })
    expect([refused.problems, refused.told]).toEqual([['store-denied'], ['source-failed']])
  })

  it('records headers as later than what is known of the same bytes', async () => {
    const known = { ...KNOWN, results: [aRecord({ headers: 'new' })] }
    const source = aSource(KEY)
    const [own] = (await work({ plan: { ...group({ source, known }), steps: [TOUCH] } })).results
    expect(own).toMatchObject({ headers: 'h', edition: 1 })
    const { results } = await work({ plan: { learned: known, steps: [TOUCH] } })
    expect(results.at(-1)).toMatchObject({ headers: 'h', edition: 1 })
  })

  it('that renders says what it has replaced, and by how much it is too large', async () => {
    const result = toResult('320w.max-1.q80')
    const long = { ...RENDER, result }
    const renderer = {
      ...createTextRenderer(),
      render: async () => ({
        facts: { width: 1, height: 1, mediaFormat: 'jpeg', frames: 1, hasAlpha: false },
        outputs: [{ bytes: new Uint8Array(1010), width: 1, height: 1 }],
      }),
    } as BuildInput['renderer']
    const { of } = await work({ plan: { steps: [long] }, changes: { renderer } })
    expect(of('result-stored')).toMatchObject([{ overBytes: 10, replaced: false, sourceBytes: 5 }])
    const { bench } = await work()
    const at = bench.keyring.keyOf({ ...toResult('320w.q80'), source: KEY }) as VariantKey
    const plan = { ...group({ source: aSource(KEY), results: [{ ...LISTED, key: at }] }), steps: [RENDER] }
    const stored = (await work({ plan })).of('result-stored')
    expect(stored).toMatchObject([{ replaced: true, key: at }])
    expect(stored[0]).not.toHaveProperty('overBytes')
  })

  it('that renders what stands under another name writes it there', async () => {
    const at = 'a.jpg/320w.q80.aaaaaaaaaaaaaaaa.webp' as VariantKey
    const { bench, of } = await work({ plan: { steps: [{ ...RENDER, ...defined({ at }) }] } })
    expect([await getText(bench.output, at), of('result-stored')]).toMatchObject([
      'a cat as 80.webp',
      [{ key: at }],
    ])
  })

  it('that was rendered and not recorded has no alias that follows', async () => {
    const changes = { results: { ...openBench().results, put: async () => undefined } as never }
    const { calls, told, results } = await work({ plan: { steps: [RENDER] }, changes })
    expect([calls, results, told.at(-1)]).toEqual([['check', 'attempt'], [], 'result-stored'])
  })
})

it('counts pictures that arrive, each once', () => {
  const arrivals = createArrivals()
  const [first, second] = [arrivals.expect(), arrivals.expect()]
  first()
  first()
  expect(arrivals.underWay).toBe(1)
  second()
  expect(arrivals.underWay).toBe(0)
})
