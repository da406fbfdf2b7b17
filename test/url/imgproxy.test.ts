import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { formatTransform } from '../../src/core/transform.ts'
import type { ForeignReading } from '../../src/url/dialect.ts'
import { createImgproxyDialect, type ImgproxyDialect, signImgproxyPath } from '../../src/url/imgproxy.ts'
import { alterSignature } from '../support/alterations.ts'
import { IMGPROXY_KEY as KEY, signImgproxy } from '../support/foreign-urls.ts'
import { words } from '../support/words.ts'

const BASE: ImgproxyDialect = {
  prefix: '/',
  keys: [KEY],
  isUnsigned: false,
  signatureSize: 32,
  presets: {},
  onlyPresets: false,
  baseUrl: '',
  autoFormat: [],
  quality: 80,
  roots: [
    { uri: 'local:///', keyPrefix: 'disk/' },
    { uri: 's3://bucket/', keyPrefix: 'bucket/' },
    { uri: 's3://bucket/deep/', keyPrefix: 'deep/' },
    { uri: 'https://example.com/images/', keyPrefix: 'web/' },
  ],
}

const readRaw = (url: string, options: Partial<ImgproxyDialect> = {}, accept?: string) => {
  const [rawPath = '', query = ''] = url.split(/\?(.*)/s)
  const request = { rawPath, query, now: 1_000_000, ...(accept !== undefined && { accept }) }
  return createImgproxyDialect({ ...BASE, ...options }).read(request)
}

/** Signs and reads. */
const read = (rest: string, options: Partial<ImgproxyDialect> = {}, accept?: string) =>
  readRaw(`/${signImgproxyPath(rest, KEY, options.signatureSize ?? 32)}${rest}`, options, accept)

const told = (reading: ForeignReading | undefined): string =>
  reading?.kind === 'variant'
    ? `${reading.source} ${formatTransform(reading.transform)} ${reading.format}`
    : (reading?.code ?? 'none')

const showOf = (options: string, dialect: Partial<ImgproxyDialect> = {}): string => {
  const [, transform] = told(read(`/${options}/plain/local:///a.jpg`, dialect)).split(' ')
  return transform ?? 'refused'
}

describe('the key of imgproxy-cache', () => {
  const md5 = (text: string): string => hash('md5', text)
  const aliasOf = (reading: ForeignReading | undefined): string | undefined =>
    reading?.kind === 'variant' ? reading.alias : undefined
  const cached = { cacheFolder: 'processed/' }

  test('is the folder and the MD5 of the path with its signature, without the query', () => {
    const url = signImgproxy('/w:5/plain/local:///a%20b.jpg@webp')
    expect(aliasOf(readRaw(`${url}?a=b`, cached))).toBe(`processed/${md5(url)}`)
    expect(aliasOf(readRaw(url, { cacheFolder: '' }))).toBe(md5(url))
    expect(aliasOf(readRaw(`/img${url}`, { ...cached, prefix: '/img/' }))).toBe(
      `processed/${md5(`/img${url}`)}`,
    )
    expect(aliasOf(readRaw(url))).toBeUndefined()
  })

  test('is one for each signature, whatever a proxy has made of the path', () => {
    const url = signImgproxy('/rs:fit:5:5/plain/https://example.com/images/a.jpg')
    const respelled = [
      url.replaceAll(':5', '%3A5'),
      url.replace('rs:', 'rs%3a'),
      url.replace('https://', 'https:/'),
    ]
    for (const each of respelled) expect(aliasOf(readRaw(each, cached))).toBe(`processed/${md5(url)}`)
  })

  test('is there for no answer that differs by Accept or ends', () => {
    const negotiating = { ...cached, autoFormat: ['avif' as const] }
    expect(
      aliasOf(readRaw(signImgproxy('/w:5/plain/local:///a.jpg'), negotiating, 'image/avif')),
    ).toBeUndefined()
    expect(aliasOf(readRaw(signImgproxy('/w:5/plain/local:///a.jpg'), negotiating))).toBeUndefined()
    expect(aliasOf(readRaw(signImgproxy('/w:5/plain/local:///a.jpg@png'), negotiating))).toBeDefined()
    expect(aliasOf(readRaw(signImgproxy('/w:5/exp:2000000/plain/local:///a.jpg'), cached))).toBeUndefined()
  })
})

