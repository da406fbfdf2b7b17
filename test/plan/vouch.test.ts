import { describe, expect, it } from 'vitest'
import { parseSourceKey } from '../../src/core/source-key.ts'
import type { ListedResult } from '../../src/plan/group.ts'
import type { ResultRecord } from '../../src/plan/ledger-entry.ts'
import { settle, vouch } from '../../src/plan/vouch.ts'
import { createKeyring } from '../../src/url/keyring.ts'

const ETAG = '0123456789abcdef0123456789abcdef'
const keyring = createKeyring([{ value: 'correct-horse-battery-staple', isRetired: false }])
const source = parseSourceKey('a.jpg')
if (source === undefined) throw new Error('no key')
const transform = { resize: { kind: 'width' as const, width: 640 }, quality: 80 }
const verified = keyring.verify(keyring.keyOf({ source, transform, format: 'webp' }))
if (verified === undefined) throw new Error('no key')

const listed = (mark: string, sizeBytes = 10): ListedResult => ({ ...verified, mark, sizeBytes })
const record: ResultRecord = {
  transform: '640w.q80',
  format: 'webp',
  fingerprint: 'f',
  recipe: 'r',
  encoder: 'e',
  headers: 'h',
  maker: 'build',
  etag: '0123456789ab',
  sizeBytes: 10,
}
const dated: ResultRecord = { ...record, mark: 'monday' }

describe('a record vouches', () => {
  it.each([
    ['for its own ETag and size', listed(ETAG), record, 'content', 'known'],
    ['for no other ETag', listed('ff23456789abcdef0123456789abcdef'), record, 'content', 'unknown'],
    ['for no other size', listed(ETAG, 11), record, 'content', 'unknown'],
    ['for no other transform', listed(ETAG), { ...record, transform: '320w.q80' }, 'content', 'unknown'],
    ['for no other format', listed(ETAG), { ...record, format: 'jpg' }, 'content', 'unknown'],
    [
      'by the whole of an ETag that is no MD5',
      listed('abc-2'),
      { ...record, etag: 'abc-2' },
      'content',
      'known',
    ],
    ['for its own date and size', listed('monday'), dated, 'date', 'known'],
    ['for no other date until the bytes are read', listed('tuesday'), dated, 'date', 'unsure'],
    ['for no other size, whatever the date', listed('monday', 11), dated, 'date', 'unknown'],
    ['by no date where the store shows ETags', listed('monday'), dated, 'content', 'unknown'],
    ['by no ETag where the store shows dates', listed(ETAG), record, 'date', 'unsure'],
  ] as const)('%s', (_, result, known, marks, kind) => {
    expect(vouch(result, [known], marks).kind).toBe(kind)
  })

  it('where only the date is off, by the bytes', () => {
    expect(settle([dated], ETAG).kind).toBe('known')
    expect(settle([dated], 'ff23456789abcdef0123456789abcdef').kind).toBe('unknown')
  })
})
