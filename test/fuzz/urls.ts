import { FORMATS } from '../../src/core/format.ts'
import { layOutResult } from '../../src/core/preparation.ts'
import { formatTransform, parseTransform } from '../../src/core/transform.ts'
import { allowsRange, checkConditions, parseRange } from '../../src/http/conditions.ts'
import { clientAddress } from '../../src/http/exchange.ts'
import { findByUrl } from '../../src/page/find-source.ts'
import { negotiateFormat } from '../../src/url/accept.ts'
import type { Dialect, ForeignReading } from '../../src/url/dialect.ts'
import { createExpiringLinks } from '../../src/url/expiring-link.ts'
import { createImgproxyDialect } from '../../src/url/imgproxy.ts'
import { claimKey, createKeyring, spellKey } from '../../src/url/keyring.ts'
import { createNginxDialect } from '../../src/url/nginx.ts'
import { encodePath, parseTarget, parseUrlPath } from '../../src/url/path.ts'
import { words } from '../support/words.ts'
import { expectLaw, type Target, textTarget } from './target.ts'

const keyring = createKeyring([{ value: 'correct-horse-battery-staple', isRetired: false }])
const KEY = 'photos/cat.jpg/300x200.cover.attention.q75.F7gjf_aXtMauRx-i.webp'
const KEY_AND_SALT = { key: Buffer.from('secret'), salt: Buffer.from('hello') }
const links = createExpiringLinks(keyring.secrets)

const KEY_WORDS = [
  ...words('.cover .contain .clip .stretch .q80 .v-0123456789 .bg-ffffff .focus-1-2 .crop-1-50p-top'),
  ...words('.pad-1-2-3-4 .dpr-2-5 .enlarge full 640w .auto .avif .svg / .. %2F %00 % %C3%A9'),
  ...['http://', '//', '?', '#', '@', ':', '*', '\\', ' ', '+', '\u0080', '\uffff'],
]

const readKey = (text: string): void => {
  const claim = claimKey(text)
  if (claim === undefined) return
  expectLaw(spellKey(claim) === text, 'a key has one spelling')
  expectLaw(formatTransform(claim.transform) === claim.transformText, 'a transform has one spelling')
  expectLaw(parseUrlPath(`/${encodePath(text)}`, '/') === text, 'a URL spells its key')
  for (const size of [
    { width: 1, height: 1 },
    { width: 4000, height: 3 },
    { width: 300, height: 200 },
  ]) {
    const { canvas, scaled, crop } = layOutResult(claim.transform, size)
    for (const side of [canvas.width, canvas.height, scaled.width, scaled.height, crop.width, crop.height])
      expectLaw(Number.isInteger(side) && side >= 1, 'a side is a whole number of pixels')
  }
  keyring.verify(text)
}

const readAs = (dialect: Dialect, text: string): ForeignReading | undefined => {
  const { path, query } = parseTarget(text)
  return dialect.read({ rawPath: path, query, now: 1_700_000_000, accept: 'image/avif' })
}

const expectRefused = (dialect: Dialect, text: string): void =>
  expectLaw(readAs(dialect, text)?.kind !== 'variant', 'nothing is shown by a signature of others')

const readBy = (dialect: Dialect, text: string): void => {
  const reading = readAs(dialect, text)
  if (reading?.kind !== 'variant') return
  const { transform, format } = reading
  expectLaw((FORMATS as readonly string[]).includes(format), 'a format is one of ours')
  const again = parseTransform(formatTransform(transform))
  expectLaw(again !== undefined, `${formatTransform(transform)} is a transform that a key can say`)
  expectLaw(formatTransform(again ?? transform) === formatTransform(transform), 'it has one spelling')
}

const IMGPROXY = {
  prefix: '/',
  keys: [],
  isUnsigned: true,
  signatureSize: 32,
  presets: { default: 'q:70', small: 'rs:fill:30:20/dpr:2', loop: 'pr:loop/pr:small' },
  onlyPresets: false,
  baseUrl: '',
  autoFormat: ['avif', 'webp'],
  roots: [
    { uri: 'local:///', keyPrefix: 'disk/' },
    { uri: 's3://bucket/deep/', keyPrefix: 'deep/' },
    { uri: 'https://example.com/images/', keyPrefix: 'web/' },
  ],
  quality: 80,
  watermark: { id: 'abc123', opacity: 0.5, scale: 0, position: 'bottom-right' },
} as const
const NGINX = { prefix: '/t/', secrets: [], arg: 'key', quality: 85, sourcePrefix: '' } as const

const VALIDATORS = { etag: '"9b2cf535f27731c974343645a3985328"', modifiedAt: 1_700_000_000_000 }