describe('signatures', () => {
  const raw = { key: Buffer.from('test-key'), salt: Buffer.from('test-salt') }

  test('are those of the vectors', () => {
    expect(signImgproxyPath('/asd', raw, 32)).toBe('oWaL7QoW5TsgbuiS9-5-DI8S3Ibbo1gdB2SteJh3a20')
    expect(signImgproxyPath('/asd', raw, 8)).toBe('oWaL7QoW5Ts')
  })

  const vector =
    '/oKfUtW34Dvo2BGQehJFR4Nr0_rIjOtdtzJ3QFsUcXH8' +
    '/rs:fill:300:400:0/g:sm/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png'
  const roots = [{ uri: 'http://example.com/images/', keyPrefix: '' }]

  test('hold for the vector of the documentation', () => {
    expect(told(readRaw(vector, { roots }))).toBe('curiosity.jpg 300x400.clip.attention.q80 png')
  })

  test('are forbidden where they are not exactly right', () => {
    for (const wrong of [
      vector.replace('300', '301'),
      vector.replace('/oK', '/oL'),
      vector.replace('H8/', 'H8=/'),
      vector.replace('H8/', 'H9/'),
      vector.replace('/oKfUtW34Dvo', '/'),
      vector.replace(/^\/[^/]+/, '/unsafe'),
    ])
      expect(readRaw(wrong, { roots })).toMatchObject({ code: 'signature-wrong' })
  })

  test.each([32, 8, 5, 1])(
    'of %i bytes are heeded in every character, by what is stored a second time too',
    (size) => {
      const rest = '/w:5/plain/local:///a.jpg'
      const dialect = { keys: [raw, KEY], signatureSize: size, isUnsigned: true, cacheFolder: 'processed/' }
      for (const key of dialect.keys) {
        const signature = signImgproxyPath(rest, key, size)
        expect(readRaw(`/${signature}${rest}`, dialect)).toMatchObject({ alias: expect.any(String) })
        const others = dialect.keys.map((each) => signImgproxyPath(rest, each, size))
        for (const wrong of alterSignature(signature)) {
          if (others.includes(wrong)) continue
          const reading = readRaw(`/${wrong}${rest}`, dialect)
          expect([reading?.kind, reading && 'alias' in reading], wrong).toEqual(['refused', false])
        }
      }
    },
  )

  test('may be made with any of several keys, and be shorter', () => {
    expect(told(read('/w:5/plain/local:///a.jpg', { keys: [raw, KEY], signatureSize: 5 }))).toBe(
      'disk/a.jpg 5w.q80 jpg',
    )
    expect(told(read('/w:5/plain/local:///a.jpg', { keys: [raw] }))).toBe('signature-wrong')
  })

  test('a source in Base64 with any number of `=` is read in time proportional to its length', () => {
    const source = Buffer.from('local:///a.jpg').toString('base64url')
    const unsafe = (text: string): string => told(readRaw(`/unsafe/w:5/${text}`, { isUnsigned: true }))
    expect(unsafe(`${source}${'='.repeat(1_000_000)}`)).toBe('disk/a.jpg 5w.q80 jpg')
    expect(unsafe(`${source}${'='.repeat(1_000_000)}a`)).toBe('url-invalid')
  })

  test('are left out only where configured', () => {
    const url = '/unsafe/w:5/plain/local:///a.jpg'
    expect(told(readRaw(url, { isUnsigned: true }))).toBe('disk/a.jpg 5w.q80 jpg')
    expect(told(readRaw(url.replace('unsafe', 'any'), { isUnsigned: true }))).toBe('signature-wrong')
    expect(told(readRaw(url.replace('unsafe', 'any'), { isUnsigned: true, keys: [] }))).toBe(
      'disk/a.jpg 5w.q80 jpg',
    )
    expect(told(readRaw(url, { keys: [] }))).toBe('signature-wrong')
    expect(told(readRaw(url.replace('unsafe', 'insecure'), { isUnsigned: true }))).toBe(
      'disk/a.jpg 5w.q80 jpg',
    )
    expect(told(readRaw(url.replace('unsafe', ''), { isUnsigned: true, keys: [] }))).toBe('url-invalid')
  })
})

