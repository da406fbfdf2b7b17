import { describe, expect, test } from 'vitest'
import { checkArgument, checkOptions } from '../../src/wire/check-options.ts'

const problem = (message: RegExp | string) =>
  expect.objectContaining({ code: 'option-invalid', message: expect.stringMatching(message) })

describe('options of the library', () => {
  test.each<readonly [Parameters<typeof checkOptions>[0], unknown, RegExp]>([
    ['prune', { dryrun: true }, /^prune: dryrun: unknown option; did you mean dryRun\? allowed: signal, /],
    ['prune', { maxShare: Number.NaN }, /^prune: maxShare: NaN; allowed: a number 0\.\.1/],
    ['prune', { maxShare: 1.1 }, /^prune: maxShare: 1\.1/],
    ['prune', { maxShare: -0.1 }, /^prune: maxShare: -0\.1/],
    ['prune', { olderThanMs: '7d' }, /^prune: olderThanMs: "7d"; allowed: millisec/],
    ['prune', { olderThanMs: -1 }, /^prune: olderThanMs: -1/],
    ['prune', { olderThanMs: Number.NaN }, /^prune: olderThanMs: NaN/],
    ['plan', { format: 'wepb' }, /^plan: format: "wepb"; did you mean webp\? allowed: avif, webp/],
    ['plan', { format: 'auto' }, /^plan: format: "auto"/],
    ['plan', { sources: 'a.jpg' }, /^plan: sources: "a\.jpg"; allowed: a list/],
    ['plan', { sources: ['a.jpg', 3] }, /^plan: sources\[1\]: 3/],
    ['plan', { encoderChanged: 'never' }, /^plan: encoderChanged: "never"; allowed: keep, rerender$/],
    ['plan', { onEvent: 'log' }, /^plan: onEvent: "log"; allowed: a function/],
    ['build', { shard: '1/2' }, /^build: shard: "1\/2"; allowed: an object such as \{ index, count \}/],
    ['build', { shard: { index: 0, count: 2 } }, /^build: shard/],
    ['build', { shard: { index: 3, count: 2 } }, /^build: shard/],
    ['build', { shard: { index: 1 } }, /^build: shard/],
    ['build', { shard: { index: -1, count: 0 } }, /^build: shard/],
    ['build', { shard: { index: 1, count: 1.5 } }, /^build: shard/],
    ['build', { force: 'no' }, /^build: force: "no"; allowed: true or false/],
    ['build', { constructor: 1 }, /^build: constructor: unknown option; allowed: /],
    ['verify', 'a.jpg', /^verify: "a\.jpg"; allowed: an object/],
    ['verify', [], /^verify: \[\]; allowed: an object/],
    ['verify', { signal: 3 }, /^verify: signal: 3; allowed: an AbortSignal/],
    ['verify', { signal: {} }, /^verify: signal: /],
    ['warm', { limit: 0 }, /^warm: limit: 0; allowed: a whole number from 1$/],
    ['warm', { minHits: 1.5 }, /^warm: minHits: 1\.5/],
    ['url', { expires: '7d' }, /^url: expires: "7d"; allowed: a Date/],
    ['url', { expires: new Date(Number.NaN) }, /^url: expires: /],
    [
      'openImgsizes',
      { concurency: 1 },
      /^openImgsizes: concurency: unknown option; did you mean concurrency\? allowed: /,
    ],
    ['openImgsizes', { concurrency: 0 }, /^openImgsizes: concurrency: 0; allowed: a whole number from 1/],
    ['openImgsizes', { memoryBytes: '1GB' }, /^openImgsizes: memoryBytes: "1GB"; allowed: a whole/],
    ['openImgsizes', { config: './x.mjs' }, /^openImgsizes: config: "\.\/x\.mjs"; allowed: a config/],
    ['openImgsizes', null, /^openImgsizes: null; allowed: an object/],
    ['plan', { force: 1, only: 2 }, /^plan: only: 2.*\nplan: force: 1/],
  ])('%s refuses %o', (name, given, says) => {
    expect(() => checkOptions(name, given as object)).toThrow(problem(says))
  })

  test.each<readonly [Parameters<typeof checkOptions>[0], object]>([
    ['prune', { maxShare: 0, olderThanMs: 0, dryRun: false, signal: new AbortController().signal }],
    ['prune', { maxShare: 1 }],
    ['plan', { format: 'original', only: undefined, encoderChanged: 'keep' }],
    ['plan', { sources: [], encoderChanged: 'rerender', onEvent: () => {} }],
    ['build', { shard: { index: 2, count: 2 } }],
    ['warm', { minHits: 1, limit: 1 }],
    ['url', { format: 'auto', expires: new Date(0) }],
  ])('%s takes %o', (name, given) => {
    expect(() => checkOptions(name, given)).not.toThrow()
  })
})

const log = { name: 'access.log', open: () => [] }

test.each<readonly [Parameters<typeof checkArgument>[0], object, object, RegExp]>([
  [
    'purge',
    { sources: ['a.jpg'] },
    { sources: 'a.jpg' },
    /^purge: sources: "a\.jpg"; allowed: a list of texts/,
  ],
  ['purge', { sources: [] }, { sources: ['a.jpg', 3] }, /^purge: sources\[1\]: 3/],
  [
    'warm',
    { logs: [log] },
    { logs: ['access.log'] },
    /^warm: logs\[0\]: "access\.log"; allowed: \{ name, open\(\) \}/,
  ],
  ['warm', { logs: [] }, { logs: [log, { name: 'b.log' }] }, /^warm: logs\[1\]: /],
  ['warm', { logs: [] }, { logs: [log, { name: 'b.log', open: 'b.log' }] }, /^warm: logs\[1\]: /],
  ['url', { source: 'a.jpg' }, { source: 3 }, /^url: source: 3; allowed: a text/],
])('%s takes %o, and refuses %o', (name, right, wrong, says) => {
  expect(() => checkArgument(name, right)).not.toThrow()
  expect(() => checkArgument(name, wrong)).toThrow(problem(says))
})
