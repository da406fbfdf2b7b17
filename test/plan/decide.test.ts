import { describe, expect, it } from 'vitest'
import { DEFAULT_ENCODERS } from '../../src/config/defaults.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { toMark } from '../../src/core/mark.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import { type DecisionRules, decide, type KnownResult, SIZE_FINGERPRINT } from '../../src/plan/decide.ts'
import type { ExpectedResult } from '../../src/plan/expected.ts'
import type { SourceGroup } from '../../src/plan/group.ts'
import { emptyEntry, type FailureRecord, type ResultRecord } from '../../src/plan/ledger-entry.ts'
import { createEncoding, listRecipesOf, toRecipeOf } from '../../src/plan/recipe.ts'
import { createKeyring } from '../../src/url/keyring.ts'
import { toTransform } from '../support/parsed.ts'
import { aRecord, aSource } from './support.ts'

const SOURCE = 'a.jpg' as SourceKey
const keyring = createKeyring([
  { value: 'the-first-secret-of-all', isRetired: false },
  { value: 'a-second-secret-accepted', isRetired: false },
  { value: 'a-third-secret-retired', isRetired: true },
])
const [FIRST, SECOND, RETIRED] = [0, 1, 2]

const RULES: DecisionRules = {
  encoding: {
    encoders: DEFAULT_ENCODERS,
    recipeOf: (format) => `${format} as now`,
    recipesOf: (format) => [`${format} as now`],
  },
  headersOf: () => 'headers as now',
  isRetired: (index) => keyring.secrets[index]?.isRetired ?? false,
  attempt: 'options as now',
  rerenderOtherEncoders: false,
  force: false,
  retryFailed: false,
  isNarrowed: false,
}

const wanted = (transformText = '640w.q80', sizes: readonly string[] = ['content']): ExpectedResult => ({
  transform: toTransform(transformText),
  transformText,
  format: 'webp',
  sizes,
})

/** A record of a result as it would be rendered now, but for what is said. */
const record = (changes: Partial<ResultRecord> = {}): ResultRecord =>
  aRecord({
    fingerprint: 'now',
    recipe: 'webp as now',
    encoder: 'webp 1',
    headers: 'headers as now',
    sizeBytes: 7,
    ...changes,
  })

const standing = (
  records: readonly ResultRecord[],
  { secretIndex = FIRST, transformText = '640w.q80' } = {},
): KnownResult => {
  const variant = { source: SOURCE, transform: toTransform(transformText), format: 'webp' as const }
  const key = keyring.keyOf(variant, secretIndex)
  const listed = {
    key,
    variant,
    transformText,
    secretIndex: secretIndex ?? 0,
    sizeBytes: 7,
    modifiedAt: 0,
    mark: toMark('m'),
  }
  return { listed, records }
}

interface Case {
  readonly expected?: readonly ExpectedResult[]
  readonly results?: readonly KnownResult[]
  readonly fingerprint?: string
  readonly version?: string
  readonly group?: Partial<SourceGroup>
}

const decideOn = (
  { expected = [wanted()], results = [], group, fingerprint = 'now', version }: Case,
  rules: Partial<DecisionRules> = {},
) =>
  decide(
    {
      group: {
        key: SOURCE,
        source: aSource(SOURCE, { sizeBytes: 9 }),
        results: results.map(({ listed }) => listed),
        ...group,
      },
      expected,
      results,
      fingerprint,
      ...(version !== undefined && { version }),
    },
    { ...RULES, ...rules },
  )

const stepsOf = (...given: Parameters<typeof decideOn>) => decideOn(...given).steps

/** What is to be done, in a word or two each. */
const told = (...given: Parameters<typeof decideOn>): readonly string[] =>
  stepsOf(...given).map((step) =>
    step.kind === 'render' ? [step.kind, step.why ?? step.reason, step.maker].join(' ') : step.kind,
  )