describe('options:', () => {
  test.each([
    ['rs:fit:300:200', '300x200.inside.q80'],
    ['rs:fill:300:200', '300x200.clip.q80'],
    ['rs:fill:300:200:1', '300x200.cover.enlarge.q80'],
    ['resize:fill-down:300:200', '300x200.down.q80'],
    ['rs:force:300:200', '300x200.stretch.q80'],
    ['rs:auto:300:200/g:no', '300x200.auto.top.q80'],
    ['rs:fit:300:300:0:1', '300x300.contain.q80'],
    ['rs:fit:300:300:0:1:sowe', '300x300.contain.bottom-left.q80'],
    ['s:300:200/ex:1:so', '300x200.contain.bottom.q80'],
    ['w:300', '300w.q80'],
    ['h:200', '200h.q80'],
    ['w:300/h:0', '300w.q80'],
    ['rs:fill:300', '300w.q80'],
    ['rs:fill:300:200/rs:fit::100', '300x100.inside.q80'],
    ['rs:::/w:7', '7w.q80'],
    ['w:16384', '16383w.q80'],
    ['h:99999', '16383h.q80'],
    ['rs:fit:400:99999', '400x16383.inside.q80'],
    ['rs:fit:9000:9000/dpr:2', '9000x9000.inside.dpr-2.q80'],
    ['rs:fill:400:99999/g:no', '400x16383.clip.top.q80'],
    ['rs:force:300:200:1', '300x200.fill.enlarge.q80'],
    ['rs:force:300:200/z:2:3', '600x600.stretch.q80'],
    ['rs:fill-down:99999:0', '16383w.q80'],
    ['c:99999:50', 'full.crop-65535-50-centre.q80'],
    ['w:300/dpr:2', '600w.q80'],
    ['s:100:50/z:1.5', '150x75.inside.q80'],
    ['w:33/dpr:1.5', '33w.dpr-1-5.q80'],
    ['w:40/dpr:2.625', '105w.q80'],
    ['w:100/dpr:1.3333333730697632', '100w.dpr-1-3333.q80'],
    ['w:300/z:0.5/dpr:2', '300w.q80'],
    ['rs:fit:33:20/z:1.1/dpr:2', '33x20.inside.dpr-2-2.q80'],
    ['rs:fill:300:200/dpr:2', '300x200.clip.dpr-2.q80'],
    ['rs:fill:300:200/dpr:1', '300x200.clip.q80'],
    ['rs:fill:300:200/dpr:1.5/z:2', '600x400.clip.dpr-1-5.q80'],
    ['rs:fill:300:200/z:1.001', '300x200.clip.q80'],
    ['rs:fill:300:200:1/dpr:2', '600x400.cover.enlarge.q80'],
    ['rs:fill-down:300:200/dpr:2', '600x400.down.q80'],
    ['rs:force:300:200/dpr:2', '600x400.stretch.q80'],
    ['rs:auto:300:200/dpr:2/g:no', '300x200.auto.top.dpr-2.q80'],
    ['rs:auto:300:200:1/dpr:2', '600x400.auto.enlarge.q80'],
    ['s:500:500/ex:1/dpr:2', '500x500.contain.dpr-2.q80'],
    ['s:500:500:1:1/dpr:2', '1000x1000.contain.enlarge.q80'],
    ['s:300:200/pd:10/dpr:2', '300x200.inside.pad-10-10-10-10.dpr-2.q80'],
    ['s:300:200:1/pd:10/dpr:2', '600x400.inside.pad-20-20-20-20.enlarge.q80'],
    ['w:5/el:1', '5w.enlarge.q80'],
    ['el:1', 'full.q80'],
    ['dpr:2', 'full.dpr-2.q80'],
    ['dpr:0.5', 'full.dpr-0-5.q80'],
    ['z:2', 'full.dpr-2.q80'],
    ['z:0.5/dpr:2', 'full.q80'],
    ['el:1/dpr:2', 'full.dpr-2.enlarge.q80'],
    ['rs:fill:3:2/g:sm', '3x2.clip.attention.q80'],
    ['rs:fill:3:2/g:fp:0.25:0.75', '3x2.clip.focus-250-750.q80'],
    ['rs:fill:3:2/g:fp:0.1236:0.5', '3x2.clip.focus-124-500.q80'],
    ['rs:fill:3:2/g:fp:0.5:0.5', '3x2.clip.q80'],
    ['rs:force:0:0', 'full.q80'],
    ['rs:fill:3:2/g:fp:1:0', '3x2.clip.top-right.q80'],
    ['rs:fill:3:2/g:noea:0:0', '3x2.clip.top-right.q80'],
    ['c:100:50', 'full.crop-100-50-centre.q80'],
    ['c:0.5:0:nowe/w:7', '7w.crop-50p-100p-top-left.q80'],
    ['c:100:50/g:sm', 'full.crop-100-50-attention.q80'],
    ['c:0:0', 'full.q80'],
    ['q:55', 'full.q55'],
    ['q:0', 'full.q80'],
    ['fq:jpeg:33:webp:44', 'full.q33'],
    ['q:55/fq:jpg:33', 'full.q55'],
    ['fq:jpg:33/fq:webp:44', 'full.q33'],
    ['fq:jpg:0', 'full.q80'],
    ['mb:51999', 'full.max-51.q80'],
    ['mb:5', 'full.max-1.q80'],
    ['bg:255:0:10', 'full.bg-ff000a.q80'],
    ['bg:FF000A', 'full.bg-ff000a.q80'],
    ['bg:fA0', 'full.bg-ffaa00.q80'],
    ['bg:fff/bg:', 'full.q80'],
    ['bg:', 'full.q80'],
    ['bl:1.5/sh:0.55/pix:8', 'full.blur-150.sharpen-55.pixelate-8.q80'],
    ['bl:0/sh:0/pix:1', 'full.q80'],
    ['rot:90', 'full.rotate-90.q80'],
    ['rot:-90/fl:1:1', 'full.rotate-270.flip-hv.q80'],
    ['rot:720/fl::true', 'full.flip-v.q80'],
    ['t:10', 'full.trim-10.q80'],
    ['t:10::0:f', 'full.trim-10.q80'],
    ['t:2.5', 'full.trim-3.q80'],
    ['t:300', 'full.trim-255.q80'],
    ['w:1/z:0.1', '1w.dpr-0-1.q80'],
    ['w:100/dpr:0.00001', '100w.dpr-0-0001.q80'],
    ['w:5/dpr:200', '1000w.q80'],
    ['rot:3690', 'full.rotate-90.q80'],
    ['s:9:9/ex:0:fp:0.2:0.3', '9x9.inside.q80'],
    ['rs:fill:9:9:1:1:fp:0.2:0.3', '9x9.cover.enlarge.q80'],
    ['s:9:9/ex:1:fp:0.5:1', '9x9.contain.bottom.q80'],
    ['bl:0.1', 'full.q80'],
    ['rs:fit:9:16384', '9x16383.inside.q80'],
    ['rs:force:9:9:1:1', '9x9.fill.enlarge.q80'],
    ['pd:10', 'full.pad-10-10-10-10.q80'],
    ['pd:1:2', 'full.pad-1-2-1-2.q80'],
    ['pd:1:2:3:4/dpr:2', 'full.pad-1-2-3-4.dpr-2.q80'],
    ['pd:10::20', 'full.pad-10-10-20-10.q80'],
    ['sm:0/kcr:0/scp:1/cb:any:thing/fn:name/att:1/ar:1/raw:false/mw:0/mh:00', 'full.q80'],
    ['exp:1000001', 'full.q80'],
  ])('%s is %s', (options, transform) => {
    expect(showOf(options)).toBe(transform)
  })

  test.each([
    ...words('unknown:1 constructor:1 w:-1 w:1.5 w:x w:1:2 w:2147483648 w:5: rs:crop:1:2 rs:fit:1:2:x'),
    ...words(`
      raw:1 skp:jpg g:no:5:0 g:no:-5:0 g:no:0:5 g:no:0:0:0 g:sm::5 g:fp:2:0 g:obj:face g:fp:0.5 g:no/g::5 g:fp c:9:9:sm:1 t:::1 w:9/z:x rs:force:9:9/z:1:2:3 mw:10
      mh:10 z:2:3 s:100:50/z:2:3 rs:fill:3:2/z:1:2 rs:force:3 rs:force:0:2 rs:force:99999:400
      rs:fill:9:16384/dpr:2 rs:fill:33:20/z:1.5/dpr:2 rs:auto:33:21/z:1.5 z:2/pd:1 dpr:0 w:7/dpr:1000.1
    `),
    ...[
      'el:maybe',
      'rs:fill:3:2:0:1',
      'w:3/ex:1',
      's:3:2/ex:1:sm',
      'c:0.333:0',
      'c:0.000000000001:0',
      'c:10:10:no:5:5',
      'q:101',
    ],
    ...words('s:9:9/ex:1:fp:0.2:0.3 s:9:9/ex:0:sm sh:10.1 bl:101 pix:1001 mb:65536000 t:-1 z:0'),
    ...words(`
      w:16384/el:1 rs:fill:9:16384:1 rs:fit:9:16384:0:1 rs:fill-down:9:16384 rs:auto:9:16384 pd:16384
    `),
    ...words(`
      fq:jpeg fq:tiff:80 bg:red bg:ff bg:ffff bg::: bg:1:2: bg:1:2 bl:-1 rot:45 bg:1:2:3:4 t:10:ff00ff t:10::1 t:10::::
      pd:1:2:3:4:5
    `),
    ...words(`
      skip_processing:jpg min-width:5 w:9/g:no:1:1 c:9:9:no:1:1 w:9/wm:0.5:ce:1:1 w:9/g:obj:face rs:force:9
      w:9/ex:1 rs:fill-down:9:9:0:1 rs:auto:9:9:0:1 rs:auto:9:9:1:1 rs:force:9:9:0:1 t:10:ff0000 sh:11
      rs:fit:9:9:0:1:fp:0.1:0.2 exar:1 eth:1 msr:5 f:bmp f:best us:1 jpgo:1 dpi:72 pg:2 gr:0.5 bga:0.5 enc/AAAA
    `),
    ...['ar:0', 'wm:0.5', 'f:jxl', 'f:tiff', 'pr:none', 'pr:toString', 'w:3/z:1:2', 'pix:9999', 'sm:maybe'],
  ])('%s is refused', (options) => {
    expect(read(`/${options}/plain/local:///a.jpg`)).toMatchObject({ code: 'url-invalid' })
  })

  test.each([
    ['c:100:100/c::50', 'full.crop-100-50-centre.q80'],
    ['c:100:100/c:50', 'full.crop-50-100-centre.q80'],
    ['c:100:100:nowe/c:50:50', 'full.crop-50-50-top-left.q80'],
    ['c:100:100:nowe/c:50:50:', 'full.crop-50-50-top-left.q80'],
    ['c:100:100:nowe/c:50:50:so', 'full.crop-50-50-bottom.q80'],
    ['c:100:100:/g:no', 'full.crop-100-100-top.q80'],
    ['c:100:100/c:0:0', 'full.q80'],
    ['c:', 'full.q80'],
    ['s:9:9/ex:1:no/ex:1', '9x9.contain.top.q80'],
    ['s:9:9/ex:1:no/ex:1:', '9x9.contain.top.q80'],
    ['ex:1:no/rs:fit:9:9:0:1', '9x9.contain.top.q80'],
    ['rs:fit:9:9:0:1:no/rs:::::0/ex::so', '9x9.inside.q80'],
    ['s:9:9/ex::so', '9x9.inside.q80'],
    ['w:100/z:2/z:', '200w.q80'],
    ['w:100/zoom:1:', '100w.q80'],
    ['w:100/z:2/zoom:3:', '300w.q80'],
    ['s:100:100/z:2:3/z:4', '400x400.inside.q80'],
    ['rs:force:100:100/z:2/z::3', '200x300.stretch.q80'],
    ['rs:force:100:100/z::3', '100x300.stretch.q80'],
    ['rs:force:100:100/z:2:3/z::', '200x300.stretch.q80'],
    ['rs:fill:3:2/g:no/g:', '3x2.clip.top.q80'],
    ['rs:fill:3:2/g:', '3x2.clip.q80'],
    ['rs:fill:3:2/g:sm/g::0:0', '3x2.clip.attention.q80'],
    ['rs:fill:3:2/g:fp:0.2:0.3/g:fp::0.7', '3x2.clip.focus-200-700.q80'],
    ['rs:fill:3:2/g:fp:0.2:0.3/g:fp:0.7', '3x2.clip.focus-700-300.q80'],
    ['t:', 'full.q80'],
    ['t:10/t:', 'full.trim-10.q80'],
    ['t:10/t:::0:0', 'full.trim-10.q80'],
  ])('blank arguments keep what was said before: %s is %s', (options, transform) => {
    expect(showOf(options)).toBe(transform)
  })

  test('a watermark keeps what blank arguments leave out', () => {
    const watermark = { id: 'abc123', opacity: 0.5, scale: 0.3, position: 'bottom-right' } as const
    const marked = 'full.wm-abc123.q80'
    for (const [options, shown] of [
      ['wm::soea', 'full.q80'],
      ['wm:0.5/wm::soea', marked],
      ['wm::no/wm:0.5', 'refused'],
      ['wm:0.5:no/wm::::', 'refused'],
      ['wm:0.5:no/wm::soea', marked],
      ['wm:0.5:::0:0.4/wm:0.5', 'refused'],
      ['wm:0.4/wm:0.5::::0.3', marked],
      ['wm:', 'full.q80'],
    ] as const)
      expect([options, showOf(options, { watermark })]).toEqual([options, shown])
    for (const wrong of ['wm:0:sm', 'wm:0:fp', 'wm:0::1', 'wm:0:::::1'])
      expect([wrong, showOf(wrong, { watermark })]).toEqual([wrong, 'refused'])
  })

  test('a watermark is the configured one or refused', () => {
    const watermark = { id: 'abc123', opacity: 0.5, scale: 0, position: 'bottom-right' } as const
    expect(showOf('wm:0.5', { watermark })).toBe('full.wm-abc123.q80')
    expect(showOf('wm:0.5:soea:0:0:0', { watermark })).toBe('full.wm-abc123.q80')
    expect(showOf('wm:0', { watermark })).toBe('full.q80')
    expect(showOf('wm:0.5:ce', { watermark: { id: 'abc123', opacity: 0.5, scale: 0 } })).toBe(
      'full.wm-abc123.q80',
    )
    for (const other of [
      'wm:1',
      'wm:0.5:no',
      'wm:0.5:re',
      'wm:0.5:soea:10:0',
      'wm:0.5:soea:0:10',
      'wm:0.5::::0.5',
    ])
      expect(showOf(other, { watermark })).toBe('refused')
  })
})

