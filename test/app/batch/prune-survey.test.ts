import { describe, expect, it } from 'vitest'
import { toDeletedOrphan } from '../../../src/app/batch/orphans.ts'
import type { PlannedSource } from '../../../src/app/batch/plan.ts'
import { createPruneSurvey, type PruneRules } from '../../../src/app/batch/prune-survey.ts'
import { emptyEntry } from '../../../src/plan/ledger-entry.ts'
import { listOrphans } from '../../../src/plan/orphan.ts'
import { createKeyring } from '../../../src/url/keyring.ts'
import { aSource } from '../../plan/support.ts'
import { testKey } from '../../support/origin.ts'
import { toSource } from '../../support/parsed.ts'

const NOW = 1_000_000
const RULES: PruneRules = { now: () => NOW, olderThanMs: 100, maxShare: 1, extras: true, allowEmpty: false }
const keyring = createKeyring([{ value: 'a secret of this test', isRetired: false }])

interface Told {
  /** Whether its original is there. */
  readonly isThere?: boolean
  /** What is to become of its results, one after the other: so old an orphan, an extra, or wanted. */
  readonly results?: readonly (number | 'extra' | 'wanted')[]
  readonly aliases?: readonly string[]
}

const planOf = (name: string, { isThere = false, results = [], aliases = [] }: Told): PlannedSource => {
  const key = toSource(name)
  const listed = results.map((_, i) => {
    const verified = keyring.verify(testKey(keyring, name, { transform: `${i + 1}w.q80` }))
    if (verified === undefined) throw new Error('it is signed')
    return { ...verified, sizeBytes: 1, modifiedAt: 0, mark: undefined }
  })
  const steps = results.flatMap((told, i): PlannedSource['steps'] => {
    const own = listed[i]?.key
    if (own === undefined || told === 'wanted') return []
    return [
      told === 'extra'
        ? { kind: 'extra', key: own }
        : { kind: 'orphan', key: own, name: 'n', since: NOW - told },
    ]
  })
  const known = {
    ...emptyEntry(key),
    aliases: aliases.map((alias) => ({
      name: alias,
      transform: '9w.q80',
      format: 'webp' as const,
      at: 0,
      etag: 'aa',
    })),
  }
  const source = aSource(key)
  return {
    group: { key, results: listed, known, ...(isThere && { source }) },
    steps,
    reclaimed: [],
    aliases: [],
  }
}

const root = (prefix: string) => ({
  prefix,
  isListable: true,
  place: `/photos/${prefix}`,
  showsHidden: false,
})

const survey = (
  told: Readonly<Record<string, Told>>,
  rules: Partial<PruneRules> = {},
  prefixes: readonly string[] = [''],
) => {
  const made = createPruneSurvey({ ...RULES, ...rules }, prefixes.map(root))
  for (const [name, each] of Object.entries(told)) made.add(planOf(name, each))
  return made
}

describe('a survey before a prune', () => {
  it('counts what is deleted, too young, and wanted by visitors, and names the sources that lose something', () => {
    const told = {
      'a.jpg': { results: [100, 99, 'extra'] },
      'b.jpg': { isThere: true, results: ['wanted'] },
      'c.jpg': { aliases: ['cache/1'] },
      'd.jpg': { results: [0] },
      'e.jpg': { isThere: true },
      'f.jpg': { results: ['extra'], aliases: ['cache/2'] },
    } as const
    const countsOf = (rules: Partial<PruneRules>) => {
      const { unwanted, aliases, sources, kept, extra } = survey(told, rules)
      return [unwanted.length, aliases.length, sources, kept(), extra()]
    }
    expect(countsOf({})).toEqual([3, 2, ['a.jpg', 'c.jpg', 'f.jpg'], 2, 0])
    expect(countsOf({ extras: false })).toEqual([1, 2, ['a.jpg', 'c.jpg', 'f.jpg'], 2, 2])
  })

  it('takes what is told to be of the future for young', () => {
    const { unwanted, kept } = survey({ 'a.jpg': { results: [-5] } }, { olderThanMs: 1 })
    expect([unwanted.length, kept()]).toEqual([0, 1])
  })

  it.each([
    [0.5, undefined],
    [0.49, '1 of 2 sources with results would lose all of them: 50 %, but the limit is 49 %'],
  ])(
    'lets no more than its share of the sources that have results lose all of them: %s',
    (maxShare, message) => {
      const made = survey(
        {
          'a.jpg': { results: [200, 200] },
          'b.jpg': { isThere: true, results: [200, 'wanted'] },
          'without.jpg': { isThere: true },
          'gone.jpg': { aliases: ['cache/1'] },
        },
        { maxShare },
      )
      if (message === undefined) expect(made.check()).toBeUndefined()
      else expect(() => made.check()).toThrow(message)
    },
  )

  it('says the share that would be enough', () => {
    const one = { isThere: true, results: ['wanted'] } as const
    const gone = { results: [200] }
    const made = survey({ 'a.jpg': gone, 'b.jpg': gone, 'c.jpg': one }, { maxShare: 0.1 })
    expect(() => made.check()).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('66.7 %'),
        hint: expect.stringContaining('--max-share 0.67.'),
      }),
    )
  })

  it('lets everything go where nothing has results', () => {
    expect(survey({ 'a.jpg': { isThere: true } }, { maxShare: 0 }).check()).toBeUndefined()
  })

  const PREFIXES = ['blog/', 'shop/']
  it('believes no empty listing of everything, unless it is told to', () => {
    const gone = { 'blog/a.jpg': { results: [200] } }
    expect(() => survey(gone, {}, PREFIXES).check()).toThrow('No source is listed')
    expect(() => survey({}, {}, PREFIXES).check()).toThrow('No source is listed')
    expect(survey(gone, { allowEmpty: true }, PREFIXES).check()).toBeUndefined()
  })

  it('believes no empty listing of one source that has results', () => {
    const there = { 'blog/a.jpg': { isThere: true } }
    expect(() => survey({ ...there, 'shop/b.jpg': { results: [200] } }, {}, PREFIXES).check()).toThrow(
      'No original of the source shop (/photos/shop/) is listed',
    )
    expect(survey({ ...there, 'shop/b.jpg': {} }, {}, PREFIXES).check()).toBeUndefined()
    expect(
      survey({ ...there, 'shop/b.jpg': { isThere: true, results: [200] } }, {}, PREFIXES).check(),
    ).toBeUndefined()
  })
})

it('an orphan that is deleted is one no more, also if it was recorded at this very moment', () => {
  const { group } = planOf('a.jpg', {})
  const records = [{ name: 'n', since: NOW }, toDeletedOrphan(group, 'n', NOW)]
  expect(listOrphans(records).has('n')).toBe(false)
})
