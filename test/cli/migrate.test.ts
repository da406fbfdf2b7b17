import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { migrateImgproxy } from '../../src/cli/migrate/from-imgproxy.ts'
import { migrateNginx } from '../../src/cli/migrate/from-nginx.ts'
import { formatMigration, type Migration } from '../../src/cli/migrate/migration.ts'
import { parseNginx } from '../../src/cli/migrate/nginx-directives.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { formatTransform } from '../../src/core/transform.ts'
import { openDialects } from '../../src/wire/dialects.ts'
import { makeFolder, run, writeText } from './support.ts'

const NGINX = `
http { # pictures
  server {
    set $nothing "a;b{c}";
    location ~ ^/t/([\\d-]+)x([\\d-]+)/(.*) {
      secure_link $arg_key;
      secure_link_md5 "$uri secret";
      if ($secure_link = "") { return 404; }
      set $w $1;
      alias /srv/photos/$3;
      image_filter resize $w $2; image_filter_jpeg_quality 85;
    }
    location ~ "^/image/(\\d{1,4})x(\\d{1,4})/(.+)$" { root /srv/photos/; image_filter crop $1 $2; }
    location /turn/ { proxy_pass https://originals.example.com/; image_filter rotate 90; }
    location /fixed/ { image_filter resize 640 480; }
    location ~ ^/timed/(\\d+)x(\\d+)/(.*) {
      secure_link $arg_md5,$arg_expires; secure_link_md5 "$secure_link_expires$uri x"; image_filter resize $1 $2;
    }
    location /plain/ { root /srv; }
  }
}`

/** The dialects that a migration leads to, as serve opens them. */
const open = ({ config }: Migration) =>
  openDialects(resolveConfig({ source: './originals', output: './out', ...config }, { root: '/site' }))

test('directives are read with quotes, comments, blocks and escapes', () => {
  expect(parseNginx('a b "c;d" \'e{f}\'; # x\ng ^/\\d+ { h; i $j-k; } l;')).toEqual([
    { name: 'a', args: ['b', 'c;d', 'e{f}'] },
    {
      name: 'g',
      args: ['^/\\d+'],
      block: [
        { name: 'h', args: [] },
        { name: 'i', args: ['$j-k'] },
      ],
    },
    { name: 'l', args: [] },
  ])
  for (const broken of ['}', 'a {', '"', '{{{', 'a { b; }}} c;']) parseNginx(broken)
})

describe("an nginx's configuration", () => {
  test('becomes dialects and sources, and what could not be carried over is named', () => {
    const { config, notes } = migrateNginx(NGINX)
    expect(config).toEqual({
      source: { source1: '/srv/photos/', source2: 'https://originals.example.com/' },
      dialects: [
        {
          type: 'nginx',
          prefix: '/t/',
          secret: 'secret',
          arg: 'key',
          mode: 'resize',
          quality: 85,
          source: 'source1',
        },
        { type: 'nginx', prefix: '/image/', unsigned: true, mode: 'crop', quality: 75, source: 'source1' },
        {
          type: 'nginx',
          prefix: '/turn/',
          unsigned: true,
          mode: 'rotate',
          degrees: 90,
          quality: 75,
          source: 'source2',
        },
      ],
    })
    expect(notes.join('\n')).toMatch(/\/fixed\/.*640x480[\s\S]*timed.*secure_link/)
  })

  test('answers the URLs that were signed for it', () => {
    const uri = '/t/300x200/photo.jpg'
    const key = createHash('md5').update(`${uri} secret`).digest('base64url')
    const read = open(migrateNginx(NGINX)).flatMap(
      (dialect) => dialect.read({ rawPath: uri, query: `key=${key}`, now: 0 }) ?? [],
    )
    expect(read).toMatchObject([{ kind: 'variant', source: 'source1/photo.jpg' }])
  })
})

test("imgproxy's environment becomes a dialect", () => {
  const migration = migrateImgproxy(`
IMGPROXY_KEY=736563726574,00
IMGPROXY_SALT=68656C6C6F,01
IMGPROXY_SIGNATURE_SIZE=16
IMGPROXY_PRESETS=default=q:70,small=rs:fill:30:20/bl:1
IMGPROXY_AUTO_AVIF=true
IMGPROXY_ENFORCE_WEBP=1
IMGPROXY_LOCAL_FILESYSTEM_ROOT=/srv/photos
IMGPROXY_USE_S3=true
IMGPROXY_S3_REGION=eu-central-1
IMGPROXY_ALLOWED_SOURCES=s3://pictures/,https://*.example.com/,local://
IMGPROXY_MAX_SRC_RESOLUTION=16.8
IMGPROXY_TTL=3600
IMGPROXY_ENABLE_VIDEO_THUMBNAILS=true
OTHER=1
`)
  expect(migration.config).toEqual({
    source: { source1: '/srv/photos', source2: 's3://pictures/?region=eu-central-1' },
    limits: { sourcePixels: 16_800_000 },
    cacheControl: 'public, max-age=3600',
    dialects: [
      {
        type: 'imgproxy',
        key: ['736563726574', '00'],
        salt: ['68656C6C6F', '01'],
        signatureSize: 16,
        presets: { default: 'q:70', small: 'rs:fill:30:20/bl:1' },
        autoFormat: ['avif', 'webp'],
        quality: 80,
      },
    ],
  })
  expect(migration.notes.join('\n')).toMatch(/wildcard[\s\S]*ENABLE_VIDEO_THUMBNAILS/)
  const [dialect] = open(migrateImgproxy('IMGPROXY_PATH_PREFIX=/i\nIMGPROXY_BASE_URL=local:///'))
  const read = dialect?.read({ rawPath: '/i/_/w:5/plain/a.jpg', query: '', now: 0 })
  expect(read?.kind === 'variant' && formatTransform(read.transform)).toBe('5w.q80')
})

test('the command prints a configuration that another command can use', { timeout: 30_000 }, async () => {
  const folder = await makeFolder()
  await writeText(join(folder, 'nginx.conf'), NGINX.replace('https://originals.example.com/', '/srv/photos/'))
  const { code, stdout, stderr } = await run(['migrate', 'nginx.conf'], { cwd: folder })
  expect([code, stderr.includes('/fixed/')]).toEqual([0, true])
  expect(stdout).toContain("import { defineConfig } from 'imgsizes'")
  expect(stdout.trim()).toBe(
    formatMigration(migrateNginx(NGINX.replace('https://originals.example.com/', '/srv/photos/'))).trim(),
  )
  await writeText(join(folder, 'imgsizes.config.ts'), stdout)
  const env = { IMGSIZES_SECRET: 'correct-horse-battery-staple' }
  const url = await run(['url', 'a.jpg', '--transform', '5w.q80'], { cwd: folder, env })
  expect([url.code, url.stderr]).toEqual([0, ''])
  expect((await run(['migrate'], { cwd: folder })).code).toBe(2)
  expect((await run(['migrate', 'none.conf'], { cwd: folder })).code).toBe(1)
})
