import { describe, expect, test } from 'vitest'
import type { Place } from '../../src/config/config.ts'
import { Faults } from '../../src/config/faults.ts'
import { anchorPlace, readPlace, readSources, readWritablePlace } from '../../src/config/places.ts'
import { words } from '../support/words.ts'

const context = () => ({ root: '/site', path: 'source', faults: new Faults() })

const place = (text: string): Place => {
  const where = context()
  const read = readPlace(text, where)
  if (read === undefined) throw new Error(JSON.stringify(where.faults.list))
  return read
}

const s3 = (bucket: string, prefix = '', settings = {}): Place => ({ kind: 's3', bucket, prefix, settings })

describe('the text', () => {
  test.each<[string, Place]>([
    ['./photos', { kind: 'folder', path: '/site/photos' }],
    ['photos/', { kind: 'folder', path: '/site/photos' }],
    ['/srv/photos', { kind: 'folder', path: '/srv/photos' }],
    ['..', { kind: 'folder', path: '/' }],
    ['a b@c:d', { kind: 'folder', path: '/site/a b@c:d' }],
    ['s3://bucket', s3('bucket')],
    ['s3://bucket/', s3('bucket')],
    ['s3://bucket/a/b', s3('bucket', 'a/b/')],
    ['s3://bucket/a%20b@c/', s3('bucket', 'a%20b@c/')],
    ['s3://bucket/.imgsizes/', s3('bucket', '.imgsizes/')],
    [
      's3://bucket/p?endpoint=http://localhost:9000/&region=eu-1&forcePathStyle=true&acl=public-read&storageClass=STANDARD_IA&checksums=required',
      s3('bucket', 'p/', {
        endpoint: 'http://localhost:9000',
        region: 'eu-1',
        forcePathStyle: true,
        acl: 'public-read',
        storageClass: 'STANDARD_IA',
        checksums: 'required',
      }),
    ],
    [
      's3://bucket?sse=aws:kms&sseKmsKeyId=arn:aws:kms:eu-1:123456789012:key/0a-1b&requestPayer=requester',
      s3('bucket', '', {
        sse: 'aws:kms',
        sseKmsKeyId: 'arn:aws:kms:eu-1:123456789012:key/0a-1b',
        requestPayer: 'requester',
      }),
    ],
    ['s3://bucket?endpoint=https%3A%2F%2Fr2.example', s3('bucket', '', { endpoint: 'https://r2.example' })],
    ['https://host/a', { kind: 'https', url: 'https://host/a/', allowPrivate: false, headers: {} }],
    [
      'https://host:8443/@user/',
      { kind: 'https', url: 'https://host:8443/@user/', allowPrivate: false, headers: {} },
    ],
    [
      'https://[::1]:8443/a@b/',
      { kind: 'https', url: 'https://[::1]:8443/a@b/', allowPrivate: false, headers: {} },
    ],
  ])('%s is a place', (text, expected) => {
    expect(place(text)).toEqual(expected)
  })

  test.each<[string, string]>([
    ['', '""'],
    [' ', '" "'],
    ['http://host/', '"http://host/"'],
    ['file:///srv', '"file:///srv"'],
    ['s3:bucket', '"s3:bucket"'],
    ['https:/host', '"https:/host"'],
    ['https://', '"https://"'],
    ['s3://', 'the bucket ""'],
    ['s3://my bucket/', 'the bucket "my bucket"'],
    ['s3://undefined/a', 'the bucket "undefined"'],
    ['s3://bucket/a//b', 'the prefix "a//b/", which has an empty, "." or ".." segment'],
    ['s3://bucket//a', 'the prefix "/a/", which has an empty, "." or ".." segment'],
    ['s3://bucket/a/../b', 'the prefix "a/../b/", which has an empty, "." or ".." segment'],
    ['https://host/?a=b', 'a query or fragment (not shown)'],
    ['https://host/#b', 'a query or fragment (not shown)'],
  ])('%s is none: %s', (text, found) => {
    const where = context()
    expect(readPlace(text, where)).toBeUndefined()
    expect(where.faults.list).toMatchObject([{ path: 'source', found }])
  })

  test.each([
    ['regoin=x', ['?regoin: unknown parameter']],
    ['region=', ['?region: ""']],
    ['region=a&region=b', ['?region: "a", "b"']],
    ['forcePathStyle=1&checksums=never', ['?forcePathStyle: "1"', '?checksums: "never"']],
    ['endpoint=localhost:9000', ['?endpoint: "localhost:9000"']],
    ['endpoint=http://me:sesame@host', ['?endpoint: a text with "@" (not shown)']],
  ])('every wrong parameter of a bucket is a fault of its own: %s', (query, faults) => {
    const where = context()
    expect(readPlace(`s3://bucket?${query}`, where)).toBeUndefined()
    expect(where.faults.list.map(({ path, found }) => `${path}: ${found}`)).toEqual(
      faults.map((fault) => `source${fault}`),
    )
  })

  test.each(
    words(`
    s3://AKIAEXAMPLE:wJalr/XUtn+FEMI@bucket/prefix s3://AKIAEXAMPLE:wJalrXUtnFEMI@bucket
    s3://AKIAEXAMPLE@bucket/wJalrXUtn s3://bucket/?accessKeyId=AKIAEXAMPLE&secretAccessKey=wJalrXUtn
    s3://bucket/?AWS_SECRET_ACCESS_KEY=wJalrXUtn
    s3://bucket/?endpoint=http://AKIAEXAMPLE:wJalrXUtn@localhost:9000
    s3://bucket/?sessionToken=wJalrXUtn s3://AKIAEXAMPLE:wJalrXUtn/bucket
    https://AKIAEXAMPLE:wJalrXUtn@host/path/ https://AKIAEXAMPLE:wJal/rXUtn@host/path/
    https://host/path/?token=wJalrXUtn http://AKIAEXAMPLE:wJalrXUtn@host/path/
    ftp://AKIAEXAMPLE:wJalrXUtn@host/path/ ftp://host/?wJalrXUtn
  `),
  )('%s is refused and its credentials are not shown', (text) => {
    const where = context()
    expect(readPlace(text, where)).toBeUndefined()
    expect(readSources({ uri: text }, where)).toEqual([])
    expect(readSources({ name: text }, where)).toEqual([])
    expect(readWritablePlace(text, where)).toBeUndefined()
    expect(where.faults.list).not.toEqual([])
    expect(JSON.stringify(where.faults.list)).not.toMatch(/AKIA|wJal|rXUtn/)
  })
})

