import { describe, expect, it } from 'vitest'
import { createKnownFailures } from '../../../src/app/origin/known-failures.ts'
import { refuse } from '../../../src/app/origin/refusal.ts'
import { toMark } from '../../../src/core/mark.ts'
import { Problem, type ProblemCode } from '../../../src/core/problem.ts'
import type { SourceKey } from '../../../src/core/source-key.ts'
import type { VariantKey } from '../../../src/url/keyring.ts'
import { aSource } from '../../plan/support.ts'
import { createManualClock } from '../../support/manual-clock.ts'

const never = new AbortController().signal
const SOURCE = 'a.jpg' as SourceKey
const [FIRST, SECOND, THIRD] = ['1w', '2w', '3w'].map((name) => `${SOURCE}/${name}` as VariantKey)
const original = aSource(SOURCE, { sizeBytes: 9, mark: toMark('m') })

const setUp = (find = async () => original) => {
  const clock = createManualClock()
  const failures = createKnownFailures({
    originals: { find: () => find() },
    fetchTimeoutMs: 1_000,
    clock,
  })
  const fail = (code: ProblemCode, key: VariantKey | undefined) => failures.add(refuse(code), original, key)
  const codeFor = async (key: VariantKey | undefined) =>
    key && (await failures.find(key, SOURCE, never))?.code
  return { clock, failures, fail, codeFor }
}

describe('what failed of one result', () => {
  it.each([
    'output-too-large',
    'watermark-unknown',
    'render-timeout',
    'render-crashed',
    'too-large-for-memory',
  ] as const)('by %s is not held against the others', async (code) => {
    const { fail, codeFor } = setUp()
    fail(code, FIRST)
    fail(code, FIRST)
    expect([await codeFor(FIRST), await codeFor(SECOND)]).toEqual([code, undefined])
  })

  it('is held against the picture where a second one takes too long, for a minute', async () => {
    const { clock, fail, codeFor } = setUp()
    fail('render-timeout', FIRST)
    fail('render-timeout', SECOND)
    expect(await codeFor(THIRD)).toBe('render-timeout')
    await clock.advance(60_000)
    expect(await codeFor(THIRD)).toBeUndefined()
  })

  it('however many are too large says nothing of the picture', async () => {
    const { fail, codeFor } = setUp()
    fail('output-too-large', FIRST)
    fail('output-too-large', SECOND)
    expect(await codeFor(THIRD)).toBeUndefined()
  })
})

it('a cause that lies in one result makes no second one suspect', async () => {
  const { fail, codeFor } = setUp()
  fail('output-too-large', FIRST)
  fail('render-timeout', SECOND)
  expect([await codeFor(SECOND), await codeFor(THIRD)]).toEqual(['render-timeout', undefined])
})

it('an original that is missing is not looked for again for a quarter of a minute', async () => {
  const { clock, failures, codeFor } = setUp(() => Promise.reject(new Error('it was looked for')))
  failures.addMissing(SOURCE)
  await clock.advance(14_999)
  expect(await codeFor(FIRST)).toBe('source-missing')
  await clock.advance(1)
  expect(await codeFor(FIRST)).toBeUndefined()
})

it('without a mark, nothing but time shows that an original may be another one', async () => {
  const unmarked = { ...original, mark: undefined }
  const { clock, failures, codeFor } = setUp(async () => unmarked)
  failures.add(refuse('not-an-image'), unmarked)
  expect(await codeFor(FIRST)).toBe('not-an-image')
  await clock.advance(15_000)
  expect(await codeFor(FIRST)).toBeUndefined()
})

it('what was too large to be read is refused while it is there, and no longer than it can be looked at', async () => {
  let find: () => Promise<typeof original> = async () => original
  const { failures, codeFor } = setUp(() => find())
  const begun = failures.addUnread(refuse('source-too-large'), SOURCE)
  expect(await codeFor(FIRST)).toBe('source-too-large')
  await begun
  expect(await codeFor(FIRST)).toBe('source-too-large')
  find = () => Promise.reject(new Problem('store-unavailable', 'It does not answer.'))
  await failures.addUnread(refuse('source-too-large'), SOURCE)
  expect(await codeFor(FIRST)).toBeUndefined()
})

it('what is no picture fails for all results, until it is another one', async () => {
  let standing = original
  const { fail, codeFor } = setUp(async () => standing)
  fail('not-an-image', FIRST)
  expect(await codeFor(SECOND)).toBe('not-an-image')
  standing = { ...original, mark: toMark('n') }
  expect(await codeFor(SECOND)).toBeUndefined()
  standing = original
  expect(await codeFor(SECOND)).toBeUndefined()
})
