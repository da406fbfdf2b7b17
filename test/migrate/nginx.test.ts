import { describe, expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/resolve.ts'
import { migrateNginx } from '../../src/migrate/from-nginx.ts'
import { checkMigration, type Migration } from '../../src/migrate/migration.ts'
import { parseNginx } from '../../src/migrate/nginx-blocks.ts'
import { openDialects } from '../../src/wire/dialects.ts'
import { secureLink } from '../support/foreign-urls.ts'

/** What stands around the locations that resize, and in front of them. */

const migrate = (text: string): Migration => migrateNginx(parseNginx(text))

const T = '~ ^/t/(\\d+)x(\\d+)/(.+)$'
const SIGNED = 'secure_link $arg_key; secure_link_md5 "$uri secret"; if ($secure_link = "") { return 404; }'
const SHOWS = 'alias /srv/$3; image_filter resize $1 $2;'

describe('rules of the blocks around', () => {
  test('are named, each once for each server that they hold in', () => {
    const { notes, config } = migrate(`http {
      limit_req zone=all; client_max_body_size 1m;
      limit_req_zone $binary_remote_addr zone=all:10m rate=10r/s;
      server {
        listen 443 ssl; server_name img.example.com www.example.com;
        allow 10.0.0.0/8; deny all; auth_basic "private"; auth_basic_user_file /etc/htpasswd;
        valid_referers none *.example.com; if ($invalid_referer) { return 403; }
        error_page 404 415 /empty.gif; rewrite ^/old/(.*)$ /t/300x200/$1 last; add_header X-Foo bar;
        location ${T} { ${SIGNED} ${SHOWS} }
        location ~ ^/c/(\\d+)x(\\d+)/(.+)$ { ${SIGNED} alias /srv/$3; image_filter crop $1 $2; }
      }
      server { listen 81; deny all; location / { root /srv; } }
    }`)
    expect(config.dialects).toHaveLength(2)
    const meanings = [
      ['allow', 'whom it kept out is let in here'],
      ['deny', 'whom it kept out is let in here'],
      ['auth_basic', 'whom it kept out is let in here'],
      ['valid_referers', 'other sites may show these pictures'],
      ['if ($invalid_referer)', undefined],
      ['error_page', 'say serve.placeholder for a picture in place of errors, whose status stays what it is'],
      ['rewrite ^/old/(.*)$', 'URLs of that form are not answered'],
    ] as const
    expect(notes.filter((note) => !note.includes('add_header'))).toEqual([
      ...meanings.map(
        ([what, meaning]) =>
          `server img.example.com: ${what} is not carried over${meaning === undefined ? '' : `: ${meaning}`}.`,
      ),
      'http: limit_req is not carried over: serve.queue bounds what waits to be rendered, and not what one visitor asks for.',
    ])
  })

  test('do not hold where a location, or a nearer block, says so itself', () => {
    const { notes } = migrate(`http { error_page 404 /a; deny 10.0.0.1; auth_basic x; limit_conn c 5;
      server { server_name a; error_page 404 /b;
        location /pictures/ {
          rewrite ^/x$ /y last; allow all;
          location ${T.replace('/t', '/pictures')} { ${SIGNED} ${SHOWS} auth_basic off; limit_conn c 9; }
        }
      } }`)
    expect(notes).toEqual([
      expect.stringMatching(/^location ~ .*: limit_conn is not carried over: /),
      'location /pictures/: allow is not carried over: whom it kept out is let in here.',
      expect.stringMatching(/^server a: error_page is not carried over: /),
    ])
  })

  test('are named where a file is a part of a larger one', () => {
    const { notes } = migrate(`deny all; location ${T} { ${SIGNED} ${SHOWS} }`)
    expect(notes).toEqual(['the top of the file: deny is not carried over: whom it kept out is let in here.'])
  })

  test('are not those that look whether a signature holds, by map too', () => {
    const { notes } = migrate(`http { map $secure_link $ok { default 0; 1 1; }
      server { if ($ok = 0) { return 403; } location ${T} { ${SIGNED} ${SHOWS} if ($ok != 1) { return 404; } } } }`)
    expect(notes).toEqual([])
  })
})

describe('a location that not everybody could ask for', () => {
  test.each([
    ['allow 127.0.0.1; deny all;', ''],
    ['', 'allow 127.0.0.1; deny all;'],
    ['auth_basic x;', ''],
    ['auth_request /auth;', ''],
    ['listen 127.0.0.1:81; listen unix:/run/i.sock;', ''],
  ])('is loudly named where it would be open: server { %s location { %s } }', (server, location) => {
    const { notes, config } = migrate(`server { ${server} location ${T} { ${location} ${SHOWS} } }`)
    expect(config.dialects).toMatchObject([{ unsigned: true }])
    expect(notes[0]).toMatch(
      /^ATTENTION: location ~ .*: it has no secure_link, but not everybody could reach it\. unsigned/,
    )
  })

  test.each(['', 'listen 80; listen 127.0.0.1:81;', 'auth_basic off;'])(
    'is not one that all could: server { %s }',
    (server) => {
      const { notes } = migrate(`server { ${server} location ${T} { ${SHOWS} } }`)
      expect(notes.join('\n')).not.toContain('ATTENTION')
      expect(notes.join('\n')).toContain('it has no secure_link')
    },
  )
})

describe('a resizer behind another server', () => {
  const BACK = `server { listen 127.0.0.1:9001; allow 127.0.0.1; deny all; location ~ ^/in/(\\d+)x(\\d+)/(.+)$ { ${SHOWS} } }`

  /** What a URL shows as the migrated configuration has it. */
  const show = ({ config }: Migration, uri: string, query = `key=${secureLink(uri)}`) =>
    openDialects(resolveConfig({ source: './o', output: './i', ...config }, { root: '/site' }))
      .map((dialect) => dialect.read({ rawPath: uri, query, now: 0 }))
      .find((reading) => reading !== undefined)

  test.each([
    [`location ${T} { ${SIGNED} rewrite ^/t/(.*)$ /in/$1 break; proxy_pass http://127.0.0.1:9001; }`],
    [`location /t/ { ${SIGNED} proxy_pass http://127.0.0.1:9001/in/; }`],
    [`location /t/ { ${SIGNED} rewrite ^/t/(.*) /in/$1 break; proxy_pass http://resizer/ignored/; }`],
    [`location ${T} { ${SIGNED} proxy_pass http://resizer/in/$1x$2/$3$is_args$args; }`],
    [
      `location ~ ^/t/(?<w>\\d+)x(?<h>\\d+)/(?<p>.+)$ { ${SIGNED} proxy_pass http://$somewhere/in/\${w}x\${h}/$p; }`,
    ],
    [
      `location /t/ { ${SIGNED} rewrite ^/t/(\\d+)x(\\d+)/(.*)$ /in/$1x$2/$3 break; proxy_pass http://127.0.0.1:9001; }`,
    ],
    [`location / { ${SIGNED} rewrite ^/t/(.*)$ /in/$1 break; proxy_pass http://127.0.0.1:9001; }`],
  ])('is asked for as its front is: %s', (front) => {
    const migration = migrate(
      `http { upstream resizer { server 127.0.0.1:9001; } server { listen 80; server_name a; ${front} } ${BACK} }`,
    )
    expect(migration.config.dialects).toEqual([
      { type: 'nginx', prefix: '/t/', secret: 'secret', arg: 'key', mode: 'resize', quality: 75 },
    ])
    expect(show(migration, '/t/300x200/a.jpg')).toMatchObject({ kind: 'variant', source: 'a.jpg' })
    expect(show(migration, '/t/300x200/a.jpg', 'key=wrong')?.kind).toBe('refused')
    expect(show(migration, '/in/300x200/a.jpg')).toBeUndefined()
    const told = migration.notes.join('\n')
    expect(told).toMatch(/signed as location [\s\S]*visitors ask for \/t\/…, by location /)
    // Who is kept out of the server behind is no visitor.
    expect(told).not.toMatch(/deny|ATTENTION|secure_link is not/)
    expect(checkMigration(migration, '/site')).toEqual([])
  })

  test('may keep visitors out itself', () => {
    const { notes } =
      migrate(`http { server { listen 80; location /t/ { ${SIGNED} proxy_pass http://127.0.0.1:81; deny 10.0.0.1; } }
      server { listen 81; location ${T} { allow 127.0.0.1; deny all; ${SHOWS} } } }`)
    expect(notes.filter((note) => note.includes('is not carried over'))).toEqual([
      'location /t/: deny is not carried over: whom it kept out is let in here.',
    ])
  })

  test('in the same server is followed, internal or not', () => {
    const migration = migrate(`server {
      location /t/ { ${SIGNED} rewrite ^/t/(.*)$ /in/$1 last; }
      location ~ ^/in/(\\d+)x(\\d+)/(.+)$ { internal; ${SHOWS} }
    }`)
    expect(migration.config.dialects).toMatchObject([{ prefix: '/t/', secret: 'secret' }])
    const other = migrate(`server { location /t/ { ${SIGNED} rewrite ^/t/(.*)$ /in/$1 last; } }
      server { location ~ ^/in/(\\d+)x(\\d+)/(.+)$ { internal; ${SHOWS} } }`)
    expect(other.config.dialects).toEqual([])
    expect(other.notes.join('\n')).toContain('what leads to it could not be followed. Left out.')
  })

  test('has a dialect for each way to it, and is open only where its front is', () => {
    const { config, notes } = migrate(`http { server { listen 80; deny 10.0.0.1;
      location /t/ { ${SIGNED} proxy_pass http://127.0.0.1:9001/in/; }
      location /open/ { proxy_pass http://127.0.0.1:9001/in/; }
    } ${BACK} }`)
    expect(config.dialects).toMatchObject([
      { prefix: '/t/', secret: 'secret' },
      { prefix: '/open/', unsigned: true },
    ])
    expect(notes.join('\n')).toMatch(
      /ATTENTION: location \/open\/: [\s\S]*server 80: deny is not carried over/,
    )
  })

  test('is closed where one of two fronts of the same URLs is', () => {
    const { config } = migrate(`http { server { listen 80;
      location ^~ /t/ { proxy_pass http://127.0.0.1:9001/in/; }
      location ~ ^/(.*)$ { ${SIGNED} rewrite ^/t/(.*)$ /in/$1 break; proxy_pass http://127.0.0.1:9001; }
    } ${BACK} }`)
    expect(config.dialects).toMatchObject([{ prefix: '/t/', secret: 'secret' }])
  })

  test.each([
    ['another port', 'location /t/ { SIGNED proxy_pass http://127.0.0.1:9002/in/; }'],
    ['a URL of another form', 'location /t/ { SIGNED proxy_pass http://127.0.0.1:9001/other/; }'],
    ['nobody knows where, unsigned', 'location /t/ { proxy_pass http://app/in/; }'],
    ['a redirect', 'location /t/ { SIGNED rewrite ^/t/(.*)$ /in/$1 permanent; }'],
    [
      'what is not understood',
      'location /t/ { SIGNED rewrite ^/t/a(.*)b$ /in/$1 break; proxy_pass http://127.0.0.1:9001; }',
    ],
  ])('is not behind what leads to %s', (_, front) => {
    const { config, notes } = migrate(
      `http { server { listen 80; ${front.replace('SIGNED', SIGNED)} } ${BACK} }`,
    )
    expect(config.dialects).toMatchObject([{ prefix: '/in/', unsigned: true }])
    expect(notes.join('\n')).toMatch(/ATTENTION/)
  })

  test('whose front checks what it has rewritten is left out, and so is one that does so itself', () => {
    for (const { config, notes } of [
      migrate(`http { server { listen 80; location /t/ {
        rewrite ^/t/(.*)$ /in/$1 break; ${SIGNED} proxy_pass http://127.0.0.1:9001; } } ${BACK} }`),
      migrate(`server { location ${T} {
        rewrite ^/t/[^/]+/(.*)$ /$1; ${SIGNED} root /srv; image_filter resize $1 $2; } }`),
    ]) {
      expect(config.dialects).toEqual([])
      expect(notes.join('\n')).toContain('before any rewrite, can be checked; left out')
    }
  })
})

describe('headers', () => {
  /** One signed location, with `server` around it. */
  const readOne = (location: string, server = '') =>
    migrate(`server { server_name a; ${server} location ${T} { ${SIGNED} ${SHOWS} ${location} } }`)

  test.each([
    ['expires 30d; add_header Cache-Control "public";', 'public, max-age=2592000'],
    ['add_header Cache-Control public; expires max;', 'public, max-age=315360000'],
    [
      'expires 1h; add_header cache-control "public, max-age=60, immutable" always;',
      'public, immutable, max-age=3600',
    ],
    ['expires 1h;', 'public, max-age=3600'],
    ['expires off; add_header Cache-Control "public, max-age=60";', 'public, max-age=60'],
    ['expires -1; add_header Cache-Control no-store;', 'no-store, no-cache'],
    ['expires epoch;', 'no-cache'],
    ['expires $age; add_header Cache-Control $cc;', undefined],
  ])('of caching are both said: %s', (location, cacheControl) => {
    const { config, notes } = readOne(location)
    expect(config.cacheControl).toBe(cacheControl)
    const isVariable = location.includes('$cc')
    expect(notes.join('\n').includes('add_header Cache-Control is not carried over')).toBe(isVariable)
  })

  test.each([
    ['add_header Access-Control-Allow-Origin *;', '*', []],
    ['add_header Access-Control-Allow-Origin "https://a.example" always;', 'https://a.example', []],
    ['add_header Access-Control-Allow-Origin $http_origin;', undefined, ['Access-Control-Allow-Origin']],
    [
      'add_header Access-Control-Allow-Origin "https://*.a.example";',
      undefined,
      ['Access-Control-Allow-Origin'],
    ],
    [
      'add_header X-Foo bar; add_header X-Content-Type-Options nosniff; add_header Timing-Allow-Origin *;',
      undefined,
      ['X-Foo', 'Timing-Allow-Origin'],
    ],
  ])(
    'of who may read are serve.cors where they can be, and others are named: %s',
    (location, cors, named) => {
      const migration = readOne(location)
      expect(migration.config.serve).toEqual(cors === undefined ? undefined : { cors })
      const told = migration.notes.flatMap(
        (note) => /: add_header (\S+) is not carried over/.exec(note)?.[1] ?? [],
      )
      expect(told).toEqual(named)
      expect(checkMigration(migration, '/site')).toEqual([])
    },
  )

  test('around a location are its own where it adds none, and named once for their block', () => {
    const around =
      'add_header Access-Control-Allow-Origin *; add_header X-Foo bar; add_header Cache-Control public;'
    const inherited = readOne('', around)
    expect(inherited.config).toMatchObject({ cacheControl: 'public', serve: { cors: '*' } })
    expect(inherited.notes).toEqual(['server a: add_header X-Foo is not carried over.'])
    const replaced = readOne('add_header Cache-Control no-cache;', around)
    expect(replaced.config.cacheControl).toBe('no-cache')
    expect([replaced.config.serve, replaced.notes]).toEqual([undefined, []])
  })

  test('of a front that signatures are checked in are what visitors see', () => {
    const { config, notes } = migrate(`
      server { listen 80; location /t/ { ${SIGNED} proxy_pass http://127.0.0.1:81;
        expires 30d; add_header Access-Control-Allow-Origin https://a.example; add_header X-Front 1; } }
      server { listen 81; location ${T} { ${SHOWS} expires 1h; add_header Access-Control-Allow-Origin *; add_header X-Back 1; } }`)
    expect(config).toMatchObject({
      cacheControl: 'public, max-age=2592000',
      serve: { cors: 'https://a.example' },
    })
    const told = notes.join('\n')
    expect(told).toMatch(/location \/t\/: add_header X-Front is not carried over/)
    expect(told).toMatch(/location ~ .*: add_header X-Back is not carried over/)
    const back = migrate(`
      server { listen 80; location /t/ { ${SIGNED} proxy_pass http://127.0.0.1:81; } }
      server { listen 81; location ${T} { ${SHOWS} expires 1h; add_header Access-Control-Allow-Origin *; } }`)
    expect(back.config).toMatchObject({ cacheControl: 'public, max-age=3600', serve: { cors: '*' } })
  })

  test('that differ from location to location are one for all', () => {
    const { config, notes } = migrate(`server {
      location ${T} { ${SIGNED} ${SHOWS} expires 1h; add_header Access-Control-Allow-Origin https://a.example; }
      location ~ ^/c/(\\d+)x(\\d+)/(.+)$ { ${SIGNED} alias /srv/$3; image_filter crop $1 $2;
        expires 2h; add_header Access-Control-Allow-Origin https://b.example; }
    }`)
    expect(config).toMatchObject({
      cacheControl: 'public, max-age=3600',
      serve: { cors: ['https://a.example', 'https://b.example'] },
    })
    expect(notes).toEqual([
      'Cache-Control is one for all here: public, max-age=7200 is left out.',
      'Access-Control-Allow-Origin is one for all here: https://a.example, https://b.example.',
    ])
  })
})

describe('URLs that are read as nginx answers them', () => {
  const RESIZE =
    'location ~ ^/resize/(\\d+)/(\\d+)/(.*)$ { internal; alias /srv/$3; image_filter resize $1 $2; }'
  const urlsOf = (text: string) =>
    (migrate(`server { ${text} }`).config.dialects ?? []).map((dialect) =>
      dialect.type === 'nginx'
        ? [dialect.prefix, dialect.form, dialect.width, dialect.height]
            .filter((each) => each !== undefined)
            .join(' ')
        : '',
    )

  test.each([
    [
      'a rewrite of another form',
      `location /img/ { rewrite ^/img/(\\d+)x(\\d+)/(.*)$ /resize/$1/$2/$3 last; } ${RESIZE}`,
      ['/img/'],
    ],
    [
      'the second rewrite of a location, and one in another order',
      `location /img/ { rewrite ^/img/old/(.*)$ /old/$1 last; rewrite ^/img/h(\\d+)-w(\\d+)/(.*)$ /resize/$2/$1/$3 last; } ${RESIZE}`,
      ['/img/ h{height}-w{width}/{path}'],
    ],
    [
      'a rewrite before proxy_pass',
      `location /img/ { rewrite ^/img/(\\d+)_(\\d+)/(.*)$ /resize/$1/$2/$3 break; proxy_pass http://127.0.0.1:81; } }
       server { listen 127.0.0.1:81; ${RESIZE.replace('internal;', '')}`,
      ['/img/ {width}_{height}/{path}'],
    ],
    [
      'what a rewrite has captured',
      'location ~ ^/t/ { rewrite ^/t/(\\d+)x(\\d+)/(.*)$ /$3 break; root /srv; image_filter resize $1 $2; }',
      ['/t/'],
    ],
    [
      'folders by alternatives',
      'location ~ ^/(?:small|thumb/a)/(.*)$ { alias /srv/$1; image_filter resize 150 100; }',
      ['/small/ {path} 150 100', '/thumb/a/ {path} 150 100'],
    ],
    [
      'some sizes alone',
      'location ~ ^/t/(100|200)/(.*)$ { alias /srv/$2; image_filter crop $1 $1; }',
      ['/t/100/ {path} 100 100', '/t/200/ {path} 200 200'],
    ],
    [
      'sizes of any text',
      'location ~ ^/t/([^/]+)x([^/]+)/(.*)$ { alias /srv/$3; image_filter resize $1 $2; }',
      ['/t/'],
    ],
    [
      'an argument by a pattern',
      'location ~ \\.jpg$ { root /srv; set $w -; if ($arg_w ~ ^(\\d+)$) { set $w $1; } image_filter resize $w -; }',
      ['/ {path}?w={width}'],
    ],
  ])('%s', (_, text, urls) => expect(urlsOf(text)).toEqual(urls))

  test('a location in front whose URLs could not be followed is named', () => {
    const other = 'location /x/ { rewrite ^/x/(\\d+)/(.*)$ /resize/$1/$1/$2 last; }'
    const front = 'location /y/ { rewrite ^/y/(\\d+)_(\\d+)/(.*)$ /resize/$1/$2/$3 last; }'
    const { notes } = migrate(`server { ${other} ${front} ${RESIZE} }`)
    expect(notes).toContainEqual(
      expect.stringMatching(/^location \/x\/: how its URLs .* they are not answered/),
    )
  })

  test('lists that would be too many dialects are left out', () => {
    const list = Array.from({ length: 8 }, (_, n) => `d${n}`).join('|')
    expect(
      urlsOf(`location ~ ^/(${list})/(${list})/(.*)$ { alias /srv/$3; image_filter resize 9 9; }`),
    ).toEqual([])
  })

  test('two rewrites that may each have captured the sizes are not read', () =>
    expect(
      urlsOf(
        'location /t/ { rewrite ^/t/(\\d+)/(.*)$ /$2 break; rewrite ^/t/(\\d+)x(\\d+)/(.*)$ /$3 break; root /srv; image_filter resize $1 $2; }',
      ),
    ).toEqual([]))
})
