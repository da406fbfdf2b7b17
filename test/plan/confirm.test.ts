import { describe, expect, it } from 'vitest'
import { isSameMark, isSameObject, toMark } from '../../src/core/mark.ts'
import { confirm, confirmByBytes, latestHeaders, toLatest } from '../../src/plan/confirm.ts'
import type { ListedResult } from '../../src/plan/group.ts'
import { findFacts, type ResultRecord, toTags } from '../../src/plan/ledger-entry.ts'
import { toSource } from '../support/parsed.ts'
import { aRecord, aResult } from './support.ts'

const ETAG = '0123456789abcdef0123456789abcdef'
const listed = (mark: string, sizeBytes = 10): ListedResult =>
  aResult(toSource('a.jpg'), toMark(mark), { sizeBytes })
const record = aRecord({ sizeBytes: 10 })
const dated: ResultRecord = { ...record, mark: 'monday' }
const OTHER = 'ff23456789abcdef0123456789abcdef'
const encrypted: ResultRecord = { ...record, ...toTags(ETAG, OTHER) }

describe('a record confirms', () => {
  it.each([
    ['for its own ETag and size', listed(ETAG), record, 'content', 'known'],
    ['for no other ETag', listed(OTHER), record, 'content', 'unknown'],
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
    ['by no part of one', listed('0123456789ab-2'), record, 'content', 'unknown'],
    ['for its own date and size', listed('monday'), dated, 'date', 'known'],
    ['for no other date until the bytes are read', listed('tuesday'), dated, 'date', 'unsure'],
    ['for no other size, whatever the date', listed('monday', 11), dated, 'date', 'unknown'],
    [
      'by its MD5 where a store shows that and a folder was recorded',
      listed(ETAG),
      dated,
      'content',
      'known',
    ],
    ['by the mark of an encrypted object, which is no MD5', listed(OTHER), encrypted, 'content', 'known'],
    ['for no other mark of one', listed('aa23456789abcdef0123456789abcdef'), encrypted, 'content', 'unknown'],
    ['for nothing without a mark until the bytes are read', listed(''), record, 'content', 'unsure'],
    [
      'for nothing without a mark though none was recorded',
      listed(''),
      { ...record, etag: '' },
      'content',
      'unsure',
    ],
  ] as const)('%s', (_, result, known, marks, kind) => {
    expect(confirm(result, [known], marks).kind).toBe(kind)
  })

  it('where only the date is off, by the bytes', () => {
    expect(confirmByBytes([dated], ETAG).kind).toBe('known')
    expect(confirmByBytes([dated], OTHER).kind).toBe('unknown')
  })
})

it('only two looks with one mark and one length show the same object', () => {
  const [seen, unmarked] = [
    { sizeBytes: 1, mark: toMark('m') },
    { sizeBytes: 1, mark: toMark('') },
  ]
  expect([isSameObject(seen, { ...seen }), isSameMark(seen.mark, toMark('m'))]).toEqual([true, true])
  for (const other of [{ ...seen, sizeBytes: 2 }, { ...seen, mark: toMark('n') }, unmarked, undefined])
    expect([isSameObject(seen, other), isSameObject(other, seen)]).toEqual([false, false])
  expect([isSameObject(unmarked, unmarked), isSameObject(undefined, undefined)]).toEqual([false, false])
  expect(isSameMark(undefined, undefined)).toBe(false)
})

it('a mark that is the MD5, or begins as what is known of it, gives one tag', () => {
  for (const md5 of [ETAG, ETAG.slice(0, 12), ETAG.slice(0, 5)])
    expect(toTags(md5, ETAG)).toEqual({ etag: ETAG.slice(0, 12) })
})

it('of the facts of an original those with a preview are preferred, and none of another are taken', () => {
  const facts = { fingerprint: 'f', width: 1, height: 1, mediaFormat: 'jpeg' }
  const shown = { ...facts, thumbhash: 'AAAA' }
  const other = { ...shown, fingerprint: 'g' }
  expect([findFacts([other, facts, shown], 'f'), findFacts([facts], 'f')]).toEqual([shown, facts])
  expect([findFacts([other], 'f'), findFacts(undefined, 'f')]).toEqual([undefined, undefined])
})

describe('the headers of an object', () => {
  const other = { ...record, headers: 'i' }

  it('are those of the latest record of its bytes', () => {
    expect(latestHeaders([record])).toBe('h')
    const third = toLatest(record, [record, toLatest(other, [record])])
    expect(latestHeaders([record, toLatest(other, [record])])).toBe('i')
    expect(latestHeaders([third, record, toLatest(other, [record])])).toBe('h')
    expect(toLatest(record, [{ ...other, edition: 5 }, other]).edition).toBe(6)
    expect(latestHeaders([record, { ...record, recipe: 's' }])).toBe('h')
  })

  it('are not known where two records are equally late', () => {
    expect(latestHeaders([record, other])).toBeUndefined()
    expect(latestHeaders([record, other, toLatest(other, [record, other])])).toBe('i')
  })

  it.each<Partial<ResultRecord>>([
    {},
    { headers: 'x', transform: '1w.q80' },
    { headers: 'x', format: 'jpg' },
    { headers: 'x', etag: 'ff23456789ab' },
    { headers: 'x', sizeBytes: 11 },
  ])('count no edition after %j', (before) => {
    expect(toLatest(record, [{ ...record, ...before }])).toBe(record)
  })
})