describe('presets', () => {
  const presets = {
    default: 'q:70',
    small: '/rs:fill:30:20/',
    nested: 'pr:small/bl:1',
    loop: 'w:5/pr:loop/bl:1',
    a: 'w:5/pr:b',
    b: 'pr:a/bl:1/pr:b',
    far: 'pr:nowhere',
  }

  test('are what they stand for, the default first', () => {
    expect(showOf('pr:small', { presets })).toBe('30x20.clip.q70')
    expect(showOf('q:60/preset:nested', { presets })).toBe('30x20.clip.blur-100.q60')
    expect(showOf('pr:far', { presets })).toBe('refused')
  })

  test('mean nothing within themselves, by whatever way', () => {
    expect(showOf('pr:loop', { presets })).toBe('5w.blur-100.q70')
    expect(showOf('pr:a', { presets })).toBe('5w.blur-100.q70')
    expect(showOf('pr:b:a', { presets })).toBe('5w.blur-100.q70')
    expect(showOf('w:5', { presets: { default: 'pr:default/q:60' } })).toBe('5w.q60')
  })

  test('within presets, each twice, are given up', () => {
    const nested = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`p${i}`, i === 39 ? 'w:5' : `pr:p${i + 1}/pr:p${i + 1}`]),
    )
    expect(showOf('pr:p30', { presets: nested })).toBe('5w.q80')
    expect(showOf('pr:p0', { presets: nested })).toBe('refused')
  })

  test('may be all that there is', () => {
    const only = { presets, onlyPresets: true }
    expect(told(read('/small:nested/plain/local:///a.jpg', only))).toBe(
      'disk/a.jpg 30x20.clip.blur-100.q70 jpg',
    )
    expect(told(read('/rs:fill:3:2/plain/local:///a.jpg', only))).toBe('url-invalid')
  })
})

