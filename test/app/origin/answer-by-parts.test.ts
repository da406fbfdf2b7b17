import { describe, expect, it } from 'vitest'
import { createAnswerer } from '../../../src/app/origin/answer.ts'
import type { WantedKey } from '../../../src/app/origin/cold.ts'
import type { AnswerEvent } from '../../../src/app/origin/event.ts'
import { createMaker, type MadeOutcome } from '../../../src/app/origin/maker.ts'
import { type StoredPicture, toHeld } from '../../../src/app/origin/picture-body.ts'
import { refuse } from '../../../src/app/origin/refusal.ts'
import type { Upload } from '../../../src/app/origin/uploads.ts'
import { Problem } from '../../../src/core/problem.ts'
import { MAX_KEY_BYTES, type SourceKey } from '../../../src/core/source-key.ts'
import { type ClaimedKey, claimKey, type VariantKey } from '../../../src/url/keyring.ts'
import { openBench } from '../../support/bench-project.ts'
import { createLatch } from '../../support/latch.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { testKey } from '../../support/origin.ts'
import { toTransform } from '../../support/parsed.ts'

const { keyring } = openBench()
const CAT = 'cat.jpg' as SourceKey
const bytes = new TextEncoder().encode('a picture')
const held = toHeld({ bytes, etag: 'tag', modifiedAt: 0 })
const upload = { bytes, md5: 'tag', renderedAt: 0 } as Upload
const keyOf = (transform?: string, ext?: 'auto' | 'jpg') => testKey(keyring, CAT, { transform, ext })

const claimOf = (key: string): ClaimedKey => {
  const claim = claimKey(key)
  if (claim === undefined) throw new Error(`${key} is no key`)
  return claim
}
/** Where a picture is instead: at the same with another width. */
const moved = (width: number): MadeOutcome => ({
  kind: 'moved',
  claim: keyring.claimOf({ source: CAT, transform: toTransform(`${width}w.q80`), format: 'webp' }),
})

interface Given {
  /** What is in the store, by key; what is in memory as well. */
  readonly stored?: Readonly<Record<string, StoredPicture | Problem>>
  readonly hot?: Readonly<Record<string, StoredPicture>>
  readonly making?: (wanted: WantedKey, signal: AbortSignal) => Promise<MadeOutcome> | MadeOutcome
  /** Where keys have versions: what the current key is. */
  readonly current?: MadeOutcome
  readonly isDraining?: boolean
  readonly maxSegmentBytes?: number
}

const setUp = ({ stored = {}, hot = {}, making = () => refuse('source-missing'), ...given }: Given = {}) => {
  const noted: unknown[][] = []
  const [hits, asked, missed] = [[] as string[], [] as string[], [] as string[]]
  const wanted: WantedKey[] = []
  const events: AnswerEvent[] = []
  const waiting = new Map<string, Upload>()
  const maker = createMaker({
    make: async (key, signal) => {
      wanted.push(key)
      return making(key, signal)
    },
    uploads: { find: (key) => waiting.get(key) },
    isDraining: () => given.isDraining ?? false,
    onMiss: ({ key }) => void missed.push(key),
  })
  const { current } = given
  const { answer } = createAnswerer({
    keyring,
    formats: ['webp', 'original'],
    vectors: 'keep',
    keyLimits: { prefixBytes: 0, maxSegmentBytes: given.maxSegmentBytes ?? MAX_KEY_BYTES },
    stored: {
      findNow: (key) => hot[key],
      lookUp: async (key) => {
        asked.push(key)
        const found = stored[key]
        if (found instanceof Problem) throw found
        return found
      },
      learn: () => {},
    },
    lookupTimeoutMs: 1_000,
    clock: createManualClock(),
    tell: (event) => void events.push(event),
    maker,
    aliases: { note: (name, { key }, etag) => void noted.push([name, key, etag]) },
    ...(current && {
      currentKeys: {
        find: async () => (current.kind === 'moved' ? current.claim : refuse('source-missing')),
      },
    }),
    onHit: (key) => void hits.push(key),
  })
  const ask = (key: string, foreign?: { isNegotiated: boolean; alias?: string }, signal?: AbortSignal) =>
    answer({
      claim: claimOf(key),
      accept: 'image/webp',
      wantsBody: true,
      signal: signal ?? new AbortController().signal,
      ...(foreign && { foreign }),
    })
  return { ask, maker, waiting, noted, hits, asked, missed, wanted, events }
}

