import { describe, expect, it } from 'vitest'
import { createCurrentKeys } from '../../../src/app/origin/current-keys.ts'
import type { AnswerEvent } from '../../../src/app/origin/event.ts'
import { toMark } from '../../../src/core/mark.ts'
import { Problem } from '../../../src/core/problem.ts'
import type { SourceKey } from '../../../src/core/source-key.ts'
import type { ListedSource } from '../../../src/plan/group.ts'
import { spellKey } from '../../../src/url/keyring.ts'
import { versionOf } from '../../../src/url/version.ts'
import type { Deadline } from '../../../src/waiting/clock.ts'
import { aSource } from '../../plan/support.ts'
import { openBench } from '../../support/bench-project.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { testKey } from '../../support/origin.ts'
import { toTransform } from '../../support/parsed.ts'

const CAT = 'cat.jpg' as SourceKey
const { keyring } = openBench()

/** An original whose store says only how large it is, and when it was written. */
const dated = (date: string, sizeBytes = 1): ListedSource => aSource(CAT, { mark: toMark(date), sizeBytes })

const setUp = (first: ListedSource | undefined = dated('monday')) => {
  const clock = createManualClock()
  const events: AnswerEvent[] = []
  /** What stands there: as it is listed, and the fingerprint of its bytes. */
  const state = { listed: first as ListedSource | undefined, bytes: 'a cat', looks: 0, reads: 0 }
  const given = { fail: undefined as unknown, deadline: undefined as Deadline | undefined }
  const current = createCurrentKeys({
    versions: { versions: true, revision: '' },
    keyring,
    originals: {
      find: async () => {
        state.looks++
        const { listed } = state
        await undefined
        if (given.fail !== undefined) throw given.fail
        return listed
      },
    },
    recent: {
      use: async (_, deadline, work) => {
        state.reads++
        given.deadline = deadline
        const { listed, bytes } = state
        return listed && work({ source: listed, fingerprint: bytes, bytes: new Uint8Array() }, 0)
      },
    },
    turns: { queueTimeoutMs: 7_000 },
    clock,
    fetchTimeoutMs: 1_000,
    tell: (event) => void events.push(event),
  })
  const variant = { source: CAT, transform: toTransform('640w.q80'), format: 'webp' } as const
  const find = (signal = new AbortController().signal) => current.find(variant, signal)
  /** The bytes whose version the key has, or why there is none. */
  const seen = async (): Promise<string> => {
    const found = await find()
    if ('kind' in found) return found.code
    const key = spellKey(found)
    const isOf = (bytes: string): boolean =>
      key === testKey(keyring, CAT, { transform: `640w.q80.v-${versionOf(bytes, '')}` })
    return ['a cat', 'a dog'].find(isOf) ?? key
  }
  return { clock, events, state, given, find, seen }
}

describe('the current version of an original', () => {
  it('is looked up once for all who ask within two seconds', async () => {
    const { clock, state, seen } = setUp()
    expect(await Promise.all([seen(), seen()])).toEqual(['a cat', 'a cat'])
    await clock.advance(1_999)
    expect([await seen(), state.looks]).toEqual(['a cat', 1])
    await clock.advance(1)
    expect([await seen(), state.looks, state.reads]).toEqual(['a cat', 2, 1])
  })

  it('is what a look shows, where that shows a fingerprint, and nothing is read', async () => {
    const { state, seen } = setUp({ ...dated('x'), fingerprint: 'a dog' })
    expect([await seen(), state.reads]).toEqual(['a dog', 0])
  })

  it.each([
    ['size', dated('monday', 2)],
    ['date', dated('tuesday')],
  ])('is read again where its %s has changed', async (_, changed) => {
    const { clock, state, seen } = setUp()
    await seen()
    Object.assign(state, { listed: changed, bytes: 'a dog' })
    await clock.advance(2_000)
    expect([await seen(), state.reads]).toEqual(['a dog', 2])
    await clock.advance(2_000)
    expect([await seen(), state.reads]).toEqual(['a dog', 2])
  })

  it('is that of the bytes that were read, with the date that they had', async () => {
    const { clock, state, seen } = setUp()
    const tuesday = { listed: dated('tuesday'), bytes: 'a dog' }
    Object.defineProperty(state, 'looks', {
      get: () => 0,
      set: () => queueMicrotask(() => Object.assign(state, tuesday)),
    })
    expect([await seen(), state.reads]).toEqual(['a dog', 1])
    await clock.advance(2_000)
    expect([await seen(), state.reads]).toEqual(['a dog', 1])
  })

  it('is read once a minute where the store shows no date', async () => {
    const { clock, state, seen } = setUp(aSource(CAT))
    await seen()
    await clock.advance(59_999)
    expect([await seen(), state.reads]).toEqual(['a cat', 1])
    await clock.advance(1)
    expect([await seen(), state.reads]).toEqual(['a cat', 2])
  })

  it('is waited for as long as any work may wait', async () => {
    const { clock, given, seen } = setUp()
    await seen()
    expect(given.deadline?.until).toBe(clock.now() + 7_000)
  })
})

describe('an original that is missing', () => {
  it.each([false, true])(
    'is so for a quarter of a minute; gone between look and read: %s',
    async (isGone) => {
      const { clock, state, seen } = setUp()
      if (isGone)
        Object.defineProperty(state, 'listed', { get: () => (state.reads ? undefined : dated('x')) })
      else state.listed = undefined
      expect(await seen()).toBe('source-missing')
      await clock.advance(14_999)
      expect([await seen(), state.looks]).toEqual(['source-missing', 1])
      await clock.advance(1)
      expect([await seen(), state.looks]).toEqual(['source-missing', 2])
    },
  )
})

describe('a store that fails', () => {
  it('leaves the version that was seen last, for two seconds more each time', async () => {
    const { clock, events, state, given, seen } = setUp()
    await seen()
    given.fail = new Problem('store-unavailable', 'It is away.')
    for (let looks = 2; looks < 5; looks++) {
      await clock.advance(2_000)
      expect([await seen(), await seen(), state.looks]).toEqual(['a cat', 'a cat', looks])
    }
    expect(events.map(({ kind }) => kind)).toEqual(['fetch-failed', 'fetch-failed', 'fetch-failed'])
  })

  it('is a refusal where nothing was seen, and full memory is not told as its failure', async () => {
    const { events, given, seen } = setUp()
    given.fail = new Problem('overloaded', 'There is no room.')
    expect([await seen(), events]).toEqual(['overloaded', []])
    given.fail = new Problem('store-denied', 'May not.')
    expect(await seen()).toBe('source-unavailable')
    expect(events).toMatchObject([{ kind: 'fetch-failed', source: CAT, problem: { code: 'store-denied' } }])
  })

  it('does not show what was missing as if it were there', async () => {
    const { clock, given, state, seen } = setUp()
    state.listed = undefined
    await seen()
    given.fail = new Problem('store-unavailable', 'It is away.')
    await clock.advance(15_000)
    expect(await seen()).toBe('source-unavailable')
  })
})

it('rejects for a visitor who has gone, and for a bug', async () => {
  const { given, find } = setUp()
  await expect(find(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
  given.fail = new TypeError('a bug')
  await expect(find()).rejects.toThrow('a bug')
})
