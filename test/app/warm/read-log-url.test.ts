import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConfigInput } from '../../../src/config/config-input.ts'
import type { DialectInput } from '../../../src/config/dialects.ts'
import type { Format } from '../../../src/core/format.ts'
import { createExpiringLinks } from '../../../src/url/expiring-link.ts'
import { encodePath } from '../../../src/url/path.ts'
import { openLogUrls } from '../../../src/wire/warm.ts'
import { openBench, SECRET } from '../../support/bench-project.ts'
import { ANY_CHARACTER } from '../../support/characters.ts'
import { IMGPROXY, signImgproxy as imgproxy, signNginx as nginx } from '../../support/foreign-urls.ts'
import { NO_OVERRIDES } from '../../support/no-overrides.ts'
import { testKey } from '../../support/origin.ts'
import { words } from '../../support/words.ts'

const DIALECTS: readonly DialectInput[] = [
  { type: 'imgproxy', ...IMGPROXY, autoFormat: ['avif', 'webp'] },
  { type: 'nginx', prefix: '/t/', secret: 'secret', quality: 85 },
  { type: 'nginx', prefix: '/image/', unsigned: true, mode: 'crop' },
]

const NOW = 1_700_000_000

const open = (changes: Partial<ConfigInput> = {}, mount = '/') => {
  const { config, keyring, output } = openBench({ config: { dialects: DIALECTS, ...changes } })
  const read = openLogUrls({ config, keyring, output, overrides: NO_OVERRIDES }, { mount, now: NOW })
  const key = (source: string, transform?: string, ext?: Format | 'auto', secretIndex?: number): string =>
    testKey(keyring, source, { transform, ext, secretIndex })
  const get = (target: string, bucket?: string) => {
    const outcome = read({ method: 'GET', target, ...(bucket !== undefined && { bucket }) })
    return 'kind' in outcome ? outcome.code : [...outcome]
  }
  return { get, key }
}