describe('a result that a size asks for', () => {
  it.each([
    ['is kept where a record says that it shows what a render would', [record()], 'keep'],
    ['and whoever made it', [record({ maker: 'serve' })], 'keep'],
    ['and where one of several records says so', [record({ recipe: 'x' }), record()], 'keep'],
    ['is rendered where nobody knows what it is', [], 'render unrecorded build'],
    ['is rendered of another original', [record({ fingerprint: 'then' })], 'render original build'],
    ['is rendered by other options', [record({ recipe: 'x' })], 'render options build'],
    ['is rendered as serve made it', [record({ recipe: 'x', maker: 'serve' })], 'render served build'],
    [
      'is rendered by other options where one of two was made by a build',
      [record({ recipe: 'x', maker: 'serve' }), record({ recipe: 'y' })],
      'render options build',
    ],
    [
      'is rendered by other options where what has the right ones is of another original',
      [record({ recipe: 'x' }), record({ fingerprint: 'then' })],
      'render options build',
    ],
    ['is touched where its headers are others', [record({ headers: 'x' })], 'touch'],
    [
      'is kept where the latest record has its headers',
      [record({ headers: 'x' }), record({ edition: 1 })],
      'keep',
    ],
    [
      'is touched where an earlier record has them',
      [record(), record({ headers: 'x', edition: 1 })],
      'touch',
    ],
    [
      'is touched where a later record has others, though it is of other options',
      [record(), record({ recipe: 'x', headers: 'x', edition: 1 })],
      'touch',
    ],
    ['is touched where nothing tells which record is later', [record({ headers: 'x' }), record()], 'touch'],
    [
      'is touched where the headers are right of what is stale alone',
      [record({ headers: 'x' }), record({ recipe: 'x' })],
      'touch',
    ],
    [
      'is stale though damaged',
      [record({ recipe: toRecipeOf('webp as now', 'webp', { damage: '' }) })],
      'render options build',
    ],
  ])('%s', (_, records, step) => {
    expect(told({ results: [standing(records)] })).toEqual([step])
  })

  it('is missing where nothing stands, or another transform or format does', () => {
    expect(told({})).toEqual(['render missing build'])
    expect(told({ results: [standing([record()], { transformText: '641w.q80' })] })).toEqual([
      'render missing build',
      'orphan',
    ])
    const asGif = standing([record({ format: 'gif' })])
    const gif = {
      ...asGif,
      listed: { ...asGif.listed, variant: { ...asGif.listed.variant, format: 'gif' as const } },
    }
    expect(told({ results: [gif] })).toEqual(['render missing build', 'orphan'])
  })

  it('shows what there is of a damaged source where that is wanted', () => {
    const results = [standing([record({ recipe: toRecipeOf('webp as now', 'webp', { damage: 'cut off' }) })])]
    const recipesOf: DecisionRules['encoding']['recipesOf'] = (format) =>
      listRecipesOf(`${format} as now`, format, { showsDamaged: true, colors: 'keep' })
    expect(told({ results })).toEqual(['render options build'])
    expect(told({ results }, { encoding: { ...RULES.encoding, recipesOf } })).toEqual(['keep'])
  })

  it('is due by what becomes of wide colours where its source has them, and nowhere else', () => {
    const toldOf = (recipe: string, colors: 'keep' | 'srgb'): readonly string[] =>
      told(
        { results: [standing([record({ recipe })])] },
        {
          encoding: {
            ...RULES.encoding,
            recipesOf: (format) => listRecipesOf(`${format} as now`, format, { showsDamaged: false, colors }),
          },
        },
      )
    const [kept, converted] = (['keep', 'srgb'] as const).map((colors) =>
      toRecipeOf('webp as now', 'webp', { colors }),
    )
    expect([toldOf(kept ?? '', 'keep'), toldOf(kept ?? '', 'srgb')]).toEqual([
      ['keep'],
      ['render options build'],
    ])
    expect([toldOf(converted ?? '', 'keep'), toldOf(converted ?? '', 'srgb')]).toEqual([
      ['render options build'],
      ['keep'],
    ])
    expect([toldOf('webp as now', 'keep'), toldOf('webp as now', 'srgb')]).toEqual([['keep'], ['keep']])
    expect(toRecipeOf('gif as now', 'gif', { colors: 'srgb' })).toBe('gif as now')
  })

  it('is rendered whatever stands where all is', () => {
    const results = [standing([record()]), standing([record()], { secretIndex: SECOND })]
    expect(told({ results }, { force: true })).toEqual(['render forced build', 'orphan'])
  })

  it('is made again where an unfinished build that makes everything again has not come to it', () => {
    const asked: unknown[] = []
    const isForced: DecisionRules['isForced'] = (source, { transformText }, modifiedAt) => {
      asked.push([source, transformText, modifiedAt])
      return true
    }
    expect(told({ results: [standing([record()])] }, { isForced })).toEqual(['render forced build'])
    expect(asked).toEqual([[SOURCE, '640w.q80', 0]])
    expect(told({ results: [standing([record()])] }, { isForced: () => false })).toEqual(['keep'])
    expect(told({}, { isForced })).toEqual(['render missing build'])
  })

  it('is told apart where other encoders made it, and rendered where these are not wanted', () => {
    const keepOf = (records: readonly ResultRecord[]) =>
      stepsOf({ results: [standing(records)] }, { encoderOf: () => 'webp 1' })
    expect(keepOf([record()])).toMatchObject([{ kind: 'keep', isOtherEncoder: false, sizeBytes: 7 }])
    expect(keepOf([record({ encoder: 'webp 0' })])).toMatchObject([{ isOtherEncoder: true }])
    expect(keepOf([record({ encoder: 'webp 0' }), record()])).toMatchObject([{ isOtherEncoder: false }])
    expect(stepsOf({ results: [standing([record({ encoder: 'webp 0' })])] })).toMatchObject([
      { isOtherEncoder: false },
    ])
    const again = { encoderOf: () => 'webp 1', rerenderOtherEncoders: true }
    expect(told({ results: [standing([record({ encoder: 'webp 0' })])] }, again)).toEqual([
      'render encoders build',
    ])
    expect(told({ results: [standing([record()])] }, again)).toEqual(['keep'])
    expect(
      told({ results: [standing([record({ recipe: 'x' }), record({ encoder: 'webp 0' })])] }, again),
    ).toEqual(['render encoders build'])
  })
})

