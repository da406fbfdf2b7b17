import { describe, expect, it } from 'vitest'
import { createNaming, type EventRoot } from '../../../src/app/watch/name-sources.ts'
import { readMessage } from '../../../src/app/watch/read-message.ts'
import type { SourceKey } from '../../../src/core/source-key.ts'

const ROOTS: readonly EventRoot[] = [
  { prefix: 'blog/', bucket: { name: 'site', prefix: 'originals/' } },
  { prefix: 'shop/', bucket: { name: 'shop', prefix: '' } },
  { prefix: 'disk/' },
]

const naming = createNaming(ROOTS, { mayBe: (key) => !key.includes('.result.') })

const sourcesOf = (value: unknown): readonly string[] => {
  const said = readMessage(JSON.stringify(value), naming)
  return said.kind === 'sources' ? [...said.sources.keys()] : []
}

const s3 = (bucket: string, key: string, eventSource = 'aws:s3') => ({
  Records: [{ eventSource, s3: { bucket: { name: bucket }, object: { key } } }],
})

describe('the sources that a message names', () => {
  it('lie below the prefix of their bucket, under the name of their source', () => {
    expect(sourcesOf(s3('site', 'originals/a/b+c%2Bd.jpg'))).toEqual(['blog/a/b c+d.jpg'])
    expect(sourcesOf(s3('shop', 'a.jpg'))).toEqual(['shop/a.jpg'])
    expect(sourcesOf(s3('site', 'elsewhere/a.jpg'))).toEqual([])
    expect(sourcesOf(s3('nobody', 'a.jpg'))).toEqual([])
  })

  it('are all that an unsure spelling may mean', () => {
    expect(sourcesOf(s3('shop', 'a+b.jpg', 'ceph:s3'))).toEqual(['shop/a+b.jpg', 'shop/a b.jpg'])
  })

  it('are named by their own keys, too', () => {
    expect(sourcesOf({ sources: ['disk/a.jpg', 'disk/a.jpg', 'blog/x.png'] })).toEqual([
      'disk/a.jpg',
      'blog/x.png',
    ])
  })

  it('lie in no bucket of others, of which each is told once', () => {
    const told: string[] = []
    const names = createNaming(ROOTS, { mayBe: () => true }, (bucket) => told.push(bucket))
    const read = (bucket: string, key: string) => readMessage(JSON.stringify(s3(bucket, key)), names)
    for (const key of ['a.jpg', 'b.jpg']) expect(read('site-alias', key).kind).toBe('nothing')
    expect(read('site', 'elsewhere/a.jpg').kind).toBe('nothing')
    expect(told).toEqual(['site-alias'])
    for (let i = 0; i < 100; i++) read(`bucket-${i}`, 'a.jpg')
    expect(told).toHaveLength(20)
  })

  it('are no results, and nothing that no original can be called', () => {
    expect(sourcesOf({ sources: ['disk/a.result.webp', '.imgsizes/x', '../a.jpg', 'a//b.jpg', ''] })).toEqual(
      [],
    )
  })
})

it('a sidecar names the original that it stands beside', () => {
  const originals = {
    mayBe: (key: string) => !key.endsWith('.json'),
    sourceOfSidecar: (name: string) =>
      name.endsWith('.jpg.json') ? (name.slice(0, -5) as SourceKey) : undefined,
  }
  const names = createNaming([{ prefix: '' }], originals)
  const named = names(['a.jpg.json', 'b.json', 'c.jpg'].map((key) => ({ kind: 'source' as const, key })))
  expect([...named.keys()]).toEqual(['a.jpg', 'c.jpg'])
})

it('a message names the earliest time that it says of a source', () => {
  const timed = (eventTime?: string) => ({
    ...s3('shop', 'a.jpg').Records[0],
    ...(eventTime && { eventTime }),
  })
  const Records = [timed(), timed('2026-11-28T12:00:02Z'), timed('2026-11-28T12:00:01Z'), timed()]
  const said = readMessage(JSON.stringify({ Records }), naming)
  expect(said.kind === 'sources' && [...said.sources.values()]).toEqual([Date.UTC(2026, 10, 28, 12, 0, 1)])
})

it('a message that names nothing says why, and whether somebody is to act', () => {
  const confirm = {
    Type: 'SubscriptionConfirmation',
    TopicArn: 't',
    Message: 'm',
    SubscribeURL: 'https://sns/x',
  }
  expect(readMessage(JSON.stringify(confirm), naming)).toEqual({
    kind: 'nothing',
    reason: 'asks to confirm a subscription: open https://sns/x',
    needsAction: true,
  })
  for (const name of ['/a.jpg', 'https://x/a.jpg', ''])
    expect(readMessage(JSON.stringify({ sources: [name] }), naming)).toEqual({
      kind: 'nothing',
      reason: `names no original: "${name}" has an empty, "." or ".." segment; a name is a path below its source, such as photos/a.jpg`,
      needsAction: true,
    })
  expect(readMessage('{"sources":[]}', naming)).toEqual({ kind: 'nothing', reason: 'names no original' })
  expect(readMessage('hello', naming)).toMatchObject({
    problem: { message: 'A message cannot be read: it is not JSON. It begins with "hello"' },
  })
})
