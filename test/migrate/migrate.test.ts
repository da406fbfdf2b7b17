import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compileMatch } from '../../src/config/match.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import type { SourceKey } from '../../src/core/source-key.ts'
import { formatTransform } from '../../src/core/transform.ts'
import { migrateImgproxy } from '../../src/migrate/from-imgproxy.ts'
import { migrateNginx } from '../../src/migrate/from-nginx.ts'
import { checkMigration, formatMigration, type Migration } from '../../src/migrate/migration.ts'
import { parseNginx } from '../../src/migrate/nginx-blocks.ts'
import { createExpectation } from '../../src/plan/expected.ts'
import { openDialects } from '../../src/wire/dialects.ts'
import { makeFolder, run, writeText } from '../cli/support.ts'
import { secureLink } from '../support/foreign-urls.ts'
import { words } from '../support/words.ts'

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
    location ~ "^/image/(\\d{1,4})x(\\d{1,4})/(.+)$" {
      root /srv; rewrite ^/image/[^/]+/(.+)$ /photos/$1 break; image_filter crop $1 $2;
    }
    location /turn/ { proxy_pass https://originals.example.com/; image_filter rotate 90; }
    location ~ \\.jpg$ { image_filter resize 640 480; }
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
  expect(parseNginx('} a; }} b {')).toEqual([
    { name: 'a', args: [] },
    { name: 'b', args: [], block: [] },
  ])
  for (const broken of ['}', 'a {', '"', '{{{', 'a { b; }}} c;']) parseNginx(broken)
})