describe('a URL of a log', () => {
  it('is the key that it spells below the mount, whatever its host and query', () => {
    const { get, key } = open({}, '/img/')
    const asked = key('été/a b.jpg')
    for (const target of [
      `/img/${encodePath(asked)}`,
      `/img/${encodePath(asked)}?utm=1`,
      `https://img.example:8443/img/${encodePath(asked)}`,
    ])
      expect(get(target)).toEqual([asked])
    expect(get(`/${encodePath(asked)}`)).not.toEqual([asked])
  })

  it('with .auto stands for every format that can be negotiated', () => {
    const { get, key } = open({ formats: ['avif', 'webp', 'original'] })
    const formats = get(`/${key('a.png', '640w.q80', 'auto')}`)
    expect(new Set(formats)).toEqual(
      new Set([key('a.png'), key('a.png', '640w.q80', 'avif'), key('a.png', '640w.q80', 'png')]),
    )
    const only = open({ formats: ['webp'] })
    expect(only.get(`/${only.key('a.png', '640w.q80', 'auto')}`)).toEqual([only.key('a.png')])
  })

  it('of a dialect is the key that it means, in every format where none is named', () => {
    const { get, key } = open()
    expect(get(nginx('/t/300x200/cat.jpg'))).toEqual([key('cat.jpg', '300x200.inside.q85', 'jpg')])
    expect(get('/image/30x20/cat.jpg')).toEqual([key('cat.jpg', '30x20.clip.q75', 'jpg')])
    expect(get(imgproxy('/w:5/plain/local:///cat.jpg@gif'))).toEqual([key('cat.jpg', '5w.q80', 'gif')])
    expect(new Set(get(imgproxy('/w:5/plain/local:///cat.jpg')))).toEqual(
      new Set((['avif', 'webp', 'jpg'] as const).map((format) => key('cat.jpg', '5w.q80', format))),
    )
  })

  it('of a size made ahead with cover is that size', () => {
    const { get, key } = open({ sizes: { card: { width: 30, height: 20, quality: 75 } } })
    expect(get('/image/30x20/cat.jpg')).toEqual([key('cat.jpg', '30x20.cover.q75', 'jpg')])
  })

  it('that serve would refuse is refused for the same reason', () => {
    const { get, key } = open({ dialects: DIALECTS.slice(1) })
    expect(get('/index.html')).toBe('not-a-key')
    expect(get('/')).toBe('not-a-key')
    expect(get('')).toBe('not-a-key')
    expect(get(`/${key('a.jpg').replace('640w', '641w')}`)).toBe('signature-wrong')
    expect(get(`/${key('a.jpg', '640w.q80', 'gif')}`)).toBe('format-not-configured')
    expect(get('/t/300x200/cat.jpg?key=wrong')).toBe('url-invalid')
    expect(get('/t/300x200/cat.jpg')).toBe('url-invalid')
    const imgproxied = open()
    expect(imgproxied.get(imgproxy('/w:5/exp:1600000000/plain/local:///cat.jpg@jpg'))).toBe('url-expired')
    const strict = open({ serve: { allow: 'configured' } })
    expect(strict.get(`/${strict.key('a.jpg', '999w.q80')}`)).toBe('transform-not-configured')
    expect(strict.get('/image/31x21/cat.jpg')).toBe('transform-not-configured')
    expect(strict.get(`/${strict.key('a.jpg')}`)).toEqual([strict.key('a.jpg')])
  })

  it('under a retired secret is refused, under another one is a wish for the key of today', () => {
    const secret = ['newest-secret-of-all', SECRET, { value: 'an-old-secret-that-leaked', retired: true }]
    const { get, key } = open({ secret } as Partial<ConfigInput>)
    expect(get(`/${key('a.jpg', '640w.q80', 'webp', 1)}`)).toEqual([key('a.jpg')])
    expect(get(`/${key('a.jpg', '640w.q80', 'webp', 2)}`)).toBe('secret-retired')
  })

  it('that ends is refused once it is over', () => {
    const { get, key } = open({ dialects: [], serve: { expiring: true } })
    const links = createExpiringLinks([{ value: SECRET, isRetired: false }])
    const asked = key('a.jpg')
    expect(get(`/${asked}?${links.queryOf(asked, NOW + 60)}`)).toEqual([asked])
    expect(get(`/${asked}?${links.queryOf(asked, NOW - 60)}`)).toBe('link-invalid')
    expect(get(`/${asked}`)).toBe('link-invalid')
  })

  it('says nothing of the version where keys have one', () => {
    const { get, key } = open({ versions: true })
    for (const text of ['640w.q80', '640w.q80.v-0123456789', '640w.q80.v-aaaaaaaaaa'])
      expect(get(`/${key('a.jpg', text)}`)).toEqual([key('a.jpg')])
  })

  it('of a bucket is the object below the output, named by host or by path', () => {
    const { get, key } = open({ output: 's3://results/web/' }, '/img/')
    const asked = key('photos/a b.jpg')
    for (const target of [`/results/web/${encodePath(asked)}`, `/web/${encodePath(asked)}?x-id=GetObject`])
      expect(get(target, 'results')).toEqual([asked])
    expect(get(`/web/${encodePath(asked)}`)).not.toEqual([asked])
    expect(get(`/other/web/${encodePath(asked)}`, 'results')).not.toEqual([asked])
  })

  it('of a bucket is refused for what its spelling below the output lacks, and is another one without the bucket', () => {
    const { get, key } = open()
    const wrong = key('a.jpg').replace(/\.[^.]{16}\.webp$/, '.AAAAAAAAAAAAAAAA.webp')
    expect(open({ dialects: [] }, '/img/').get(`/site/${wrong}?x`, 'site')).toBe('signature-wrong')
    expect([get(`/site/${key('a.jpg')}`, 'site'), get(`/site/${key('a.jpg')}`)]).toEqual([
      [key('a.jpg')],
      'signature-wrong',
    ])
  })

  it('of CloudFront may be escaped twice', () => {
    const { get, key } = open()
    const asked = key('a b/100%.jpg')
    expect(get(`/${encodePath(asked).replaceAll('%', '%25')}`)).toEqual([asked])
  })

  it('of any spelling never crashes, and is nothing unsigned', () => {
    const { get, key } = open({ dialects: DIALECTS.slice(0, 2) })
    const part = fc.oneof(
      fc.string({ unit: ANY_CHARACTER }),
      fc.constantFrom(...words('/ % %25 %2F .. ? # : // https://a /t/ 300x200 plain/')),
      fc.constantFrom('local:///cat.jpg', key('a.jpg').replace('80', '81'), '.auto', '?key=', 'w:5/'),
    )
    const target = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(target, fc.option(fc.string(), { nil: undefined }), (text, bucket) => {
        expect(typeof get(text, bucket)).toBe('string')
      }),
      { numRuns: 2_000 },
    )
  })
})