export const URL_TARGETS: readonly Target[] = [
  textTarget({
    name: 'request targets, and keys in them',
    seeds: [
      `/${KEY}`,
      `/img/${KEY}?a=b#c`,
      `http://u:p@h:1/${KEY}`,
      '*',
      'a:80',
      '/%C3%A9t%C3%A9/a/640w.q80.SITBIWXp09WiqNnD.png',
    ],
    words: KEY_WORDS,
    read: (text) => {
      const { path } = parseTarget(text)
      for (const mount of ['/', '/img/']) {
        const key = parseUrlPath(path, mount)
        if (key !== undefined) readKey(key)
      }
      readKey(text)
    },
  }),
  textTarget({
    name: 'links that end',
    seeds: [`${links.queryOf(KEY, 1_800_000_000)}`, 'expires=1&token=AAAAAAAAAAAAAAAAAAAAAA'],
    words: ['expires=', '&token=', '&', '0', '99999999999999999999'],
    read: (query) => void links.check({ keyText: KEY, query, now: 1_700_000_000 }),
  }),
  textTarget({
    name: 'URLs of imgproxy',
    seeds: [
      '/_/rs:fill:300:200:0:0/g:sm/dpr:1.5/q:80/plain/local:///a%20b.jpg@webp',
      '/unsafe/s:300:200:1:1:so/z:1.5:2/pd:1:2:3:4/c:0.5:100:nowe/wm:0.5:soea/exp:1800000000/aHR0cHM6Ly9leGFtcGxlLmNvbS9pbWFnZXMvYS5qcGc.png',
      '/x/pr:small:loop/rt:auto/w:9/h:8/mw:0/el:t/ex:1:no/bg:255:0:10/bl:1.5/sh:2/pix:9/rot:-90/fl:1:0/t:10/mb:9999/fq:avif:50/plain/s3://bucket/deep/é.jpg',
    ],
    words: [
      ...words('/rs: /s: /c: /pd: /z: /dpr: /ex:1 /el:1 /g:fp:0.2:0.3 /pr:loop /plain/ /t: /wm:'),
      ...words(`
        local:/// s3:// https://example.com/images/ @avif : :: 0.5 -1 1e9 99999999999 % %3A fill auto
      `),
    ],
    runs: 400,
    read: (text) => {
      readBy(createImgproxyDialect(IMGPROXY), text)
      expectRefused(createImgproxyDialect({ ...IMGPROXY, keys: [KEY_AND_SALT], isUnsigned: false }), text)
    },
  }),
  ...(['resize', 'crop', { rotate: 90 }] as const).map((mode) =>
    textTarget({
      name: `URLs of nginx (${typeof mode === 'string' ? mode : 'rotate'})`,
      seeds: ['/t/300x200/a%20b.jpg?key=qvHJx0qXanLY9m3LX49R3Q', '/t/-x100/x/../caf%C3%A9.jpg', '/t//a.png'],
      runs: 120,
      words: ['/t/', 'x', '-', '/../', '/./', '%2e', '%2F', '%00', '?key=', '&', '0', '99999'],
      read: (text) => {
        readBy(createNginxDialect({ ...NGINX, mode }), text)
        expectRefused(createNginxDialect({ ...NGINX, mode, secrets: ['another secret'] }), text)
      },
    }),
  ),
  textTarget({
    name: 'Accept',
    seeds: [
      'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8',
      'image/webp;q=0.5;a="b,\\"c", */*',
    ],
    words: ['image/avif', 'image/webp', ';q=', '0.333', '"', '\\', ',', ';', '*/*', '\t'],
    read: (text) => {
      const format = negotiateFormat(text, ['avif', 'webp', 'original'], 'a.jpg')
      expectLaw(['avif', 'webp', 'jpg'].includes(format), 'a configured format is chosen')
    },
  }),
  textTarget({
    name: 'conditions, ranges and addresses',
    seeds: [
      'W/"a,b", "9b2cf535f27731c974343645a3985328"',
      'bytes=0-9',
      'bytes=-5',
      'Tue, 02 Jan 2024 03:04:05 GMT',
      '1.1.1.1, ::1',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      'Sun Nov  6 08:49:37 1994',
    ],
    words: ['bytes=', '-', ',', '"', 'W/', '*', 'GMT', '99999999999999999999', ' '],
    read: (text) => {
      for (const name of ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'])
        checkConditions({ get: (field) => (field === name ? text : null) }, VALIDATORS)
      allowsRange({ get: () => text }, VALIDATORS, VALIDATORS.modifiedAt)
      for (const sizeBytes of [1, 1_000]) {
        const wanted = parseRange(text, sizeBytes)
        if (wanted.kind !== 'part') continue
        const { start, end } = wanted.range
        expectLaw(start >= 0 && start <= end && end < sizeBytes, 'a part lies within')
      }
      for (const proxies of [0, 1, 3]) clientAddress('10.0.0.1', text, proxies)
    },
  }),
  textTarget({
    name: 'addresses in pages',
    seeds: words(`
      /images/a%20b.jpg?x#y https://www.example.com/photos/a.jpg ../a.jpg ./x/../a.jpg
      data:image/png;base64,AA
    `),
    words: ['%', '%2F', '..', '//', 'https://', '?', '#', '\\', '\u0000'],
    read: (text) => void findByUrl(text, { 'https://www.example.com/photos/': '', '/images/': 'blog/' }),
  }),
]