describe("an nginx's configuration", () => {
  test('becomes dialects and sources, and what could not be carried over is named', () => {
    const { config, notes } = migrateNginx(parseNginx(NGINX))
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
    expect(notes.join('\n')).toMatch(/\.jpg\$: .*640x480[\s\S]*timed.*secure_link/)
    expect(notes.filter((note) => note.includes('no secure_link'))).toHaveLength(2)
  })

  /** One location, in a server of its own. */
  const readOne = (location: string, around = '') =>
    migrateNginx(parseNginx(`http { server { ${around} ${location} } }`))

  test.each<[string, string]>([
    ['location ~ ^/t/(\\d+)x(\\d+)/(.*) { alias /srv/$3;', '/srv/'],
    ['location ~ ^/t/(?<w>\\d+)x(?<h>\\d+)/(?<p>.+) { set $x $p; alias /srv/a/$x;', '/srv/a/'],
    ['location ~ ^/t/(\\d+)x(\\d+)/(.*) { root /srv; try_files /a/$3 =404;', '/srv/a/'],
    ['location ~ ^/t/(\\d+)x(\\d+)/(.*) { root /srv; rewrite ^/t/(\\d+)x(\\d+)/(.*) /b/$3 break;', '/srv/b/'],
    [
      'location ~ "^/t/(?<w>\\d+)x(?<h>\\d{4})/a/(.*)" { root /srv; rewrite ^/t/[^/]+/(.*)$ /b/$1 break;',
      '/srv/b/a/',
    ],
    [
      'location ~ ^/t/(?<w>\\d+)_(?<h>\\d+)/a/.*\\.(jpg|png)$ { root /srv; rewrite ^/t/\\d+_\\d+/(.*)$ /$1 break;',
      '/srv/a/',
    ],
    [
      'location ~ ^/t/(\\d+)x(\\d+)/(.*) { proxy_pass https://a.example.com/o/$3$is_args$args;',
      'https://a.example.com/o/',
    ],
    [
      'location ~ ^/t/(\\d+)x(\\d+)/(.*) { rewrite ^/t/[^/]+/(.*)$ /pics/o/$1 break; proxy_pass http://s3-eu-west-1.amazonaws.com;',
      's3://pics/o?region=eu-west-1',
    ],
    [
      'location ~ ^/t/(\\d+)x(\\d+)/(.*) { set $b my.pics; proxy_pass http://$b.s3.eu-west-1.amazonaws.com/$3;',
      's3://my.pics?region=eu-west-1',
    ],
    [
      'location ~ ^/t/(\\d+)x(\\d+)/(.*) { proxy_set_header Host pics.s3.amazonaws.com; proxy_pass https://store/a/$3;',
      's3://pics/a',
    ],
  ])('has its originals where they were: %s', (location, source) => {
    const [w, h] = location.includes('?<w>') ? ['$w', '$h'] : ['$1', '$2']
    expect(readOne(`${location} image_filter resize ${w} ${h}; }`).config).toMatchObject({
      source,
      dialects: [{ prefix: '/t/', mode: 'resize' }],
    })
  })

  test.each([
    'location ~ ^/t/(\\d+)x(\\d+)/(.*) { proxy_pass http://10.0.0.1/$3; image_filter resize $1 $2; }',
    'location ~ ^/t/(\\d+)x(\\d+)/(.*) { proxy_pass http://10.0.0.1; image_filter resize $1 $2; }',
    'location ~ ^/t/(\\d+)x(\\d+)/(.*) { proxy_pass $where; image_filter resize $1 $2; }',
    'location ~ ^/t/(\\d+)x(\\d+)/(.*) { root /srv; image_filter resize $1 $2; }',
    'location ~ ^/t/(\\d+)x(\\d+)/(.*) { root /srv; rewrite ^/t/(\\d+)x(.*) /$1 break; image_filter resize $1 $2; }',
    'location ~ ^/t/(?<w>\\d+)/(.*) { root /srv; rewrite ^/t/\\d+/big/(.*)$ /$1 break; image_filter resize $w -; }',
    'location ~ ^/t/(?<w>\\d+)/a/b/(.*) { root /srv; rewrite ^/t/.*/(.*)$ /$1 break; image_filter resize $w -; }',
    'location ~ ^/t/(.*)_(?<w>\\d+)$ { root /srv; rewrite ^/t/(.*)$ /o/$1 break; image_filter resize $w -; }',
  ])('says so where it cannot know where they are: %s', (location) => {
    const { config, notes } = readOne(location)
    expect([config.source, config.dialects.length]).toEqual(['./originals', 1])
    expect(notes.join('\n')).toContain('./originals stands for what could not be read')
  })

  test.each([
    'location ~ ^/t/(\\d+)x(\\d+)/(.*) { alias /srv/$3; image_filter resize $1 300; }',
    'location ~ ^/t/(\\d+)x(\\d+)/(.*) { alias /srv/$3; image_filter resize $1 $1; }',
    'location ~ ^/t/(\\d+)/(\\w+)/(.*) { alias /srv/$3; image_filter resize $1 -; }',
    'location ~ ^/t/(\\d+)(\\d+)/(.*) { alias /srv/$3; image_filter resize $1 $2; }',
    'location ~ ^/t/(.*)/(.*) { alias /srv/$2; image_filter resize $1 -; }',
    'location ~ ^/t/(?:\\d+)/(.*) { alias /srv/$1; image_filter resize $arg_w -; }',
    'location = /t/a.jpg { alias /srv/a.jpg; image_filter resize $arg_w -; }',
    'location = /t/ { alias /srv/; image_filter resize $arg_w -; }',
    'location /t/a.jpg { alias /srv/a.jpg; image_filter rotate 90; }',
    'location / { root /srv; image_filter resize 300 -; }',
    'location ~* \\.(jpe?g|png)$ { root /srv; image_filter resize 300 200; }',
    'location /t/ { set $w 800; if ($http_x = a) { set $w 300; } alias /srv/; image_filter resize $w -; }',
    'location /t/ { set $w 800; if ($arg_x ~ a) { set $w 300; } alias /srv/; image_filter resize $w -; }',
    'location /t/ { if ($arg_x = a) { set $w 3; } if ($arg_y = a) { set $w 4; } alias /srv/; image_filter resize $w -; }',
    'location ~ ^/(small|large)/(.+)$ { set $w 8em; if ($1 = a) { set $w big; } alias /srv/; image_filter resize $w -; }',
    'location ~ ^/t/(\\d+)x(\\d+)/(.*) { alias /srv/$3; image_filter resize $1 -; }',
    'location ~ ^/t/(\\d+)x(\\d+)/(.*) { alias /srv/$3; image_filter resize $arg_w $arg_h; }',
    'location ~ ^/t/(\\d+)x(\\d+)/(.*) { alias /srv/$3; image_filter crop $1 $2; image_filter rotate 90; }',
    'location ~ ^/t/(\\d+)x(\\d+)/(.*) { internal; alias /srv/$3; image_filter resize $1 $2; }',
    'location ~ ^/t/(\\d+)x(\\d+)/(.*) { secure_link $arg_k; secure_link_md5 "$uri$remote_addr s"; alias /srv/$3; image_filter resize $1 $2; }',
    'location ~ ^/t/(\\d+)x(\\d+)/(.*) { secure_link_secret word; alias /srv/$3; image_filter resize $1 $2; }',
    'location /t/ { image_filter size; }',
    'location @t { image_filter resize 5 5; }',
  ])('leaves out, and names, what no dialect shows: %s', (location) => {
    const { config, notes } = readOne(location)
    expect(config.dialects).toEqual([])
    expect(notes.join('\n')).toMatch(/^location .*(?:Left|left) out\.$/m)
  })

  test.each<[string, string, string | undefined]>([
    ['~ ^/t/(\\d+)x(\\d+)/(.*) { alias /srv/$3; image_filter resize $1 $2; }', '/t/', undefined],
    ['~ /t/(\\d+)x(\\d+)/(.*) { alias /srv/$3; image_filter resize $1 $2; }', '/t/', undefined],
    [
      '~ ^/t/(\\d+)x(\\d+)/(.*) { alias /srv/$3; image_filter resize $2 $1; }',
      '/t/',
      '{height}x{width}/{path}',
    ],
    [
      '~ ^/t/([\\d-]+)/([\\d-]+)/(.+)$ { alias /srv/$3; image_filter resize $1 $2; }',
      '/t/',
      '{width}/{height}/{path}',
    ],
    ['~ ^/t/(?<w>\\d+)/(?<p>.+)$ { alias /srv/$p; image_filter resize $w -; }', '/t/', '{width}/{path}'],
    ['~ ^/t/h(\\d+)/(.+)$ { alias /srv/$2; image_filter resize - $1; }', '/t/', 'h{height}/{path}'],
    ['~ ^/t/(\\d+)/(.+)$ { set $s $1; alias /srv/$2; image_filter resize $s $s; }', '/t/', '{size}/{path}'],
    [
      '~ ^/(.+\\.(?:jpg|png))!(\\d+)x(\\d+)$ { root /srv; rewrite ^/(.+)! /$1 break; image_filter resize $2 $3; }',
      '/',
      '{path}!{width}x{height}',
    ],
    [
      '~ ^/t/(.+)_(\\d+)x(\\d+)\\.jpg$ { alias /srv/$1; image_filter resize $2 $3; }',
      '/t/',
      '{path}_{width}x{height}.jpg',
    ],
    [
      '~ ^/t/(.+)-(\\d+)x(\\d+)\\.(jpe?g|png)$ { alias /srv/$1.$4; image_filter resize $2 $3; }',
      '/t/',
      '{stem}-{width}x{height}.{ending}',
    ],
    [
      '~ ^/t/(?<p>.+)_(\\d+)\\.(?<e>jpg|png)$ { root /srv; try_files /x/$p.$e =404; image_filter resize $2 -; }',
      '/t/',
      '{stem}_{width}.{ending}',
    ],
    [
      '~ ^/t/(.+)_(\\d+)x(\\d+)\\.(jpg|png)$ { alias /srv/$1; image_filter resize $2 $3; }',
      '/t/',
      '{path}_{width}x{height}.{ending}',
    ],
    [
      '~* \\.(jpe?g|png)$ { root /srv; image_filter resize $arg_w $arg_h; }',
      '/',
      '{path}?w={width}&h={height}',
    ],
    ['~* .*\\.(JPG|jpg|gif)$ { root /srv; image_filter resize $arg_w -; }', '/', '{path}?w={width}'],
    ['/ { root /srv; image_filter resize $arg_w -; }', '/', '{path}?w={width}'],
    ['~ ^/t/(.+\\.(jpg|png))!(\\d+)$ { alias /srv/$1; image_filter resize $3 -; }', '/t/', '{path}!{width}'],
    ['~ ^/t/([0-9]+)(?:/(.*))?$ { alias /srv/$2; image_filter resize $1 -; }', '/t/', '{width}/{path}'],
    ['/t/ { alias /srv/; image_filter resize $arg_w $arg_h; }', '/t/', '{path}?w={width}&h={height}'],
    ['/t { alias /srv; image_filter resize $arg_size $arg_size; }', '/t/', '{path}?size={size}'],
    ['~ ^/t/.*\\.(jpg|png)$ { root /srv; image_filter resize $arg_w -; }', '/t/', '{path}?w={width}'],
    [
      '~ ^/t/(.+)$ { set $w -; if ($arg_w != "") { set $w $arg_w; } alias /srv/$1; image_filter resize $w -; }',
      '/t/',
      '{path}?w={width}',
    ],
    [
      '~ ^/t/(\\d+)/(.+)$ { alias /srv/$2; image_filter resize $1 $arg_h; }',
      '/t/',
      '{width}/{path}?h={height}',
    ],
  ])('has URLs of its form: location %s', (location, prefix, form) => {
    const migration = readOne(`location ${location}`)
    expect(migration.config.dialects).toEqual([
      { type: 'nginx', prefix, unsigned: true, ...(form && { form }), mode: 'resize', quality: 75 },
    ])
    expect(migration.notes.filter((note) => note.includes('not carried over'))).toEqual([])
    expect(open(migration)).toHaveLength(1)
  })

  const FIXED = { type: 'nginx', unsigned: true, mode: 'resize', quality: 75 } as const
  test.each<[string, readonly object[]]>([
    [
      '/t/ { alias /srv/; image_filter resize 300 200; }',
      [{ prefix: '/t/', form: '{path}', width: 300, height: 200 }],
    ],
    [
      '~ ^/t/(.*)$ { alias /srv/$1; image_filter resize 150 150; }',
      [{ prefix: '/t/', form: '{path}', width: 150, height: 150 }],
    ],
    [
      '~ ^/t/(.+)_s\\.(jpg|png)$ { alias /srv/$1.$2; image_filter resize - 90; }',
      [{ prefix: '/t/', form: '{stem}_s.{ending}', height: 90 }],
    ],
    [
      '~ ^/t/(\\d+)/(.*)$ { alias /srv/$2; image_filter resize $1 90; }',
      [{ prefix: '/t/', form: '{width}/{path}', height: 90 }],
    ],
    [
      '/t/ { set $w 800; if ($arg_w != "") { set $w $arg_w; } alias /srv/; image_filter resize $w -; }',
      [{ prefix: '/t/', form: '{path}?w={width}', width: 800 }],
    ],
    [
      '~ ^/t/(small|large)/(.+)$ { if ($1 = small) { set $w 90; } if ($1 = large) { set $w 900; } alias /srv/$2; image_filter resize $w $w; }',
      [
        { prefix: '/t/small/', form: '{path}', width: 90, height: 90 },
        { prefix: '/t/large/', form: '{path}', width: 900, height: 900 },
      ],
    ],
    [
      '~ ^/t/(small|large)/(.+)$ { set $w 900; if ($1 = small) { set $w 90; } alias /srv/$2; image_filter resize $w -; }',
      [
        { prefix: '/t/small/', form: '{path}', width: 90 },
        { prefix: '/t/large/', form: '{path}', width: 900 },
      ],
    ],
    [
      '~ ^/t/(?<p>.+)-(?<s>small|large)\\.(?<e>jpg|png)$ { if ($s = small) { set $w 90; } alias /srv/$p.$e; image_filter resize $w -; }',
      [{ prefix: '/t/', form: '{stem}-small.{ending}', width: 90 }],
    ],
    [
      '/t/ { set $w 300; if ($arg_size = small) { set $w 90; } if ($arg_size = large) { set $w 900; } alias /srv/; image_filter resize $w -; }',
      [
        { prefix: '/t/', form: '{path}?size=small', width: 90 },
        { prefix: '/t/', form: '{path}?size=large', width: 900 },
        { prefix: '/t/', form: '{path}', width: 300 },
      ],
    ],
    [
      '/t/ { set $w -; if ($arg_crop = 1) { set $w $arg_w; } alias /srv/; image_filter resize $w $arg_h; }',
      [
        { prefix: '/t/', form: '{path}?crop=1&w={width}&h={height}' },
        { prefix: '/t/', form: '{path}?h={height}' },
      ],
    ],
  ])('has sizes that are fixed, or have names: location %s', (location, dialects) => {
    const migration = readOne(`location ${location}`)
    expect(migration.config.dialects).toEqual(dialects.map((each) => ({ ...FIXED, ...each })))
    expect(migration.notes.filter((note) => note.includes('not carried over'))).toEqual([])
    expect(open(migration)).toHaveLength(dialects.length)
  })

  test('names a condition that chooses more than a size', () => {
    const { notes } = readOne(
      'location /t/ { if ($arg_s = a) { set $w 9; set $x 1; } alias /srv/; image_filter resize $w -; }',
    )
    expect(notes.join('\n')).toContain('if ($arg_s = a) is not carried over')
  })

  test('has sizes by the names of a map', () => {
    const { config, notes } = migrateNginx(
      parseNginx(`http {
        map $size $w { volatile; default 300; small 90; ~^x 20; }
        map $size $h { small 60; }
        server { location ~ ^/t/(?<size>[a-z]+)/(?<p>.+)$ { alias /srv/$p; image_filter crop $w $h; } } }`),
    )
    expect(config.dialects).toMatchObject([
      { prefix: '/t/small/', form: '{path}', width: 90, height: 60, mode: 'crop' },
    ])
    expect(notes.join('\n')).toContain(': sizes by $size are answered for small, not for ~^x.')
  })

  test('asks the forms that all URLs have after others', () => {
    const migration = readOne(
      `location /t/ { alias /srv/; image_filter resize 300 -; }
       location ~ ^/t/(\\d+)x(\\d+)/(.+)$ { alias /srv/$3; image_filter resize $1 $2; }`,
    )
    expect(migration.config.dialects.map((each) => 'form' in each && each.form)).toEqual([
      '{width}x{height}/{path}',
      '{path}',
    ])
    expect(open(migration)).toHaveLength(2)
  })

  test('has several forms under one prefix, of which the usual one is asked last', () => {
    const migration = readOne(
      `location ~ ^/t/(\\d+)x(\\d+)/(.+)$ { alias /srv/$3; image_filter resize $1 $2; }
       location ~ ^/t/(\\d+)/(.+)$ { alias /srv/$2; image_filter resize $1 -; }`,
    )
    expect(migration.config.dialects.map((each) => 'form' in each && each.form)).toEqual([
      '{width}/{path}',
      false,
    ])
    expect(open(migration)).toHaveLength(2)
  })

  test.each<[string, readonly object[]]>([
    ['map $arg_w $w { "" -; default $arg_w; }', [{ form: '{path}?w={width}' }]],
    ['map $arg_w $w { "" 300; default $arg_w; }', [{ form: '{path}?w={width}', width: 300 }]],
    ['map $http_w $w { "" 300; default $http_w; }', []],
  ])('has an argument as its size by a map: %s', (map, dialects) => {
    const { config } = migrateNginx(
      parseNginx(`http { ${map} server { location /t/ { alias /srv/; image_filter resize $w -; } } }`),
    )
    expect(config.dialects).toMatchObject(dialects)
    expect(config.dialects.filter((each) => 'width' in each)).toHaveLength(
      map.includes('arg_w $w { "" 3') ? 1 : 0,
    )
  })

  test.each([
    ['1', 1, false],
    ['100', 100, false],
    ['101', 75, true],
    ['0', 75, true],
    ['8.5', 75, true],
  ])('has the quality %s, if that is one', (text, quality, isNoted) => {
    const { config, notes } = readOne(
      `location /t/ { alias /srv/; image_filter resize 5 -; image_filter_jpeg_quality ${text}; }`,
    )
    expect(config.dialects).toMatchObject([{ quality }])
    expect(notes.join('\n').includes(`image_filter_jpeg_quality ${text} is not a number`)).toBe(isNoted)
  })

  test.each([
    ['~ /t/(\\d+)/(.+)$ { alias /srv/$2; image_filter resize $1 -; }', /only at the beginning/],
    ['~* ^/t/(\\d+)/(.+)$ { alias /srv/$2; image_filter resize $1 -; }', /letter by letter/],
    ['/t/ { alias /srv/; image_filter resize 5 -; image_filter_transparency off; }', /transparency is kept/],
    [
      '/t/ { if ($arg_w) { set $w $arg_w; set $x 1; } alias /srv/; image_filter resize $w -; }',
      /if \(\$arg_w\) is/,
    ],
    [
      '/t/ { alias /srv/; image_filter resize 5 -; } location /u/ { image_filter resize 5 -; }',
      /\.\/originals stands/,
    ],
  ])('says what is different: location %s', (location, note) => {
    expect(readOne(`location ${location}`).notes.join('\n')).toMatch(note)
  })

  test.each([
    '~ ^/t/(\\d+)/(.+)$ { alias /srv/$2; image_filter resize $1 -; }',
    '~* \\.(jpe?g|png)$ { root /srv; image_filter resize $arg_w -; }',
    '/t/ { alias /srv/; image_filter resize 5 -; image_filter_transparency on; }',
    '/t/ { if ($arg_w) { set $w $arg_w; } alias /srv/; image_filter resize $w -; }',
  ])('says nothing else where all is carried over: location %s', (location) => {
    const told = [expect.stringContaining('it has no secure_link')]
    expect(readOne(`location ${location}`).notes).toEqual(told)
  })

  test('is as closed as it was: by a secret in a variable, or in front of it', () => {
    const secret = readOne(
      'location ~ ^/t/(\\d+)x(\\d+)/(.*) { secure_link $arg_k; secure_link_md5 "$uri $s"; alias /srv/$3; image_filter resize $1 $2; }',
      'set $s "of old";',
    )
    expect(secret.config.dialects).toMatchObject([{ secret: 'of old', arg: 'k' }])
    const front = migrateNginx(
      parseNginx(`http {
        server { location /t/ {
          secure_link $arg_k; secure_link_md5 "$uri of old"; limit_req zone=z; proxy_cache c; proxy_pass http://127.0.0.1:81;
        } location /other/ { secure_link $arg_k; secure_link_md5 "$uri x"; } }
        server { listen 81; location ~ ^/t/(\\d+)x(\\d+)/(.*) { alias /srv/$3; image_filter resize $1 $2; } }
      }`),
    )
    expect(front.config.dialects).toMatchObject([{ prefix: '/t/', secret: 'of old', arg: 'k' }])
    expect(front.config.dialects[0]).not.toHaveProperty('unsigned')
    const beside = readOne(
      'location ~ ^/t/(\\d+)x(\\d+)/(.*) { alias /srv/$3; image_filter resize $1 $2; }',
      'location / { secure_link $arg_k; secure_link_md5 "$uri x"; root /srv; }',
    )
    expect(beside.config.dialects).toMatchObject([{ unsigned: true }])
    expect(front.notes.join('\n')).toMatch(
      /signed as location \/t\/ says[\s\S]*limit_req is not carried over[\s\S]*proxy_cache.*not needed[\s\S]*location \/other\/: its secure_link is not carried over/,
    )
  })

  test.each<[string, string, boolean, string?]>([
    ['proxy_pass http://thumbs;', '81 default_server', true],
    ['proxy_pass http://thumbs;', '82', false],
    ['proxy_pass http://127.0.0.1;', '81 default_server', false],
    ['rewrite ^/f/(.*)$ /t/$1 break; proxy_pass http://127.0.0.1:81;', '81', true],
    ['rewrite ^/f/(.*)$ /t/$1 permanent; proxy_pass http://127.0.0.1:81;', '81', false],
    ['proxy_pass http://127.0.0.1:81;', '81', true, '/t'],
    ['proxy_pass http://127.0.0.1:81;', '81', true, '/'],
    ['proxy_pass http://127.0.0.1:81;', '81', true, '~ ^/t/'],
    ['proxy_pass http://127.0.0.1:81;', '81', true, '~ ^/t/.*\\.jpg$'],
    ['proxy_pass http://127.0.0.1:81;', '81', true, '~ /t/\\d+x\\d+/'],
    ['proxy_pass http://127.0.0.1:81;', '81', true, '~* \\.(jpg|png)$'],
    ['proxy_pass http://127.0.0.1:81;', '81', false, '/u'],
    ['proxy_pass http://127.0.0.1:81;', '81', false, '= /t/300x200/a.jpg'],
    ['rewrite ^/t/.*$ /t/ break; proxy_pass http://127.0.0.1:81;', '81', false],
    ['proxy_pass http://127.0.0.1:82;', '81', false, '~* \\.(jpg|png)$'],
  ])(
    'is signed where what comes first, %s, leads to its listen %s: %s',
    (way, listen, isSigned, place = way.includes('/f/') ? '/f/' : '/t/') => {
      const { config } = migrateNginx(
        parseNginx(`http {
        upstream thumbs { keepalive 80; server 127.0.0.1:81 weight=2; }
        server { location ${place} {
          secure_link $arg_k; secure_link_md5 "$uri of old"; ${way}
        } }
        server { listen ${listen}; location ~ ^/t/(\\d+)x(\\d+)/(.*) { alias /srv/$3; image_filter resize $1 $2; } }
      }`),
      )
      expect(config.dialects).toMatchObject([isSigned ? { secret: 'of old' } : { unsigned: true }])
    },
  )

  test('turns by the degrees of a URL, by fixed ones, and what it has resized', () => {
    const turned = readOne('location ~ ^/r/(90|270)/(.*)$ { alias /srv/$2; image_filter rotate $1; }')
    expect(turned.config.dialects).toMatchObject([
      { prefix: '/r/90/', mode: 'rotate', degrees: 90 },
      { prefix: '/r/270/', mode: 'rotate', degrees: 270 },
    ])
    const both = readOne(
      'location ~ ^/r/(\\d+)x(\\d+)/(.*)$ { alias /srv/$3; image_filter resize $1 $2; image_filter rotate 180; }',
    )
    expect(both.config.dialects).toMatchObject([{ prefix: '/r/', mode: 'rotate', degrees: 180 }])
  })

  test('carries Cache-Control and the largest original, and names what changes the look', () => {
    const { config, notes } = readOne(
      'location ~ ^/t/(\\d+)x(\\d+)/(.*) { alias /srv/$3; image_filter resize $1 $2; image_filter_buffer 20M; expires 1h 30m; image_filter_sharpen 5; error_page 415 = /e; allow 10.0.0.0/8; }',
      'image_filter_jpeg_quality $q;',
    )
    expect(config).toMatchObject({
      cacheControl: 'public, max-age=5400',
      limits: { sourceBytes: 20 * 1024 * 1024 },
      dialects: [{ quality: 75 }],
    })
    for (const says of ['jpeg_quality $q', 'sharpen', 'serve.placeholder', 'allow is not carried over'])
      expect(notes.join('\n')).toContain(says)
  })

  test('of the same URLs twice, for http and https, is one dialect', () => {
    const location = 'location ~ ^/t/(\\d+)x(\\d+)/(.*) { alias /srv/$3; image_filter MODE $1 $2; }'
    const same = migrateNginx(
      parseNginx(
        `server { ${location.replace('MODE', 'crop')} } server { ${location.replace('MODE', 'crop')} }`,
      ),
    )
    expect(same.config.dialects).toHaveLength(1)
    const other = migrateNginx(
      parseNginx(
        `server { ${location.replace('MODE', 'crop')} } server { ${location.replace('MODE', 'resize')} }`,
      ),
    )
    expect(other.config.dialects).toMatchObject([{ mode: 'crop' }])
    expect(other.notes.join('\n')).toContain('has the same URLs, but other options')
  })

  test('answers the URLs that were signed for it', () => {
    const uri = '/t/300x200/photo.jpg'
    const key = secureLink(uri)
    const read = open(migrateNginx(parseNginx(NGINX))).flatMap(
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
    sizes: {
      small: {
        width: 30,
        height: 20,
        fit: 'clip',
        blur: 1,
        quality: 70,
        formats: ['avif', 'webp', 'original'],
      },
    },
  })
  expect(migration.notes.join('\n')).toMatch(/wildcard[\s\S]*ENABLE_VIDEO_THUMBNAILS/)
  const [dialect] = open(migrateImgproxy('IMGPROXY_PATH_PREFIX=/i\nIMGPROXY_BASE_URL=local:///'))
  const read = dialect?.read({ rawPath: '/i/_/w:5/plain/a.jpg', query: '', now: 0 })
  expect(read?.kind === 'variant' && formatTransform(read.transform)).toBe('5w.q80')
})

test.each<[string, string]>([
  [
    'an .env',
    'NOTHING\n# IMGPROXY_KEY=00\nexport IMGPROXY_KEY="aa" # key\nIMGPROXY_SALT = bb\nIMGPROXY_PRESETS=a=w:5,b=h:5\n',
  ],
  [
    'Docker Compose',
    'environment:\n  IMGPROXY_KEY: aa\n  IMGPROXY_SALT: "bb"\n  IMGPROXY_PRESETS: a=w:5,b=h:5\n  # IMGPROXY_QUALITY: 5\n',
  ],
  [
    'a list of Docker Compose',
    'environment:\n  - IMGPROXY_KEY=aa\n  - "IMGPROXY_SALT=bb"\n  - \'IMGPROXY_PRESETS=a=w:5,b=h:5\'\n',
  ],
  [
    'Kubernetes',
    'env:\r\n- name: IMGPROXY_KEY\r\n  value: "aa"\r\n- name: IMGPROXY_SALT\r\n  value: bb\r\n- name: IMGPROXY_PRESETS\r\n  value: a=w:5,b=h:5\r\n',
  ],
  [
    'JSON',
    '{ "env": {\n  "IMGPROXY_KEY": "aa",\n  "IMGPROXY_SALT": "bb",\n  "IMGPROXY_PRESETS": "a=w:5,b=h:5"\n} }',
  ],
  [
    'ECS',
    '{ "environment": [\n  { "name": "IMGPROXY_KEY", "value": "aa" }, {"name":"IMGPROXY_SALT","value":"bb"},\n  {\n    "name": "IMGPROXY_PRESETS",\n    "value": "a=w:5,b=h:5"\n  }\n] }',
  ],
  [
    'a list of Kubernetes in one line each',
    'env:\n- { name: IMGPROXY_KEY, value: "aa" }\n- {name: IMGPROXY_SALT, value: bb}\n- { "name": "IMGPROXY_PRESETS", "value": "a=w:5,b=h:5" }\n',
  ],
  ['a Dockerfile', 'FROM x\nENV IMGPROXY_KEY=aa\nENV IMGPROXY_SALT bb\nENV IMGPROXY_PRESETS="a=w:5,b=h:5"\n'],
  [
    'a command',
    'docker run \\\n  -e IMGPROXY_KEY=aa \\\n  --env IMGPROXY_SALT=bb \\\n  -e IMGPROXY_PRESETS=a=w:5,b=h:5 \\\n  imgproxy',
  ],
])("imgproxy's variables are read from %s", (_, text) => {
  expect(migrateImgproxy(text).config.dialects).toEqual([
    { type: 'imgproxy', key: ['aa'], salt: ['bb'], presets: { a: 'w:5', b: 'h:5' }, quality: 80 },
  ])
})

test.each([
  ['ECS', '{ "secrets": [\n{ "name": "IMGPROXY_KEY", "valueFrom": "arn:aws:ssm:x" }] }', 2],
  [
    'Kubernetes',
    'env:\n  # IMGPROXY_SALT: x\n  - name: IMGPROXY_KEY\n    valueFrom:\n      secretKeyRef: { name: x }\n',
    3,
  ],
])('a key that %s takes from elsewhere is said to be missing', (_, text, line) => {
  const { notes } = migrateImgproxy(`${text}\nIMGPROXY_BASE_URL=\n`)
  expect(notes.filter((note) => note.includes(': line '))).toEqual([
    `ATTENTION: line ${line}: the value of IMGPROXY_KEY does not stand there: add it by hand.`,
  ])
})

test('a file without variables of imgproxy is said to be none', () => {
  expect(migrateImgproxy('services:\n  web:\n    image: nginx\n').notes[0]).toContain(
    'ATTENTION: no variable',
  )
})

test('imgproxy may allow a host that begins as a scheme does, which is none', () => {
  const { notes } = migrateImgproxy(
    'IMGPROXY_KEY=aa\nIMGPROXY_SALT=bb\nIMGPROXY_ALLOWED_SOURCES=localhost:8080',
  )
  expect(notes[0]).toBe('localhost:8080: originals are read from folders, s3:// and https:// only.')
})

test.each(['local', 'local://', 'local:///', 's3,local'])(
  'imgproxy may allow sources by the beginning of a scheme: %s',
  (allowed) => {
    const { config, notes } = migrateImgproxy(
      `IMGPROXY_KEY=aa\nIMGPROXY_SALT=bb\nIMGPROXY_LOCAL_FILESYSTEM_ROOT=/srv\nIMGPROXY_ALLOWED_SOURCES=${allowed}`,
    )
    expect(config.source).toBe('/srv')
    expect(notes).toEqual(allowed.includes('s3') ? ['s3 of IMGPROXY_ALLOWED_SOURCES names no bucket.'] : [])
  },
)

describe("imgproxy's presets", () => {
  /** What a URL with the preset alone is answered from, and what build makes ahead. */
  const compare = (migration: Migration, name: string) => {
    const config = resolveConfig({ source: './in', output: './out', ...migration.config }, { root: '/site' })
    const [dialect] = openDialects(config)
    const accepts = [undefined, 'image/webp', 'image/avif,image/webp'] as const
    const asked = accepts.flatMap((accept) => {
      const request = { rawPath: `/_/pr:${name}/plain/a.jpg`, query: '', now: 0, ...(accept && { accept }) }
      const read = dialect?.read(request)
      return read?.kind === 'variant' ? [`${formatTransform(read.transform)} ${read.format}`] : []
    })
    const made = createExpectation({ ...config, toMatcher: compileMatch })
      .of('a.jpg' as SourceKey)
      .map(({ transformText, format }) => `${transformText} ${format}`)
    return { asked: [...new Set(asked)], made }
  }

  test.each(
    words(`
    rs:fit:300:200 rs:fill:150:100/g:sm/q:60 rs:fill-down:150:100/g:fp:0.3:0.5 w:640 h:100/el:1
    rs:fit:300:200/ex:1:no/bg:ff0000 rs:force:10:20/sh:0.7 rs:auto:40:30/rot:90 c:100:0.5/w:50 q:33
    w:200/f:jpg/mb:20480 w:20/pd:5:6/pix:3/t:10 w:500/fq:avif:50:webp:60
  `),
  )('become sizes, whose results are what their URLs are answered from: %s', (preset) => {
    const text = `IMGPROXY_BASE_URL=local:///\nIMGPROXY_AUTO_WEBP=1\nIMGPROXY_AUTO_AVIF=1\nIMGPROXY_LOCAL_FILESYSTEM_ROOT=/in\nIMGPROXY_PRESETS=default=el:0,some one=${preset}`
    const migration = migrateImgproxy(text.replace('some one', 'some.one'))
    expect(Object.keys(migration.config.sizes ?? {})[0]).toBe('some-one')
    const { asked, made } = compare(migration, 'some.one')
    expect(asked.length).toBeGreaterThan(0)
    expect(made).toEqual(expect.arrayContaining(asked))
    expect(made).toHaveLength(asked.length)
  })

  test('that no size can say are named', () => {
    const { config, notes } = migrateImgproxy('IMGPROXY_PRESETS=dense=rs:fill:63:50/dpr:2,plain=w:5')
    expect(Object.keys(config.sizes ?? {})).toEqual(['plain'])
    expect(notes.join('\n')).toContain('their results are made on demand: dense')
  })
})

test("imgproxy's answers by Accept went to shared caches: that, and the next steps, are said", async () => {
  const { notes, offers } = migrateImgproxy('IMGPROXY_AUTO_WEBP=1\nIMGPROXY_TTL=31536000')
  expect(notes.join('\n')).toMatch(/private, max-age=86400.*imgproxy said "public, max-age=31536000"/)
  expect(offers).toEqual([
    "serve: { autoCacheControl: 'public, max-age=31536000' }, where the CDN in front heeds Vary: Accept",
  ])
  expect(migrateImgproxy('IMGPROXY_TTL=31536000').offers).toEqual([])
  const cwd = await makeFolder()
  await writeText(join(cwd, 'env'), 'IMGPROXY_AUTO_WEBP=1\nIMGPROXY_PRESETS=a=w:5\n')
  const { stdout, stderr } = await run(['migrate', '--imgproxy-env', 'env'], { cwd })
  expect(stdout).toContain('// serve: { autoCacheControl:')
  expect(stdout).not.toContain('// sizes:')
  expect(stderr).toMatch(
    /Next: [\s\S]*imgsizes init[\s\S]*imgsizes build[\s\S]*imgsizes warm[\s\S]*imgsizes serve/,
  )
  await writeText(join(cwd, 'imgsizes.config.ts'), stdout)
  expect((await run(['init'], { cwd })).stdout).toContain('wrote a random IMGSIZES_SECRET')
  expect((await run(['url', 'cat.jpg', '--size', 'a'], { cwd })).stdout).toContain('cat.jpg/5w')
})

describe("imgproxy's environment", () => {
  const read = (text: string, presets?: string) => migrateImgproxy(text.replace(/^ +/gm, ''), presets)
  const presetsOf = ({ dialects: [dialect] }: Migration['config']) =>
    dialect?.type === 'imgproxy' ? (dialect.presets ?? {}) : {}

  test('names its buckets, its presets and its qualities', () => {
    const { config, notes } = read(
      `IMGPROXY_KEY=aa
       IMGPROXY_SALT=bb
       IMGPROXY_USE_S3=1
       IMGPROXY_S3_ENDPOINT=http://minio:9000
       IMGPROXY_S3_ALLOWED_BUCKETS=media,shop
       IMGPROXY_ALLOWED_SOURCES=s3://,local:///a/
       IMGPROXY_FORMAT_QUALITY=jpeg=70,avif=60,jxl=50
       IMGPROXY_PRESETS_PATH=presets
       IMGPROXY_PRESETS=default=el:0`,
      '# ours\nthumb = rs:fill:9:9\nraw=raw:1\nboth=pr:thumb/zz:1\n',
    )
    expect(config).toMatchObject({
      source: {
        source1: 's3://media?endpoint=http%3A%2F%2Fminio%3A9000&forcePathStyle=true',
        source2: 's3://shop?endpoint=http%3A%2F%2Fminio%3A9000&forcePathStyle=true',
      },
      // AVIF 60 is what looks like our 80.
      dialects: [{ presets: { default: 'fq:jpeg:70:avif:80/el:0', thumb: 'rs:fill:9:9' } }],
    })
    expect(Object.keys(presetsOf(config))).toEqual(['thumb', 'default'])
    for (const says of [
      's3:// of',
      'jxl=50',
      'Preset raw: no key can hold raw:1',
      'Preset both: no key can hold zz:1',
    ])
      expect(notes.join('\n')).toContain(says)
    expect(checkMigration({ config, notes }, '/site')).toEqual([])
  })

  test('keeps a default preset that no key can hold, for somebody to put right', () => {
    const migration = read(
      'IMGPROXY_KEY=aa\nIMGPROXY_SALT=bb\nIMGPROXY_PRESETS=default=zz:1/w:5,a=pr:a/w:5,b=w:5/mw:5,c=pr:b',
    )
    expect(presetsOf(migration.config)).toEqual({ default: 'zz:1/w:5', a: 'pr:a/w:5' })
    const told = migration.notes.join('\n')
    expect(told).toMatch(/Preset default: no key can hold zz:1; until that is taken out, every URL is 404/)
    expect(told).toMatch(/Preset b: no key can hold mw:5; .*Left out[\s\S]*Preset c: no key can hold pr:b/)
    expect(checkMigration(migration, '/site')).toEqual([
      expect.stringMatching(/^To be put right: dialects\[0\]\.presets\.default: .*"zz"/),
    ])
  })

  test('has no numbers that are out of range, and says so', () => {
    const settings = [
      'QUALITY=0',
      'QUALITY=101',
      'QUALITY=7.5',
      'SIGNATURE_SIZE=33',
      'FORMAT_QUALITY=jpg=0,webp=101',
    ]
    for (const setting of settings)
      expect(read(`IMGPROXY_${setting}`).notes.join('\n')).toMatch(
        /left out: (?:it is )?no whole number 1\.\./,
      )
    const { config, notes } = read(
      'IMGPROXY_QUALITY=1\nIMGPROXY_SIGNATURE_SIZE=1\nIMGPROXY_FORMAT_QUALITY=jpg=1,webp=100',
    )
    expect(config.dialects).toMatchObject([
      { quality: 1, signatureSize: 1, presets: { default: 'fq:jpg:1:webp:100' } },
    ])
    expect(read('IMGPROXY_QUALITY=100').config.dialects).toMatchObject([{ quality: 100 }])
    expect(notes.join('\n')).not.toContain('left out')
  })

  test('is not told where it says what is done here', () => {
    const told = (text: string) =>
      read(text).notes.filter((note) => note.includes(text.split('=', 1)[0] ?? ''))
    for (const [name, same, other] of [
      ['JPEG_PROGRESSIVE', '0', '1'],
      ['AUTO_ROTATE', 'true', 'false'],
      ['SANITIZE_SVG', '1', '0'],
      ['ENABLE_CLIENT_HINTS', 'f', 't'],
      ['IGNORE_SSL_VERIFICATION', '0', '1'],
    ])
      expect([told(`IMGPROXY_${name}=${same}`).length, told(`IMGPROXY_${name}=${other}`).length]).toEqual([
        0, 1,
      ])
  })

  test('has its originals under its base URL, where nothing else is said', () => {
    expect(read('IMGPROXY_BASE_URL=https://a.example.com/media').config).toMatchObject({
      source: 'https://a.example.com/media',
      dialects: [{ unsigned: true, baseUrl: 'https://a.example.com/media' }],
    })
    expect(
      read('IMGPROXY_ALLOW_PRIVATE_SOURCE_ADDRESSES=true\nIMGPROXY_ALLOWED_SOURCES=https://a.test/').config
        .source,
    ).toEqual({
      uri: 'https://a.test/',
      allowPrivate: true,
    })
    const within = 'IMGPROXY_BASE_URL=https://a.test/b/\nIMGPROXY_ALLOWED_SOURCES=https://a.test/'
    expect(read(`${within}\nIMGPROXY_ONLY_PRESETS=1`).config).toMatchObject({
      source: 'https://a.test/',
      dialects: [{ onlyPresets: true }],
    })
    const none = read('IMGPROXY_LOCAL_FILESYSTEM_ROOT=/srv')
    expect(none.notes.join('\n')).toMatch(/KEY is not set[\s\S]*ALLOWED_SOURCES is not set/)
  })

  test('keeps animations, maps what serve is told, and explains the rest', () => {
    const { config, notes } = read(
      `IMGPROXY_MAX_ANIMATION_FRAMES=1
       IMGPROXY_ALLOW_ORIGIN=https://a.example
       IMGPROXY_FALLBACK_IMAGE_PATH=f.png
       IMGPROXY_REQUESTS_QUEUE_SIZE=50
       IMGPROXY_WORKERS=4
       IMGPROXY_SECRET=of-ours
       IMGPROXY_USE_ETAG=1
       IMGPROXY_ENFORCE_WEBP=1
       IMGPROXY_WATERMARK_OPACITY=0.5
       IMGPROXY_WATERMARK_PATH=w.png`,
    )
    expect(config).toMatchObject({
      serve: { cors: 'https://a.example', placeholder: 'f.png', queue: { length: 50 } },
      watermark: { file: 'w.png', opacity: 0.5 },
      dialects: [{ autoFormat: ['webp'] }],
    })
    expect(config).not.toHaveProperty('limits')
    const told = notes.join('\n')
    for (const says of ['limits.frames', '--concurrency', 'Authorization', 'ENFORCE_WEBP', 'wm:0.5'])
      expect(told).toContain(says)
    expect(told).not.toMatch(/of-ours|USE_ETAG/)
  })

  test('that is wrong is told, and no key is shown', () => {
    const migration = read('IMGPROXY_KEY=not-hex\nIMGPROXY_SALT=aa,bb')
    const told = checkMigration(migration, '/site').join('\n')
    expect(told).toMatch(/To be put right: dialects/)
    expect(told).not.toContain('not-hex')
  })

  test.each([
    ['QUALITY=abc', '1..100'],
    ['QUALITY=0', '1..100'],
    ['QUALITY=900', '1..100'],
    ['QUALITY=7.5', '1..100'],
    ['SIGNATURE_SIZE=33', '1..32'],
    ['SIGNATURE_SIZE=x', '1..32'],
    ['MAX_SRC_RESOLUTION=much', 'from 0.000001'],
    ['MAX_SRC_RESOLUTION=0', 'from 0.000001'],
    ['MAX_SRC_FILE_SIZE=10M', 'from 1'],
    ['MAX_SRC_FILE_SIZE=0', 'from 1'],
    ['DOWNLOAD_TIMEOUT=1e9', '1..2147483'],
    ['TTL=-5', 'from 1'],
    ['REQUESTS_QUEUE_SIZE=200000', '1..100000'],
    ['WATERMARK_OPACITY=2', '0.000001..1'],
  ])('leaves out a number that is none, or out of range, and says so: %s', (line, range) => {
    const around = 'IMGPROXY_KEY=aa\nIMGPROXY_SALT=bb\nIMGPROXY_LOCAL_FILESYSTEM_ROOT=/srv\n'
    const migration = read(`${around}IMGPROXY_${line}`)
    expect(migration.notes).toContainEqual(
      expect.stringMatching(new RegExp(`^IMGPROXY_${line} is left out: .*number ${range}\\.$`)),
    )
    const [without, withOne] = [read(around).config, migration.config]
    const { quality, ...dialect } = without.dialects[0] ?? {}
    const isQuality = line.startsWith('QUALITY')
    expect(withOne).toEqual({ ...without, dialects: [{ ...dialect, ...(!isQuality && { quality }) }] })
    expect(checkMigration(migration, '/site')).toEqual([])
  })

  test('leaves out a quality of a format that is none', () => {
    const { config, notes } = read('IMGPROXY_FORMAT_QUALITY=jpeg=0,webp=abc,png=101,gif=70')
    expect(config.dialects).toMatchObject([{ presets: { default: 'fq:gif:70' } }])
    for (const pair of ['jpeg=0', 'webp=abc', 'png=101'])
      expect(notes).toContain(`${pair} of IMGPROXY_FORMAT_QUALITY: left out: no whole number 1..100.`)
  })
})

test('includes are read where they stand, by name and by glob, and one that is not there is named', async () => {
  const folder = await makeFolder()
  await writeText(
    join(folder, 'nginx.conf'),
    'http { include mime.types; include sites-enabled/*; include none.conf; }',
  )
  await writeText(
    join(folder, 'sites-enabled/b'),
    'server { location ~ ^/t/(\\d+)x(\\d+)/(.*) { include snippets/secret.conf; alias /srv/$3; image_filter crop $1 $2; } }',
  )
  await writeText(
    join(folder, 'snippets/secret.conf'),
    'secure_link $arg_k; secure_link_md5 "$uri abc"; include snippets/secret.conf;',
  )
  for (const file of ['nginx.conf', 'sites-enabled/b']) {
    const { code, stdout, stderr } = await run(['migrate', file], { cwd: folder })
    expect([file, code]).toEqual([file, 0])
    expect(stdout).toContain('secret: "abc"')
    expect(stderr.includes('include none.conf')).toBe(file === 'nginx.conf')
    expect(stderr).not.toContain('mime.types')
  }
})

test('the command prints a configuration that another command can use', async () => {
  const folder = await makeFolder()
  const text = NGINX.replace('proxy_pass https://originals.example.com/', 'alias /srv/photos/')
  await writeText(join(folder, 'nginx.conf'), text)
  const { code, stdout, stderr } = await run(['migrate', 'nginx.conf'], { cwd: folder })
  expect([code, stderr.includes('~ \\.jpg$')]).toEqual([0, true])
  expect(stdout).toContain("import { defineConfig } from 'imgsizes'")
  expect(stdout.trim()).toBe(formatMigration(migrateNginx(parseNginx(text))).trim())
  await writeText(join(folder, 'imgsizes.config.ts'), stdout)
  const env = { IMGSIZES_SECRET: 'correct-horse-battery-staple' }
  const url = await run(['url', 'a.jpg', '--transform', '5w.q80'], { cwd: folder, env })
  expect([url.code, url.stderr]).toEqual([
    0,
    expect.stringMatching(/^note: The source folder \/srv\/photos cannot be read/),
  ])
  expect((await run(['migrate'], { cwd: folder })).code).toBe(2)
  expect((await run(['migrate', 'none.conf'], { cwd: folder })).code).toBe(1)
})
