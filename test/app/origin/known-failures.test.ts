import { describe, expect, it } from 'vitest'
import { createKnownFailures } from '../../../src/app/origin/known-failures.ts'
import { refuse } from '../../../src/app/origin/refusal.ts'
import { toMark } from '../../../src/core/mark.ts'
import type { ProblemCode } from '../../../src/core/problem.ts'
import type { SourceKey } from '../../../src/core/source-key.ts'
import type { VariantKey } from '../../../src/url/keyring.ts'
import { aSource } from '../../plan/support.ts'
import { createManualClock } from '../../support/manual-clock.ts'

const never = new AbortController().signal
const SOURCE = 'a.jpg' as SourceKey
const [FIRST, SECOND, THIRD] = ['1w', '2w', '3w'].map((name) => `${SOURCE}/${name}` as VariantKey)
const original = aSource(SOURCE, { sizeBytes: 9, mark: toMark('m') })

const setUp = () => {
  const clock = createManualClock()
  const failures = createKnownFailures({
    originals: { find: async () => original },
    fetchTimeoutMs: 1_000,
    clock,
  })
  const fail = (code: ProblemCode, key: VariantKey | undefined) => failures.add(refuse(code), original, key)
  const codeFor = async (key: VariantKey | undefined) =>
    key && (await failures.find(key, SOURCE, never))?.code
  return { clock, fail, codeFor }
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

it('what is no picture fails for all results, until it is another one', async () => {
  const { fail, codeFor } = setUp()
  fail('not-an-image', FIRST)
  expect(await codeFor(SECOND)).toBe('not-an-image')
})