const KEY = keyOf()
const FOREIGN = { isNegotiated: false }
const rendered: MadeOutcome = { kind: 'rendered', upload, madeFor: 'this' }

describe('a stored picture', () => {
  it('is a hit, which is noted, and nothing is made', async () => {
    const { ask, hits, wanted, asked, events } = setUp({ stored: { [KEY]: held } })
    expect(await ask(KEY)).toMatchObject({
      kind: 'stored',
      key: KEY,
      format: 'webp',
      isNegotiated: false,
      picture: { etag: 'tag' },
    })
    expect([hits, wanted, asked]).toEqual([[KEY], [], [KEY]])
    expect(events).toMatchObject([{ kind: 'looked-up', found: true }])
  })

  it('in memory is a hit for which the store is not asked', async () => {
    const { ask, hits, asked, events } = setUp({ hot: { [KEY]: held } })
    expect([(await ask(KEY)).kind, hits, asked]).toEqual(['stored', [KEY], []])
    expect(events).toMatchObject([{ kind: 'looked-up', found: true }])
  })

  it('is not made where the store does not say whether it is there', async () => {
    const { ask, hits, wanted } = setUp({ stored: { [KEY]: new Problem('store-denied', 'May not.') } })
    expect([await ask(KEY), hits, wanted]).toEqual([refuse('store-unavailable'), [], []])
  })

  it('has its ETag told to a second name; one that is just made has none yet', async () => {
    const name = { ...FOREIGN, alias: 't/cat.webp' }
    const { ask, noted, hits } = setUp({ stored: { [KEY]: held }, making: () => rendered })
    await ask(KEY, name)
    await ask(keyOf('1w.q80'), name)
    await ask(KEY, FOREIGN)
    expect(noted).toEqual([
      ['t/cat.webp', KEY, 'tag'],
      ['t/cat.webp', keyOf('1w.q80'), undefined],
    ])
    expect(hits).toEqual([KEY, KEY])
  })
})

describe('a picture that is not stored', () => {
  it('is made, of a foreign URL in any format', async () => {
    const { ask, wanted, hits, events } = setUp({ making: () => rendered })
    expect(await ask(KEY)).toMatchObject({
      kind: 'rendered',
      key: KEY,
      format: 'webp',
      madeFor: 'this',
      upload,
    })
    await ask(KEY, FOREIGN)
    expect(wanted).toMatchObject([{ key: KEY, isForeign: false }, { isForeign: true }])
    expect([hits, events[0]]).toMatchObject([[], { kind: 'looked-up', found: false }])
  })

  it('is made once for all, and is a miss of the first; what failed is none', async () => {
    const door = createLatch()
    const { ask, missed, wanted } = setUp({
      making: async ({ key }) => {
        await door.pass()
        return key === KEY ? rendered : refuse('source-missing')
      },
    })
    const asked = [ask(KEY), ask(KEY), ask(keyOf(undefined, 'jpg'))]
    await expect.poll(() => door.waiting).toBe(2)
    door.open()
    const answers = await Promise.all(asked)
    expect(answers).toMatchObject([{ madeFor: 'this' }, { madeFor: 'another' }, { kind: 'refused' }])
    expect([missed, wanted]).toMatchObject([[KEY], { length: 2 }])
  })

  it('is told as made for whom another process says', async () => {
    const { ask } = setUp({ making: () => ({ ...rendered, madeFor: 'earlier' }) })
    expect(await Promise.all([ask(KEY), ask(KEY)])).toMatchObject([
      { madeFor: 'earlier' },
      { madeFor: 'earlier' },
    ])
  })

  it('that an earlier visitor had made is answered before the store is asked, also while draining', async () => {
    const { ask, waiting, asked } = setUp({ isDraining: true })
    waiting.set(KEY, upload)
    expect(await ask(KEY)).toMatchObject({ kind: 'rendered', key: KEY, madeFor: 'earlier', upload })
    expect(asked).toEqual([])
  })

  it('that was made while the store was asked is not made again', async () => {
    const { maker, waiting, wanted } = setUp()
    const verified = keyring.verify(KEY)
    if (verified === undefined) throw new Error('it is a key')
    waiting.set(KEY, upload)
    const outcome = await maker.make(verified, new AbortController().signal)
    expect([outcome, wanted]).toMatchObject([{ kind: 'rendered', madeFor: 'earlier' }, []])
  })

  it('is refused while draining', async () => {
    const { ask, wanted } = setUp({ isDraining: true, making: () => rendered })
    expect([await ask(KEY), wanted]).toEqual([refuse('draining'), []])
  })
})