describe('sources', () => {
  const encode = (text: string): string => Buffer.from(text).toString('base64url')

  test.each([
    ['plain/local:///a%20b/c%25.jpg', 'disk/a b/c%.jpg full.q80 jpg'],
    ['plain/s3://bucket/x/y.png', 'bucket/x/y.png full.q80 png'],
    ['plain/s3://bucket/deep/y.png', 'deep/y.png full.q80 png'],
    ['plain/https://example.com/images/a.jpg@webp', 'web/a.jpg full.q80 webp'],
    ['plain/https%3A%2F%2Fexample.com%2Fimages%2Fa.jpg@jpeg', 'web/a.jpg full.q80 jpg'],
    ['plain/https://EXAMPLE.com/x/../images/a%2520b.jpg', 'web/a b.jpg full.q80 jpg'],
    ['plain/local:///a.jpg@', 'disk/a.jpg full.q80 jpg'],
    [`${encode('local:///é.gif')}.avif`, 'disk/é.gif full.q80 avif'],
    [`${encode('local:///a.jpg')}==`, 'disk/a.jpg full.q80 jpg'],
    [
      encode('s3://bucket/some/long/name.webp').replace(/(.{5})/g, '$1/'),
      'bucket/some/long/name.webp full.q80 webp',
    ],
  ])('%s', (source, expected) => {
    expect(told(read(`/${source}`))).toBe(expected)
  })

  test.each([
    ['plain/https://example.com/other/a.jpg', 'source-missing'],
    // No text is 4n + 1 characters of base64.
    [`${encode('local:///abcde.jpg')}A`, 'url-invalid'],
    ['plain/https://example.com.evil/images/a.jpg', 'source-missing'],
    ['plain/https://user@example.com/images/a.jpg', 'url-invalid'],
    ['plain/https://example.com/images/../secret', 'source-missing'],
    ['plain/https://user%40example.com/images/a.jpg', 'source-missing'],
    ['plain/https://example.com/images/a.jpg%23v', 'source-missing'],
    ['plain/https://example.com/images/a.jpg%3Fv=1', 'source-missing'],
    [encode('\uFEFFlocal:///a.jpg'), 'source-missing'],
    ['w:5/h:5', 'url-invalid'],
    ['plain/https://example.com/images/a%252Fb.jpg', 'source-missing'],
    ['plain/s3://other/a.jpg', 'source-missing'],
    ['plain/s3://bucket/a.jpg%3Fversion', 'source-missing'],
    ['plain/local:///../etc/passwd', 'source-missing'],
    ['plain/local:///a%00.jpg', 'source-missing'],
    ['plain/file:///a.jpg', 'source-missing'],
    ['plain/local:///a.jpg@webp@png', 'url-invalid'],
    ['plain/local:///a.jpg@exe', 'url-invalid'],
    ['plain/local:///a%.jpg', 'url-invalid'],
    ['plain/', 'url-invalid'],
    ['w:5', 'url-invalid'],
    ['a.b.c', 'url-invalid'],
    ['!!!', 'url-invalid'],
    ['_w', 'url-invalid'],
  ])('%s is %s', (source, code) => {
    expect(told(read(`/${source}`))).toBe(code)
  })

  test('begin with the base URL', () => {
    for (const url of ['a.jpg', 's3://bucket/deep/a.jpg'])
      expect(told(read(`/plain/${url}`, { baseUrl: 's3://bucket/deep/' }))).toBe('deep/a.jpg full.q80 jpg')
  })
})

