import { expect, it } from 'vitest'
import { createWanted } from '../../../src/app/warm/wanted.ts'
import type { SourceKey } from '../../../src/core/source-key.ts'
import { versionOf } from '../../../src/url/version.ts'
import { openBench } from '../../support/bench-project.ts'
import { testKey } from '../../support/origin.ts'

const [CAT, DOG, EEL] = ['cat.jpg', 'dog.jpg', 'eel.jpg'] as SourceKey[] as [SourceKey, SourceKey, SourceKey]

/** What is wanted, as `[source, transform, hits]`. */
const wanted = (versions: boolean, asked: readonly (readonly [SourceKey, string, number])[]) => {
  const { config, keyring, planInput } = openBench({ config: { versions } })
  const counted = asked.map(([source, transform, hits]) => ({
    text: testKey(keyring, source, { transform }) as never,
    hits,
  }))
  const { expectation } = planInput()
  return createWanted({ counted, keyring, versions: config, expectation, isIncluded: (key) => key !== EEL })
}

const V = `v-${versionOf('now', '')}`

it('counts versions of one variant together, as the version of today, and knows which sizes ask for it', () => {
  const { expectation, hitsOf, variants, variantsOf, sources } = wanted(true, [
    [DOG, '320w.q80', 4],
    [CAT, '320w.q80.v-aaaaaaaaaa', 2],
    [CAT, '320w.q80.v-bbbbbbbbbb', 3],
    [CAT, '9w.q80', 1],
    [EEL, '320w.q80', 1],
  ])
  const of = expectation.of(CAT, 'now')
  expect(of.map(({ transformText, sizes }) => [transformText, sizes])).toEqual([
    [`320w.q80.${V}`, ['content']],
    [`9w.q80.${V}`, []],
  ])
  expect(of.map((result) => hitsOf(CAT, result, 'now'))).toEqual([5, 1])
  expect([sources, variants, variantsOf(CAT)]).toEqual([[CAT, DOG, EEL], 5, 3])
  expect(expectation.of(EEL, 'now')).toMatchObject([{ sizes: [] }])
})

it('is nothing of a source that vanished after it was looked up, where its version must be known', () => {
  const { expectation } = wanted(true, [[CAT, '320w.q80', 1]])
  expect([expectation.needsFingerprint, expectation.of(CAT)]).toEqual([true, []])
  const plain = wanted(false, [[CAT, '320w.q80', 1]]).expectation
  expect([plain.needsFingerprint, plain.of(CAT)]).toMatchObject([false, [{ transformText: '320w.q80' }]])
  expect(wanted(false, [[CAT, '320w.q80.v-aaaaaaaaaa', 1]]).expectation.needsFingerprint).toBe(true)
})
