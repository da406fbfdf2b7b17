import { describe, expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/resolve.ts'
import { configFaultsOf } from '../support/problems.ts'

const resolveWith = (dialects: unknown, source: unknown = './a') =>
  resolveConfig({ source, output: './b', quality: 70, dialects }, { root: '/tmp' }).dialects

const faultsOf = (dialects: unknown, source?: unknown): readonly string[] =>
  configFaultsOf(() => resolveWith(dialects, source)).map(({ path, found }) => `${path}: ${found}`)

test('what a dialect leaves out is filled in', () => {
  expect(
    resolveWith([
      { type: 'nginx', prefix: '/t/', secret: 'one' },
      { type: 'nginx', prefix: '/r/', secret: ['one', 'two'], mode: 'rotate', degrees: 90, arg: 'auth' },
      { type: 'imgproxy', key: 'AAbb', salt: '00' },
      { type: 'imgproxy', prefix: '/i/', unsigned: true },
    ]),
  ).toEqual([
    { type: 'nginx', prefix: '/t/', secrets: ['one'], arg: 'key', mode: 'resize', quality: 75 },
    { type: 'nginx', prefix: '/r/', secrets: ['one', 'two'], arg: 'auth', mode: { rotate: 90 }, quality: 75 },
    {
      type: 'imgproxy',
      prefix: '/',
      keys: [{ key: 'AAbb', salt: '00' }],
      isUnsigned: false,
      signatureSize: 32,
      presets: {},
      onlyPresets: false,
      baseUrl: '',
      autoFormat: [],
      quality: 70,
    },
    expect.objectContaining({ prefix: '/i/', keys: [], isUnsigned: true }),
  ])
})

test.each(['', 'cache/', 'cache-', 'a/b/c/'])('a cache may begin its keys with %j', (folder) => {
  const dialect = { type: 'imgproxy', unsigned: true, cacheKeys: { folder } }
  expect(resolveWith([dialect])).toEqual([expect.objectContaining({ cacheFolder: folder })])
})

test.each(['/', 'a//b', '../', 'a/./', '.imgsizes/x/', '.imgsizesx', 'a\\b', 'x'.repeat(201), 5])(
  'a cache cannot begin its keys with %j',
  (folder) => {
    expect(faultsOf([{ type: 'imgproxy', unsigned: true, cacheKeys: { folder } }])).toEqual([
      expect.stringMatching(/^dialects\[0\]\.cacheKeys\.folder: /),
    ])
  },
)

test.each([
  ['versions', { versions: true }],
  ['serve.expiring', { serve: { expiring: true } }],
  ['serve.cache', { serve: { cache: { maxBytes: '1GB' } } }],
])('keys of a cache are refused beside %s', (name, more) => {
  const dialects = [{ type: 'imgproxy', unsigned: true, cacheKeys: { folder: '' } }]
  const resolve = () => resolveConfig({ source: './a', output: './b', dialects, ...more }, { root: '/tmp' })
  expect(resolve).toThrow(`set beside ${name}`)
})

describe('wrong is', () => {
  test('no list', () => {
    expect(faultsOf({})[0]).toMatch(/^dialects:/)
  })

  const named = { one: './a', two: './c' }
  test.each<[string, string, object, object?]>([
    ['an unknown type', 'type', { type: 'thumbor' }],
    ['no secret', 'secret', { type: 'nginx', prefix: '/t/' }],
    ['an undefined secret', 'secret', { type: 'nginx', prefix: '/t/', secret: undefined }],
    ['no key', 'key', { type: 'imgproxy' }],
    ['a key without a salt', 'salt', { type: 'imgproxy', key: 'aa' }],
    ['a key that is no hex', 'key', { type: 'imgproxy', key: 'topsecret', salt: 'aa' }],
    ['a prefix without its slash', 'prefix', { type: 'nginx', prefix: '/t', unsigned: true }],
    ['no form', 'form', { type: 'nginx', prefix: '/t/', unsigned: true, form: '{width}' }],
    ['a form without sides', 'form', { type: 'nginx', prefix: '/t/', unsigned: true, form: '{path}' }],
    ['degrees alone', 'degrees', { type: 'nginx', prefix: '/t/', unsigned: true, degrees: 90 }],
    ['no name of several sources', 'source', { type: 'nginx', prefix: '/t/', unsigned: true }, named],
    ['an unknown source', 'source', { type: 'imgproxy', unsigned: true, source: 'three' }, named],
    ['an unknown field', 'secrets', { type: 'nginx', prefix: '/t/', unsigned: true, secrets: 'x' }],
  ])('%s', (_, option, dialect, source) => {
    const faults = faultsOf([dialect], source)
    expect(faults.map((fault) => fault.split(':')[0])).toContain(`dialects[0].${option}`)
    expect(faults.join()).not.toContain('topsecret')
  })

  test('nothing where several sources have names, which those of imgproxy begin with', () => {
    expect(faultsOf([{ type: 'imgproxy', unsigned: true }], named)).toEqual([])
  })
})

test.each<[string, readonly object[], readonly string[]]>([
  [
    'of one type',
    [
      { type: 'nginx', prefix: '/t/', secret: 'a' },
      { type: 'nginx', prefix: '/u/', secret: 'a' },
      { type: 'nginx', prefix: '/t/', secret: 'b', mode: 'crop' },
      { type: 'nginx', prefix: '/t/', unsigned: true },
    ],
    [
      'dialects[2].prefix: "/t/", which is that of dialects[0] too',
      'dialects[3].prefix: "/t/", which is that of dialects[0] too',
    ],
  ],
  [
    'and forms of their own',
    [
      { type: 'nginx', prefix: '/t/', unsigned: true, form: '{size}/{path}' },
      { type: 'nginx', prefix: '/t/', unsigned: true, form: '{width}_{height}/{path}' },
      { type: 'nginx', prefix: '/t/', unsigned: true, form: '{size}/{path}' },
      { type: 'nginx', prefix: '/t/', unsigned: true },
      { type: 'nginx', prefix: '/t/', unsigned: true, form: '{path}!{size}' },
    ],
    [
      'dialects[2].prefix: "/t/", which is that of dialects[0] too',
      'dialects[4].prefix: "/t/", which is that of dialects[3] too',
    ],
  ],
  [
    'by default',
    [
      { type: 'imgproxy', key: 'aa', salt: 'bb' },
      { type: 'nginx', prefix: '/', unsigned: true },
    ],
    ['dialects[1].prefix: "/", which is that of dialects[0] too'],
  ],
  [
    'that only begins the other',
    [
      { type: 'imgproxy', key: 'aa', salt: 'bb' },
      { type: 'nginx', prefix: '/t/', unsigned: true },
      { type: 'nginx', prefix: '/t/crop/', unsigned: true, mode: 'crop' },
    ],
    [],
  ],
])('two dialects with one prefix %s', (_, dialects, faults) => {
  expect(faultsOf(dialects)).toEqual(faults)
})

describe('presets', () => {
  const faultsOfPresets = (presets: object) => faultsOf([{ type: 'imgproxy', unsigned: true, presets }])

  test('may say whatever imgproxy knows, themselves too, whether or not a key can hold it', () => {
    expect(
      faultsOfPresets({
        default: 'rs:fill:300:200/q:70/',
        small: 'width:5/preset:small:default/pr:pro',
        pro: 'ush:1/skp:svg/raw:1/mw:5/extend_ar:1/watermark_text:aGk',
        none: '',
      }),
    ).toEqual([])
  })

  test('that name what there is not are faults, all of them at once, beside others', () => {
    const dialects = [
      {
        type: 'imgproxy',
        unsigned: true,
        quality: 900,
        presets: { a: 'w:5/widht:5/zz:1', b: 'pr:a:nowhere', c: 'q:70', d: 'toString:1/pr:toString' },
      },
    ]
    expect(faultsOf(dialects)).toEqual([
      'dialects[0].quality: 900',
      'dialects[0].presets.a: the unknown option "widht", the unknown option "zz"',
      'dialects[0].presets.b: the unknown preset "nowhere"',
      'dialects[0].presets.d: the unknown option "toString", the unknown preset "toString"',
    ])
  })
})
