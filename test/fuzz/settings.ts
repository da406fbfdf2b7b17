import { resolveConfig } from '../../src/config/resolve.ts'
import { type Target, textTarget } from './target.ts'
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

export const SETTING_TARGETS: readonly Target[] = [
  textTarget({
    name: 'configurations',
    seeds: [JSON.stringify(CONFIG), JSON.stringify({ ...CONFIG, source: './a', dialects: [] })],
    words: [
      ...JSON_WORDS,
      '"source":',
      '"secret":',
      '"s3://',
      's3://b?endpoint=',
      'https://',
      '**/',
      '{a,b}',
      '"64MB"',
      '"1e9d"',
      '(',
      '*(',
    ],
    isAnswer: (error) => error instanceof SyntaxError,
    read: (text) => void resolveConfig(JSON.parse(text), { root: '/site' }),
  }),
]