describe('source', () => {
  test.each(['/', '..', { uri: '/' }, { all: '//' }])('%j is the whole disk, which has no end', (input) => {
    const where = context()
    expect(readSources(input, where)).toEqual([])
    expect(where.faults.list).toEqual([
      expect.objectContaining({ allowed: 'a folder of pictures, not the whole disk' }),
    ])
  })

  test('may be an object with settings', () => {
    const where = context()
    const input = { uri: 'https://host/a/', allowPrivate: true, headers: { Authorization: 'Bearer x' } }
    expect(readSources(input, where)).toEqual([
      {
        place: {
          kind: 'https',
          url: 'https://host/a/',
          allowPrivate: true,
          headers: { Authorization: 'Bearer x' },
        },
      },
    ])
  })

  test('may be several by name', () => {
    const where = context()
    expect(readSources({ photos: './a', wiki: { uri: 'https://host/' } }, where)).toEqual([
      { name: 'photos', place: { kind: 'folder', path: '/site/a' } },
      { name: 'wiki', place: { kind: 'https', url: 'https://host/', allowPrivate: false, headers: {} } },
    ])
    expect(where.faults.list).toEqual([])
  })

  test.each<[string, unknown, string, string]>([
    ['a wrong name', { Photos: 'a' }, 'source.Photos', 'the name "Photos"'],
    ['no name', {}, 'source', 'no source'],
    ['a list', ['a'], 'source', 'a list of 1'],
    [
      'headers for a bucket',
      { uri: 's3://bucket', headers: { a: 'b' } },
      'source.headers',
      'set for a bucket',
    ],
    [
      'allowPrivate for a folder',
      { uri: 'a', allowPrivate: true },
      'source.allowPrivate',
      'set for a folder',
    ],
    ['a header that is no text', { uri: 'https://h/', headers: { a: 1 } }, 'source.headers.a', '1'],
    ['a header not set', { uri: 'https://h/', headers: { a: undefined } }, 'source.headers.a', 'nothing'],
    [
      'a header of two lines',
      { uri: 'https://h/', headers: { a: 'sesame\nopen' } },
      'source.headers.a',
      'a text of 11 bytes',
    ],
    ['an unknown option', { uri: 'a', alowPrivate: true }, 'source.alowPrivate', 'unknown option'],
    ['no uri', { uri: undefined }, 'source.uri', 'nothing'],
    ['a number', { photos: 3 }, 'source.photos', '3'],
  ])('is refused: %s', (_, input, path, found) => {
    const where = context()
    readSources(input, where)
    expect(where.faults.list).toMatchObject([{ path, found }])
    expect(JSON.stringify(where.faults.list)).not.toContain('sesame')
  })
})

test('a place from the command line is relative to where it was typed', () => {
  expect(anchorPlace('photos', '/home/me')).toBe('/home/me/photos')
  expect(anchorPlace('/photos', '/home/me')).toBe('/photos')
  expect(anchorPlace('s3://bucket/photos', '/home/me')).toBe('s3://bucket/photos')
  expect(anchorPlace('', '/home/me')).toBe('')
})
