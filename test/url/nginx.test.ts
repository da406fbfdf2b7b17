import { describe, expect, test } from 'vitest'
import { formatTransform } from '../../src/core/transform.ts'
import type { ForeignReading } from '../../src/url/dialect.ts'
import { createNginxDialect, type NginxDialect, normalisePath } from '../../src/url/nginx.ts'
import { alterSignature } from '../support/alterations.ts'
import { secureLink as sign } from '../support/foreign-urls.ts'

const BASE: NginxDialect = {
  prefix: '/t/',
  secrets: ['secret'],
  arg: 'key',
  mode: 'resize',
  quality: 85,
  sourcePrefix: '',
}

const read = (url: string, options: Partial<NginxDialect> = {}): ForeignReading | undefined => {
  const [rawPath = '', query = ''] = url.split(/\?(.*)/s)
  return createNginxDialect({ ...BASE, ...options }).read({ rawPath, query, now: 0 })
}

const told = (reading: ForeignReading | undefined): string =>
  reading?.kind === 'variant'
    ? `${reading.source} ${formatTransform(reading.transform)} ${reading.format}${reading.isNegotiated ? ' negotiated' : ''}`
    : (reading?.code ?? 'none')

describe('another form', () => {
  test.each<[string, string, Partial<NginxDialect>, string]>([
    ['{size}/{path}', '/t/90/a.jpg', { mode: 'crop' }, 'a.jpg 90x90.clip.q85 jpg'],
    ['{width}/{path}', '/t/90/a.jpg', {}, 'a.jpg 90w.q85 jpg'],
    ['{width}/{path}', '/t/90/a.jpg', { sourcePrefix: 'blog/' }, 'blog/a.jpg 90w.q85 jpg'],
    ['{path}?w={width}&h={height}', '/t/a.jpg?W=90&h=60', {}, 'a.jpg 90x60.inside.q85 jpg'],
    ['{path}?w={width}&h={height}', '/t/a.jpg', {}, 'a.jpg full.q85 jpg'],
    ['{path}?w={width}', '/t/a.jpg?w=9em', {}, 'url-invalid'],
    ['{path}?w={width}', '/t/a.jpg?w=1e3', {}, 'url-invalid'],
    ['{path}!{size}', '/t/a.jpg', {}, 'none'],
    ['{path}?w={width}', '/a.jpg?w=90', { prefix: '/' }, 'a.jpg 90w.q85 jpg'],
    ['{path}?w={width}', '/a.jpg', { prefix: '/' }, 'none'],
    ['{path}?w={width}', '/a.jpg?v=1&w=', { prefix: '/' }, 'none'],
    ['{path}', '/t/a.jpg', { width: 90 }, 'a.jpg 90w.q85 jpg'],
    ['{path}', '/t/a.jpg', { mode: 'crop', width: 90, height: 60 }, 'a.jpg 90x60.clip.q85 jpg'],
    ['{path}?w={width}', '/t/a.jpg', { width: 90, height: 60 }, 'a.jpg 90x60.inside.q85 jpg'],
    ['{path}?w={width}', '/t/a.jpg?w=', { width: 90 }, 'a.jpg 90w.q85 jpg'],
    ['{path}?w={width}', '/t/a.jpg?w=30', { width: 90 }, 'a.jpg 30w.q85 jpg'],
    ['{path}?w={width}', '/t/a.jpg?w=-', { width: 90 }, 'a.jpg full.q85 jpg'],
    ['{path}?w={width}', '/t/a.jpg?w=0', { width: 90 }, 'url-invalid'],
    ['{path}?w={width}', '/a.jpg', { prefix: '/', width: 90 }, 'none'],
    ['{path}?size=small', '/a.jpg?size=small', { prefix: '/', width: 90 }, 'a.jpg 90w.q85 jpg'],
    ['{path}?size=small', '/a.jpg?size=large', { prefix: '/', width: 90 }, 'none'],
    ['{path}', '/t/300x200/a.jpg', { mode: { rotate: 90 } }, '300x200/a.jpg full.rotate-270.q85 jpg'],
  ])('%s reads %s', (form, url, options, expected) => {
    expect(told(read(url, { secrets: [], form, ...options }))).toBe(expected)
  })

  test('is signed as all are: the path as nginx sees it', () => {
    const form = '{path}!{size}'
    expect(told(read(`/t/a%20b.jpg!90?key=${sign('/t/a b.jpg!90', 'secret')}`, { form }))).toBe(
      'a b.jpg 90x90.inside.q85 jpg',
    )
    expect(told(read('/t/a.jpg!90', { form }))).toBe('url-invalid')
  })
})

