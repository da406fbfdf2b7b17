import { expect, it } from 'vitest'
import { toMark } from '../../src/core/mark.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import type { ListedResult } from '../../src/plan/group.ts'
import { keepEntry } from '../../src/plan/keep-entry.ts'
import { emptyEntry, type LedgerEntry } from '../../src/plan/ledger-entry.ts'
import type { VariantKey } from '../../src/url/keyring.ts'

const KEY = 'web/1.jpg' as SourceKey

it('forgets what was known of an original that is gone, and not of one that cannot be listed', () => {
  const known: LedgerEntry = {
    ...emptyEntry(KEY),
    sightings: [{ sizeBytes: 1, mark: 'then', fingerprint: 'f' }],
    failures: [{ fingerprint: 'f', code: 'image-corrupt', message: 'It is broken.', attempt: 'a' }],
    facts: [{ fingerprint: 'f', width: 1, height: 1, mediaFormat: 'jpeg' }],
  }
  expect(keepEntry({ key: KEY, results: [], known }, 'content')).toBeUndefined()
  expect(keepEntry({ key: KEY, results: [], known, isUnlisted: true }, 'content')).toEqual(known)
})

it('forgets what was seen of an original that is there, but is not that any more', () => {
  const seen = { sizeBytes: 1, mark: 'now', fingerprint: 'f' }
  const known: LedgerEntry = {
    ...emptyEntry(KEY),
    sightings: [seen, { ...seen, mark: 'then' }, { ...seen, sizeBytes: 2 }],
    failures: [{ fingerprint: 'f', code: 'image-corrupt', message: 'It is broken.', attempt: 'a' }],
    facts: [{ fingerprint: 'f', width: 1, height: 1, mediaFormat: 'jpeg' }],
  }
  const source = { key: KEY, sizeBytes: 1, modifiedAt: 0, mark: toMark('now'), isIncluded: true }
  expect(keepEntry({ key: KEY, source, results: [], known }, 'content')).toEqual({
    ...known,
    sightings: [seen],
  })
})

it('keeps since when a result is an orphan as long as it is listed, and all where results cannot be listed', () => {
  const name = '640w.q80.F5qBZZuh0iN5uWNN.webp'
  const known: LedgerEntry = { ...emptyEntry(KEY), orphans: [{ name, since: 1 }] }
  const listed: ListedResult = {
    key: `${KEY}/${name}` as VariantKey,
    variant: {
      source: KEY,
      transform: { resize: { kind: 'width', width: 640 }, quality: 80 },
      format: 'webp',
    },
    transformText: '640w.q80',
    secretIndex: 0,
    sizeBytes: 1,
    modifiedAt: 0,
    mark: undefined,
  }
  expect(keepEntry({ key: KEY, results: [listed], known }, 'content')).toEqual(known)
  expect(keepEntry({ key: KEY, results: [], known }, 'content')).toBeUndefined()
  expect(keepEntry({ key: KEY, results: [], known, areResultsUnlisted: true }, 'content')).toEqual(known)
})
