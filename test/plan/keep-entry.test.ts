import { expect, it } from 'vitest'
import type { SourceKey } from '../../src/core/source-key.ts'
import { keepEntry } from '../../src/plan/keep-entry.ts'
import { emptyEntry, type LedgerEntry } from '../../src/plan/ledger-entry.ts'

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