describe('the vectors:', () => {
  test.each([
    ['/t/300x200/photo.jpg', 'qvHJx0qXanLY9m3LX49R3Q', 'photo.jpg 300x200.inside.q85 jpg'],
    [
      '/t/320x240/albums/summer/beach.jpg',
      'aV8kNGi_VQOf0inO24CZ8g',
      'albums/summer/beach.jpg 320x240.inside.q85 jpg',
    ],
    ['/t/300x200/a%20b.jpg', 'j_Bi8zbGxbhI5GR_HUBoJw', 'a b.jpg 300x200.inside.q85 jpg'],
    ['/t/300x200/caf%C3%A9.jpg', 'FQT-hipUcV8jM3tIktRHRg', 'café.jpg 300x200.inside.q85 jpg'],
    ['/t/300x200/a+b.jpg', 'guuPEE3VuVCcYpZvvEgcGQ', 'a+b.jpg 300x200.inside.q85 jpg'],
  ])('%s with %s is %s', (path, key, expected) => {
    expect(told(read(`${path}?key=${key}`))).toBe(expected)
  })

  test('the second form', () => {
    const options = {
      prefix: '/image/',
      secrets: ['another', 'your_secret'],
      arg: 'auth',
      mode: 'crop',
      quality: 75,
    } as const
    expect(told(read('/image/150x150/sub/dir/pic.jpg?auth=ybtH3ifJl9GSMXxYa-7h_w', options))).toBe(
      'sub/dir/pic.jpg 150x150.clip.q75 jpg',
    )
  })
})

test.each([
  ['300x-', 'resize', '300w.q85'],
  ['-x200', 'resize', '200h.q85'],
  ['-x-', 'resize', 'full.q85'],
  ['0300x0200', 'resize', '300x200.inside.q85'],
  ['99999x200', 'resize', '16383x200.inside.q85'],
  ['300x-', 'crop', 'full.crop-300-100p-centre.q85'],
  ['-x200', 'crop', 'full.crop-100p-200-centre.q85'],
  ['-x-', 'crop', 'full.q85'],
  ['1x1', 'resize', '1x1.inside.q85'],
  ['-x200', { rotate: 180 }, '200h.rotate-180.q85'],
  ['300x200', { rotate: 90 }, '200x300.inside.rotate-270.q85'],
  ['300x-', { rotate: 270 }, '300h.rotate-90.q85'],
  ['300x200', { rotate: 180 }, '300x200.inside.rotate-180.q85'],
] as const)('%s in mode %j is %s', (size, mode, transform) => {
  expect(told(read(`/t/${size}/a.png`, { secrets: [], mode }))).toBe(`a.png ${transform} png`)
})

test('a rotation needs no size', () => {
  expect(told(read('/t/b/a.png', { secrets: [], mode: { rotate: 90 } }))).toBe(
    'b/a.png full.rotate-270.q85 png',
  )
})

test('other arguments are ignored, and the name of the argument has any letter case', () => {
  const key = sign('/t/3x2/a.jpg')
  for (const query of [`v=1&key=${key}`, `key=${key}&v=1`, `KEY=${key}`])
    expect(told(read(`/t/3x2/a.jpg?${query}`))).toBe('a.jpg 3x2.inside.q85 jpg')
})

describe('missing, not forbidden, is', () => {
  const key = sign('/t/3x2/a.jpg')
  test.each([
    ['/t/3x2/a.jpg'],
    ['/t/3x2/a.jpg?key='],
    [`/t/3x2/a.jpg?key=${key},1893456000`],
    [`/t/3x2/a.jpg?key=${key}==`],
    [`/t/3x2/a.jpg?key=%${key}`],
    [`/t/3x2/a.jpg?key=x&key=${key}`],
    [`/t/3x2/b.jpg?key=${key}`],
    [`/t/3x2/a.jpg?auth=${key}`],
    [`/t/0x2/a.jpg?key=${sign('/t/0x2/a.jpg')}`],
    [`/t/3x2x1/a.jpg?key=${sign('/t/3x2x1/a.jpg')}`],
    [`/t/1-2x3/a.jpg?key=${sign('/t/1-2x3/a.jpg')}`],
    [`/t/3x2/?key=${sign('/t/3x2/')}`],
    [`/t/a.jpg?key=${sign('/t/a.jpg')}`],
    [`/t/3x2/.imgsizes/x?key=${sign('/t/3x2/.imgsizes/x')}`],
  ])('%s', (url) => {
    expect(told(read(url))).toBe('url-invalid')
  })
})

test('every character of the key counts, under each of several secrets', () => {
  const secrets = ['secret', 'another']
  for (const secret of secrets) {
    const key = sign('/t/3x2/a.jpg', secret)
    expect(told(read(`/t/3x2/a.jpg?key=${key}`, { secrets }))).toBe('a.jpg 3x2.inside.q85 jpg')
    for (const wrong of alterSignature(key))
      expect(told(read(`/t/3x2/a.jpg?key=${wrong}`, { secrets })), wrong).toBe('url-invalid')
  }
})

test('what lies elsewhere is none of its URLs', () => {
  for (const url of ['/other/3x2/a.jpg', '/t', '/t/../x', '/%ff', '/t/%00', 'x'])
    expect(read(url)).toBeUndefined()
})

test.each([
  ['/a//b/./c/../d', '/a/b/d'],
  ['/a/b/..', '/a/'],
  ['/..', undefined],
  ['/%2e%2e/a', undefined],
  ['/a%2Fb', '/a/b'],
  ['/a%23b%3Fc', '/a#b?c'],
  ['/', '/'],
  ['//', '/'],
  ['/.', '/'],
  ['/a', '/a'],
  ['/a/', '/a/'],
  ['/a/.', '/a/'],
  ['/a.', '/a.'],
  ['/100%', undefined],
])('%s is seen as %s', (raw, seen) => {
  expect(normalisePath(raw)).toBe(seen)
})