describe('a picture that has another key by now', () => {
  it.each([
    [KEY, keyOf('1w.q80')],
    [keyOf(undefined, 'auto'), keyOf('1w.q80', 'auto')],
  ])('is there: %s at %s', async (key, there) => {
    const { ask, noted } = setUp({ making: () => moved(1) })
    const isNegotiated = key.endsWith('auto')
    expect(await ask(key)).toEqual({ kind: 'moved', keyText: there, isNegotiated })
    expect(noted).toEqual([])
  })
})

describe('a foreign URL, where keys have versions,', () => {
  it('is answered by the current key, and stored under no second name', async () => {
    const there = keyOf('1w.q80') as VariantKey
    const isNegotiated = true
    const { ask, noted, hits } = setUp({ current: moved(1), stored: { [there]: held, [KEY]: held } })
    expect(await ask(KEY, { isNegotiated, alias: 'a' })).toMatchObject({
      kind: 'stored',
      key: there,
      isNegotiated,
    })
    expect([hits, noted]).toEqual([[there], []])
  })

  it('is followed where its original was replaced meanwhile, three times at most', async () => {
    let left = 2
    const making = ({ transformText }: WantedKey): MadeOutcome =>
      left-- > 0 ? moved(Number.parseInt(transformText, 10) + 1) : rendered
    const { ask, wanted } = setUp({ current: moved(1), making })
    expect(await ask(KEY, FOREIGN)).toMatchObject({ kind: 'rendered', key: keyOf('3w.q80') })
    expect(wanted).toHaveLength(3)
    left = 3
    expect(await ask(KEY, FOREIGN)).toEqual(refuse('source-changing'))
    expect(wanted).toHaveLength(6)
  })

  it('is refused where the current key is longer than the output can hold', async () => {
    const { ask, wanted } = setUp({ current: moved(16_000), maxSegmentBytes: 30 })
    expect([await ask(KEY, FOREIGN), wanted]).toEqual([refuse('not-a-key'), []])
  })

  it('is refused where its original is missing; our own keys are not looked at like that', async () => {
    const { ask } = setUp({ current: refuse('source-missing'), stored: { [KEY]: held } })
    expect([await ask(KEY, FOREIGN), (await ask(KEY)).kind]).toEqual([refuse('source-missing'), 'stored'])
  })
})

it('a wrong signature is refused before anything is looked up', async () => {
  const { ask, asked, wanted } = setUp({ making: () => rendered })
  const wrong = KEY.replace(/\.[^.]{16}\.webp$/, '.AAAAAAAAAAAAAAAA.webp')
  expect([await ask(wrong), asked, wanted]).toEqual([refuse('signature-wrong'), [], []])
  expect(await ask(wrong, FOREIGN)).toEqual(refuse('signature-wrong'))
})
