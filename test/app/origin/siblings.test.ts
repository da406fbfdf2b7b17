import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { AnswerEvent } from '../../../src/app/origin/event.ts'
import { createSiblings } from '../../../src/app/origin/siblings.ts'
import { createTurns } from '../../../src/app/origin/turns.ts'
import type { Upload } from '../../../src/app/origin/uploads.ts'
import type { Original } from '../../../src/app/originals.ts'
import type { Override } from '../../../src/core/override.ts'
import { Problem } from '../../../src/core/problem.ts'
import type { SourceKey } from '../../../src/core/source-key.ts'
import { createEncoding } from '../../../src/plan/recipe.ts'
import { aSource } from '../../plan/support.ts'
import { createTextRenderer, openBench, putText } from '../../support/bench-project.ts'
import { createLatch } from '../../support/latch.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { testKey } from '../../support/origin.ts'

const CAT = 'cat.jpg' as SourceKey
const [FIRST, SECOND] = ['320w.q80', '640w.q80']

interface Given {
  /** Called before each render, with how many there were. */
  readonly onRender?: (before: number) => void
  /** Called with each original that is asked for; what it gives is changed of it. */
  readonly onUse?: (source: SourceKey) => Partial<Original> | Promise<Partial<Original>>
  readonly readOverride?: () => Promise<Override | undefined>
}

/** Two widths as WebP, and nothing else: what is made of `a.jpg` is `a.jpg 320w.q80`, `a.jpg 640w.q80`. */
const setUp = ({ onRender, onUse, readOverride = async () => undefined }: Given = {}) => {
  const { config, keyring, planInput, output } = openBench({ config: { formats: ['webp'] } })
  const clock = createManualClock()
  const turns = createTurns({ workers: 2, queueLength: 0, queueTimeoutMs: 1_000, clock })
  const events: AnswerEvent[] = []
  const made: string[] = []
  const used: string[] = []
  let rendered = 0
  const text = createTextRenderer(async () => onRender?.(rendered++))
  const waits: (number | undefined)[] = []
  const uploads = {
    waiting: 0,
    found: undefined as Upload | undefined,
    find: (): Upload | undefined => uploads.found,
    add: ({ source, origin }: Upload) => void made.push(`${source} ${origin.transform}`),
    outcome: async () => undefined,
    close: async () => {},
  }
  const siblings = createSiblings({
    parts: {
      rules: { ...config, encoding: createEncoding(config.encoders, config) },
      keyring,
      originals: { marksOf: () => 'content' },
      recent: {
        use: async (source, { until }, work) => {
          used.push(source)
          waits.push(until - clock.now())
          const found = { source: aSource(source), bytes: new Uint8Array(), fingerprint: 'f' }
          return work({ ...found, ...(await onUse?.(source)) }, 0)
        },
      },
      failures: undefined as never,
      turns,
      renderer: {
        ...text,
        render: (request, options) => {
          waits.push(options?.waitMs)
          return text.render(request, options)
        },
      },
      uploads,
      outgoing: { isFull: false },
      batches: { add: async () => {}, recorded: async () => {}, hurry: () => {}, close: async () => {} },
      clock,
      tell: (event) => void events.push(event),
    },
    expectation: planInput().expectation,
    readOverride,
    store: output,
  })
  /** Says that a result was missing; ends when nothing is made any more. */
  const miss = async (source: SourceKey = CAT): Promise<void> => {
    siblings.noteMiss(source)
    await turn()
  }
  return { siblings, clock, turns, uploads, output, events, made, used, waits, miss, keyring }
}

const name = (key: string) => key as SourceKey

/** Originals with these fingerprints, one use after the other. */
const versions = (...fingerprints: readonly string[]) => {
  const left = [...fingerprints]
  return (): Partial<Original> => ({ fingerprint: left.shift() ?? 'f' })
}

const ALL = [`${CAT} ${FIRST}`, `${CAT} ${SECOND}`]

