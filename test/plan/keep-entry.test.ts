import { expect, it } from 'vitest'
import { toMark } from '../../src/core/mark.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import { keepEntry } from '../../src/plan/keep-entry.ts'
import { emptyEntry, type LedgerEntry } from '../../src/plan/ledger-entry.ts'
import { aResult, aSource } from './support.ts'

const KEY = 'web/1.jpg' as SourceKey

const SEEN = { sizeBytes: 1, mark: 'now', fingerprint: 'f' }
const KNOWN: LedgerEntry = {
  ...emptyEntry(KEY),
  sightings: [SEEN],
  failures: [{ fingerprint: 'f', code: 'image-corrupt', message: 'It is broken.', attempt: 'a' }],
  facts: [{ fingerprint: 'f', width: 1, height: 1, mediaFormat: 'jpeg' }],
}

it('forgets what was known of an original that is gone, and not of one that cannot be listed', () => {
  expect(keepEntry({ key: KEY, results: [], known: KNOWN }, 'content')).toBeUndefined()
  expect(keepEntry({ key: KEY, results: [], known: KNOWN, isUnlisted: true }, 'content')).toEqual(KNOWN)
})

it('forgets what was seen of an original that is there, but is not that any more', () => {
  const known = { ...KNOWN, sightings: [SEEN, { ...SEEN, mark: 'then' }, { ...SEEN, sizeBytes: 2 }] }
  const source = aSource(KEY, { mark: toMark('now') })
  expect(keepEntry({ key: KEY, source, results: [], known }, 'content')).toEqual(KNOWN)
})

it('keeps what may stand under a second name, and forgets what certainly does not', () => {
  const [there, gone] = ['there', 'gone'].map((name) => ({
    name,
    transform: '5w.q80',
    format: 'webp' as const,
    at: 1,
  }))
  if (there === undefined || gone === undefined) throw new Error('no names')
  const aliases = [
    { ...there, etag: 'e' },
    { ...gone, isDone: true as const },
  ]
  const known: LedgerEntry = { ...emptyEntry(KEY), aliases }
  expect(keepEntry({ key: KEY, results: [], known }, 'content')).toEqual({
    ...known,
    aliases: aliases.slice(0, 1),
  })
})

it('keeps since when a result is an orphan as long as it is listed, and all where results cannot be listed', () => {
  const name = '640w.q80.F5qBZZuh0iN5uWNN.webp'
  const known: LedgerEntry = { ...emptyEntry(KEY), orphans: [{ name, since: 1 }] }
  const listed = aResult(KEY, undefined, { name })
  expect(keepEntry({ key: KEY, results: [listed], known }, 'content')).toEqual(known)
  expect(keepEntry({ key: KEY, results: [], known }, 'content')).toBeUndefined()
  expect(keepEntry({ key: KEY, results: [], known, areResultsUnlisted: true }, 'content')).toEqual(known)
})