describe('a result that stands under another secret', () => {
  it('is copied, by the record that is right, and is no orphan before it has been', () => {
    const right = record({ headers: 'x' })
    const results = [standing([record({ recipe: 'x' }), right], { secretIndex: RETIRED })]
    expect(stepsOf({ results })).toMatchObject([
      { kind: 'copy', from: { secretIndex: RETIRED }, record: right, result: { transformText: '640w.q80' } },
    ])
  })

  it.each([
    ['of another transform', standing([record()], { secretIndex: SECOND, transformText: '320w.q80' })],
    ['of another original', standing([record({ fingerprint: 'then' })], { secretIndex: SECOND })],
    ['of which nothing is known', standing([], { secretIndex: SECOND })],
  ])('is not copied: %s', (_, other) => {
    expect(told({ results: [other] })[0]).toBe('render missing build')
  })

  it('is not copied: of another format', () => {
    const expected = [{ ...wanted(), format: 'jpg' as const }]
    const recipes = { ...RULES.encoding, recipesOf: () => ['webp as now'] }
    const results = [standing([record()], { secretIndex: SECOND })]
    expect(told({ expected, results }, { encoding: recipes })[0]).toBe('render missing build')
  })

  it('has had its day where the first secret has it, or is to', () => {
    const old = standing([record({ maker: 'serve' })], { secretIndex: SECOND })
    expect(told({ results: [standing([record()]), old] })).toEqual(['keep', 'orphan'])
    const stale = standing([record({ maker: 'serve', fingerprint: 'then' })], { secretIndex: SECOND })
    expect(told({ results: [stale] })).toEqual(['render missing build', 'orphan'])
  })
})

describe('a result that no size asks for', () => {
  const unasked = (records: readonly ResultRecord[], secretIndex = FIRST) => ({
    expected: [],
    results: [standing(records, { secretIndex })],
  })
  const served = record({ maker: 'serve' })
  const past = { fingerprint: 'then' }

  it.each([
    ['an orphan where a build made it', [record()], 'orphan'],
    ['an extra where serve did', [served], 'extra'],
    ['an extra where both did', [record(), served], 'extra'],
    [
      'an extra where serve has made it of this original and a build of another',
      [record(past), served],
      'extra',
    ],
    [
      'an extra where a build has made it of this original and serve of another',
      [record(), record({ ...past, maker: 'serve' })],
      'extra',
    ],
    ['an orphan where a build made it of another original', [record(past)], 'orphan'],
    ['dropped where serve did', [record({ ...past, maker: 'serve' })], 'drop'],
    [
      'an orphan where both did',
      [record({ ...past, maker: 'serve' }), record({ ...past, fingerprint: 'before' })],
      'orphan',
    ],
    ['an extra whatever its recipe', [record({ maker: 'serve', recipe: 'x' })], 'extra'],
    ['touched where its headers are others', [record({ maker: 'serve', headers: 'x' })], 'touch'],
    [
      'touched where a later record has others, though it is of another original',
      [served, record({ ...past, headers: 'x', edition: 1 })],
      'touch',
    ],
    ['made again where nobody knows what it is', [], 'render unrecorded serve'],
  ])('is %s', (_, records, step) => {
    expect(told(unasked(records))).toEqual([step])
    expect(told(unasked(records, SECOND))).toEqual([step])
    expect(told(unasked(records, RETIRED))).toEqual(['orphan'])
    expect(told(unasked(records), { isNarrowed: true })).toEqual([])
    expect(told({ ...unasked(records), group: { source: undefined } as never })).toEqual(['orphan'])
  })

  it('that is touched is still an extra, and still of serve', () => {
    const records = [record({ headers: 'x' }), record({ maker: 'serve', headers: 'x' })]
    expect(stepsOf(unasked(records))).toMatchObject([
      { kind: 'touch', isExtra: true, record: { maker: 'serve' } },
    ])
  })

  it('is made again where it stands', () => {
    const [step] = stepsOf(unasked([], SECOND))
    expect(step).toMatchObject({
      at: keyring.keyOf({ source: SOURCE, transform: toTransform('640w.q80'), format: 'webp' }, SECOND),
      result: { sizes: [], transformText: '640w.q80' },
    })
  })

  it('and nobody knows is not made again of a version that has passed', () => {
    const [now, then] = ['v-0123456789', 'v-9876543210'].map((version) =>
      standing([], { transformText: `640w.q80.${version}` }),
    )
    if (now === undefined || then === undefined) throw new Error('no versions')
    const given = { expected: [], version: '0123456789' }
    expect(told({ ...given, results: [now] })).toEqual(['render unrecorded serve'])
    expect(told({ ...given, results: [then] })).toEqual(['drop'])
  })

  it('is an orphan since the ledger says so, and none any more where that is over', () => {
    const name = standing([]).listed.key.slice('a.jpg/'.length)
    const orphans = [
      { name, since: 5 },
      { name: 'another', since: 6 },
    ]
    const group = { known: { ...emptyEntry(SOURCE), orphans } }
    expect(decideOn({ ...unasked([record()]), group })).toMatchObject({
      steps: [{ kind: 'orphan', name, since: 5 }],
      reclaimed: ['another'],
    })
    expect(decideOn({ results: [standing([record()])], group }).reclaimed).toEqual([name, 'another'])
    expect(decideOn({ results: [standing([record()])], group }, { isNarrowed: true }).reclaimed).toEqual([])
  })
})