describe('the other results of a source', () => {
  it('are made of it after a miss, and not again for ten minutes', async () => {
    const { clock, turns, events, made, waits, miss } = setUp()
    await miss()
    expect([made, new Set(waits)]).toEqual([ALL, new Set([1_000])])
    const purpose = 'sibling'
    expect(events).toMatchObject([
      { kind: 'rendered', purpose },
      { kind: 'rendered', purpose },
    ])
    await clock.advance(599_999)
    await miss()
    expect(made).toEqual(ALL)
    await clock.advance(1)
    await miss()
    expect(made).toEqual([...ALL, ...ALL])
    expect(turns.load.running).toBe(0)
  })

  it('are left alone where they are stored, or about to be', async () => {
    const { keyring, output, uploads, made, miss } = setUp()
    await putText(output, testKey(keyring, CAT, { transform: FIRST }), 'stored before')
    await miss()
    expect(made).toEqual([ALL[1]])
    uploads.found = {} as Upload
    await miss(name('dog.jpg'))
    expect(made).toEqual([ALL[1]])
  })

  it('wait until what visitors waited for is stored', async () => {
    const { uploads, made, miss } = setUp()
    uploads.waiting = 16
    await miss()
    expect(made).toEqual([])
    uploads.waiting = 15
    await miss(name('dog.jpg'))
    expect(made).toHaveLength(2)
  })

  it.each([
    ['of another version of the original', { onUse: versions('f', 'g', 'g') }, 0],
    ['of the same version', { onUse: versions('f', 'f', 'f') }, 2],
    ['of what the build leaves out', { onUse: () => ({ source: aSource(CAT, { isIncluded: false }) }) }, 0],
    ['of what is said to be left out', { readOverride: async () => ({ exclude: true }) }, 0],
  ] as [string, Given, number][])('%s are %j made', async (_, given, count) => {
    const { made, events, miss } = setUp(given)
    await miss()
    expect([made.length, events.length]).toEqual([count, count])
  })

  it.each([
    ['output-too-large', [ALL[1]], 3],
    ['image-corrupt', [], 2],
  ] as const)('are made, or not, where one of them fails by %s', async (code, expected, uses) => {
    const { turns, events, made, used, miss } = setUp({
      onRender: (before) => {
        if (before === 0) throw new Problem(code, 'It cannot be made.')
      },
    })
    await miss()
    expect([made, used.length]).toEqual([expected, uses])
    expect([turns.load.running, events.filter(({ kind }) => kind === 'bug')]).toEqual([0, []])
  })

  it.each([
    [[1_000], 2],
    [[1_001], 0],
    [[2_000, 0, 0, 0], 0],
    [[2_000, 0, 0, 0, 0], 2],
  ])('in a format whose renders took %j ms are left to build, or not', async (times, count) => {
    const { siblings, made, miss } = setUp()
    for (const ms of times) siblings.noteRender('webp', ms)
    siblings.noteRender('jpg', 9_000)
    await miss()
    expect(made).toHaveLength(count)
  })
})

describe('the sources that wait', () => {
  it('are two hundred at most, and one is worked on at a time', async () => {
    const door = createLatch()
    const { used, miss } = setUp({ onUse: () => door.pass().then(() => ({})) })
    for (let i = 0; i < 202; i++) await miss(name(`${i}.jpg`))
    expect(used).toEqual(['0.jpg'])
    door.open()
    await expect.poll(() => new Set(used).size).toBe(201)
  })

  it('go on behind one that fails; only a bug is told', async () => {
    const { events, made, miss } = setUp({
      onUse: async (source) => {
        if (source === 'bug.jpg') throw new Error('a bug')
        if (source === 'bad.jpg') throw new Problem('store-unavailable', 'It is away.')
        return {}
      },
    })
    for (const source of ['bug.jpg', 'bad.jpg', CAT]) await miss(name(source))
    expect([made, events.filter(({ kind }) => kind === 'bug')]).toMatchObject([ALL, [{ kind: 'bug' }]])
  })

  it('include one that is noted at the very moment when the work ends', async () => {
    const { used, siblings, miss } = setUp({
      onUse: (source) => ({ source: aSource(source, { isIncluded: false }) }),
    })
    for (let moments = 0; moments < 40; moments++) {
      siblings.noteMiss(name(`${moments}-first.jpg`))
      for (let i = 0; i < moments; i++) await undefined
      await miss(name(`${moments}.jpg`))
      expect(used).toContain(`${moments}.jpg`)
    }
  })

  it('are left when it is closed, which ends with the work that runs', async () => {
    const door = createLatch()
    const { siblings, events, made, used, miss } = setUp({
      onUse: async () => {
        await door.pass()
        throw new Error('ended')
      },
    })
    await miss()
    await miss(name('dog.jpg'))
    let isClosed = false
    const closed = siblings.close().then(() => (isClosed = true))
    await turn()
    expect(isClosed).toBe(false)
    door.open()
    await closed
    await miss(name('pig.jpg'))
    expect([made, used, events]).toEqual([[], [CAT], []])
  })
})
