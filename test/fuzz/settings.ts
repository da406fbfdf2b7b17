import { editOverrides } from '../../src/config/edit-overrides.ts'
import { parseOverrides } from '../../src/config/overrides.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import { findFaces } from '../../src/render/faces.ts'
import { words } from '../support/words.ts'
import { expectLaw, type Target, textTarget } from './target.ts'
import { JSON_WORDS } from './words.ts'

const CONFIG = {
  source: {
    blog: './blog',
    shop: 's3://bucket/prefix?region=eu-west-1&endpoint=https://s3.example',
    web: { uri: 'https://example.com/x/', headers: { a: 'b' } },
  },
  output: './out',
  baseUrl: 'https://img.example/',
  secret: ['correct-horse-battery-staple', { value: 'another-secret-also-good', retired: true }],
  formats: ['avif', 'webp', 'original'],
  quality: 80,
  include: ['**/*.{jpg,png}'],
  sizes: {
    content: { widths: [320, 640], sizes: '100vw' },
    card: {
      width: 400,
      height: 300,
      fit: 'cover',
      position: { x: 1, y: 2 },
      densities: [1, 2],
      match: 'a/**',
      background: '#fff',
      pad: { top: 5 },
      crop: { width: '50%', height: 9 },
    },
  },
  limits: { sourceBytes: '64MB', renderTimeout: '30s' },
  encoders: { avif: { effort: 3 } },
  serve: {
    allow: 'signed',
    queue: { length: 9 },
    timeouts: { drain: '5s' },
    cors: ['https://a.example'],
    log: { level: 'info', sample: 0.5 },
  },
  dialects: [
    { type: 'nginx', prefix: '/t/', secret: 's', arg: 'k', mode: 'resize', source: 'blog' },
    {
      type: 'imgproxy',
      prefix: '/i/',
      key: 'aa',
      salt: 'bb',
      presets: { a: 'w:9/pr:b', b: 'q:7' },
      cacheKeys: { folder: 'x/' },
    },
  ],
}

const CAT = 'a.jpg' as SourceKey

const OVERRIDES = `{
  "**/*.jpg": { "quality": 80, "exclude": false },
  "a.jpg": { "focus": [250, 1000], "alt": "A", "background": "#ffffff", "sizes": { "card": { "focus": [0, 500] } } },
  "b\\\\[1].jpg": {}
}`

const XMP = `<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#" xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"><mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:AppliedToDimensions stDim:w="40" stDim:h="30"/><mwg-rs:RegionList><rdf:Bag><rdf:li rdf:parseType="Resource"><mwg-rs:Area stArea:x="0.2" stArea:y="0.9" stArea:w="0.1" stArea:h="0.3"/><mwg-rs:Type>Face</mwg-rs:Type></rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>`

export const SETTING_TARGETS: readonly Target[] = [
  textTarget({
    name: 'configurations',
    seeds: [JSON.stringify(CONFIG), JSON.stringify({ ...CONFIG, source: './a', dialects: [] })],
    words: [
      ...JSON_WORDS,
      ...words('"source": "secret": "s3:// s3://b?endpoint= https:// **/ {a,b} "64MB" "1e9d" ( *('),
    ],
    isAnswer: (error) => error instanceof SyntaxError,
    read: (text) => void resolveConfig(JSON.parse(text), { root: '/site' }),
  }),
  textTarget({
    name: 'overrides',
    seeds: [OVERRIDES],
    words: [
      ...JSON_WORDS,
      '"focus":',
      '"sizes":',
      '[0.1, 1]',
      ...words('"card": "**/": "a.jpg": \\\\ {a,b} @( //'),
    ],
    read: (text) => {
      const context = { file: 'p.json', sizes: ['card'] }
      const overrides = parseOverrides(text, context)
      overrides.of(CAT)
      const edited = editOverrides(text, CAT, (before) => ({ ...before, alt: 'x' }), context)
      expectLaw(parseOverrides(edited, context).of(CAT)?.alt === 'x', 'an edit is read back')
    },
  }),
  textTarget({
    name: 'faces in XMP',
    seeds: [XMP],
    words: [
      '<rdf:li>',
      '</rdf:li>',
      'mwg-rs:Type="Face"',
      'stArea:x="0.5"',
      '<!DOCTYPE a [',
      '&b;',
      '<![CDATA[',
      'xmlns:',
      '</',
    ],
    read: (text) => {
      const faces = findFaces(Buffer.from(text), { size: { width: 40, height: 30 }, orientation: 6 })
      const isIn = (part: number): boolean => Number.isInteger(part) && part >= 0 && part <= 1000
      for (const { x, y } of faces ? [faces.focus, ...faces.regions] : [])
        expectLaw(isIn(x) && isIn(y), 'a point lies in the picture')
    },
  }),
]