describe('an extra that is made again because visitors ask for it', () => {
  const expected = [wanted('640w.q80', [])]

  it('stands while its original does, whatever it was encoded with', () => {
    expect(told({ expected, results: [standing([record({ recipe: 'x' })])] })).toEqual(['keep'])
    expect(told({ expected, results: [standing([record({ fingerprint: 'then' })])] })).toEqual([
      'render original serve',
    ])
    expect(told({ expected })).toEqual(['render missing serve'])
  })
})

describe('a source that has failed', () => {
  const failure: FailureRecord = {
    fingerprint: 'now',
    code: 'image-corrupt',
    message: 'It is broken.',
    attempt: 'options as now',
  }
  const failed = (changes: Partial<FailureRecord> = {}, more: Case = {}): Case => ({
    ...more,
    group: { known: { ...emptyEntry(SOURCE), failures: [{ ...failure, ...changes }] } },
  })

  it('is not tried again, for what is missing and for what is stale', () => {
    expect(stepsOf(failed())).toEqual([{ kind: 'failing', result: wanted(), failure }])
    expect(told(failed({}, { results: [standing([record({ recipe: 'x' })])] }))).toEqual(['failing'])
  })

  it('keeps, touches and copies what there is', () => {
    expect(told(failed({}, { results: [standing([record()])] }))).toEqual(['keep'])
    expect(told(failed({}, { results: [standing([record({ headers: 'x' })])] }))).toEqual(['touch'])
    expect(told(failed({}, { results: [standing([record()], { secretIndex: SECOND })] }))).toEqual(['copy'])
  })

  it('is tried again when its bytes or the options have changed, or that is asked for', () => {
    expect(told(failed({ fingerprint: 'then' }))).toEqual(['render missing build'])
    expect(told(failed({ attempt: 'options as then' }))).toEqual(['render missing build'])
    expect(told(failed(), { attempt: 'options to come' })).toEqual(['render missing build'])
    expect(told(failed(), { retryFailed: true })).toEqual(['render missing build'])
    expect(told(failed(), { force: true })).toEqual(['render forced build'])
  })

  it('because it is too large to be read is known by its size', () => {
    const tooLarge = { fingerprint: `${SIZE_FINGERPRINT}9` }
    expect(told(failed(tooLarge))).toEqual(['failing'])
    expect(told(failed({ fingerprint: `${SIZE_FINGERPRINT}10` }))).toEqual(['render missing build'])
    expect(told(failed({ ...tooLarge, attempt: 'options as then' }))).toEqual(['render missing build'])
  })
})

it('takes what is left of a damaged source for right only where that is to be shown', () => {
  const recipesOf = (damaged: 'show' | 'refuse') =>
    createEncoding(
      DEFAULT_ENCODERS,
      resolveConfig(
        {
          source: './in',
          output: './out',
          secret: 'correct-horse-battery-staple',
          sizes: {},
          limits: { damaged },
        },
        { root: '/site' },
      ),
    ).recipesOf('webp', '640w.q80')
  expect(recipesOf('show').length).toBeGreaterThan(recipesOf('refuse').length)
  expect(recipesOf('show')).toEqual(expect.arrayContaining([...recipesOf('refuse')]))
})