test('an expired URL is missing', () => {
  expect(read('/exp:999999/plain/local:///a.jpg')).toMatchObject({ code: 'url-expired' })
  expect(read('/exp:1000000/plain/local:///a.jpg')).toMatchObject({ kind: 'variant' })
})

test.each([
  ['/plain/local:///a.jpg', '/plain/local:/a.jpg', 'disk/a.jpg full.q80 jpg'],
  ['/plain/s3://bucket/x/y.png', '/plain/s3:/bucket/x/y.png', 'bucket/x/y.png full.q80 png'],
])('%s holds where a proxy has made it %s', (signed, sent, expected) => {
  expect(told(readRaw(`/${signImgproxyPath(signed, KEY, 32)}${sent}`))).toBe(expected)
})

test('escaped colons of options are those options', () => {
  expect(
    told(readRaw(`/${signImgproxyPath('/w:5/plain/local:///a.jpg', KEY, 32)}/w%3A5/plain/local:///a.jpg`)),
  ).toBe('disk/a.jpg 5w.q80 jpg')
})

test('the format is the one named, else by Accept, else the original', () => {
  const autoFormat = ['avif', 'webp'] as const
  const rest = '/plain/local:///a.png'
  expect(read(rest, { autoFormat }, 'image/webp,*/*')).toMatchObject({ format: 'webp', isNegotiated: true })
  expect(read(rest, { autoFormat }, 'image/png,image/webp')).toMatchObject({ format: 'webp' })
  expect(read(rest, { autoFormat }, '*/*')).toMatchObject({ format: 'png', isNegotiated: true })
  expect(read(`${rest}@jpg`, { autoFormat }, 'image/webp')).toMatchObject({
    format: 'jpg',
    isNegotiated: false,
  })
  expect(read(`/f:gif${rest}@jpg`)).toMatchObject({ format: 'jpg' })
  expect(read(`/f:gif${rest}`, { autoFormat }, 'image/webp')).toMatchObject({ format: 'gif' })
  expect(read(rest, {}, 'image/webp')).toMatchObject({ format: 'png', isNegotiated: false })
})

test('a URL that ends says when, and no other does', () => {
  expect(read('/exp:1000001/plain/local:///a.jpg')).toMatchObject({ kind: 'variant', expires: 1_000_001 })
  expect(read('/plain/local:///a.jpg')).not.toHaveProperty('expires')
  for (const [url, code] of [
    ['plain/file:///a.jpg', 'source-missing'],
    ['w:3/z:1:2/plain/local:///a.jpg', 'url-invalid'],
  ])
    expect(read(`/exp:1000001/${url}`)).toEqual({ kind: 'refused', code, expires: 1_000_001 })
})
