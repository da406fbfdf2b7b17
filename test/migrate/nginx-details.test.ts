import { describe, expect, test } from 'vitest'
import { migrateNginx } from '../../src/migrate/from-nginx.ts'
import { parseNginx } from '../../src/migrate/nginx-blocks.ts'

/** Details that a fault was planted in, and that nobody noticed. */

const migrate = (text: string) => migrateNginx(parseNginx(text))
const SHOWS = 'alias /srv/$3; image_filter resize $1 $2;'
const T = '~ ^/t/(\\d+)x(\\d+)/(.+)$'
const C = '~ ^/c/(\\d+)x(\\d+)/(.+)$'

const addHeaders = (text: string): readonly string[] =>
  migrate(text).notes.flatMap((note) => /^(.*?): add_header (\S+)/.exec(note)?.slice(1).join(' ') ?? [])

describe('headers of the blocks around', () => {
  test('are named of the nearest block that adds some', () => {
    expect(
      addHeaders(`http { add_header X-A 1; server { server_name a; location ${T} { ${SHOWS} } } }`),
    ).toEqual(['http X-A'])
  })

  test('are not those of a location that adds its own, whatever else it says', () => {
    const own = `http { add_header X-A 1; server { server_name a; location ${T} { ${SHOWS} add_header X-B 2; } } }`
    expect(addHeaders(own).some((each) => each.startsWith('http'))).toBe(false)
  })
})

test('a rule around is named though the first of its locations has its own', () => {
  const { notes } = migrate(`http { deny 10.0.0.1;
    server { server_name a; location ${T} { ${SHOWS} deny all; } location ${C} { ${SHOWS} } } }`)
  expect(notes).toContainEqual(expect.stringMatching(/^http: deny is not carried over/))
})

test('a condition is read where one of its variables is the method of the request', () => {
  const named = (condition: string): boolean =>
    migrate(`server { location ${T} { ${SHOWS} if (${condition}) { return 403; } } }`).notes.some((note) =>
      note.includes(': if '),
    )
  expect([named('$request_method != $http_x'), named('$http_y != $http_x')]).toEqual([false, true])
})

test('each angle that a URL may name is a dialect', () => {
  const { config } = migrate(
    'server { location ~ "^/r/(90|180|270)/(.+)$" { alias /srv/$2; image_filter rotate $1; } }',
  )
  expect(config.dialects).toMatchObject([{ degrees: 90 }, { degrees: 180 }, { degrees: 270 }])
})

test.each([
  ['^/t/(\\d+)x(\\d+)/(.+)$', 1],
  ['^/t/(\\d+)x(\\d+)/(.+)x*$', 0],
  ['^/t/(\\d+)x(\\d+)/$', 0],
  ['^/t/(\\d+)x(\\d+)/(.+)/(.+)$', 0],
])('a pattern has one path and is read to its end, or not at all: %s', (pattern, count) => {
  const { config, notes } = migrate(`server { location ~ ${pattern} { ${SHOWS} } }`)
  expect(config.dialects ?? []).toHaveLength(count)
  if (count === 0) expect(notes.length).toBeGreaterThan(0)
})

test('visitors ask for what is there, unless a front has URLs of its own', () => {
  const front = (path: string) => `
    server { listen 80; location ${path} { proxy_pass http://127.0.0.1:81; } }
    server { listen 127.0.0.1:81; location ${T} { ${SHOWS} } }`
  expect(migrate(front('/t/')).notes.filter((note) => note.includes('visitors ask for'))).toEqual([])
})

// Seen of nginx 1.22.
test.each([
  ['resize $1 $2; image_filter crop 50 50', { mode: 'crop' }],
  ['crop $1 $2; image_filter resize 90 -', { mode: 'resize' }],
  ['resize 50 $2; image_filter resize 90 60', undefined],
  ['rotate 90; image_filter resize $1 $2', { mode: 'rotate', degrees: 90 }],
  ['test; image_filter resize $1 $2', { mode: 'resize' }],
  ['resize $1 $2; image_filter off', undefined],
  ['resize $1 $2; image_filter test', undefined],
  ['off; image_filter resize $1 $2; image_filter test; image_filter crop 50 50', undefined],
])('of several image_filter, what counts is what nginx does: %s', (filters, dialect) => {
  const { config } = migrate(`server { location ${T} { alias /srv/$3; image_filter ${filters}; } }`)
  expect(config.dialects).toMatchObject(dialect ? [dialect] : [])
})

test.each([
  ['default 300; ~^[0-9]+$ $arg_w;', 300],
  ['"~*^(?<n>\\d{1,4})$" $n;', undefined],
  ['default -; "~^(\\d+)$" $1;', undefined],
])('a map lets numbers through: %s', (lines, width) => {
  const { config } = migrate(
    `map $arg_w $w { ${lines} } server { location /i/ { alias /srv/; image_filter resize $w -; } }`,
  )
  expect(config.dialects).toEqual([
    expect.objectContaining({ prefix: '/i/', form: '{path}?w={width}', ...(width && { width }) }),
  ])
})

test('what a map chooses by other patterns is named', () => {
  const { notes } = migrate(
    'map $arg_w $w { default 300; ~^\\d+$ $arg_w; small 100; ~x 7; } server { location /i/ { alias /srv/; image_filter resize $w -; } }',
  )
  expect(notes.join()).toContain('sizes by $arg_w are answered for small, any other, not for ~^\\d+$, ~x.')
})

test('locations within one that resizes are named, unless they say sizes', () => {
  const { notes } = migrate(
    `server { location /t/ { alias /srv/; image_filter resize 9 9; location /t/a/ { alias /a/; }
      location ~ \\.gif$ { image_filter off; } location /t/b/ { alias /b/; image_filter crop 5 5; } } location /u/ { location /u/v { } } }`,
  )
  expect(notes.flatMap((note) => /^(.*): it is within location .t.,/.exec(note)?.[1] ?? [])).toEqual([
    'location /t/a/',
    'location ~ \\.gif$',
  ])
})

test.each([
  ['try_files /$3 =404;', 0],
  ['try_files /$3 /none.jpg;', 1],
  ['try_files /$3 @other;', 1],
])('a picture in place of a missing one is named: %s', (line, count) => {
  const { notes } = migrate(`server { location ${T} { root /srv; ${line} image_filter resize $1 $2; } }`)
  expect(notes.filter((note) => note.includes('try_files is not carried over'))).toHaveLength(count)
})

describe('where try_files, an `if` or proxy_pass leads to the nginx that resizes', () => {
  const behind = `server { listen 127.0.0.1:81; server_name b; location ${T} { ${SHOWS} } }`
  const inFront = (text: string) => migrate(`server { listen 80; server_name a; ${text} } ${behind}`)
  const NAMED = 'location @r { rewrite ^/thumbs/(.*)$ /t/$1 break; proxy_pass http://127.0.0.1:81; }'

  test.each(['try_files $uri @r', 'error_page 404 = @r'])('visitors ask for what %s is of', (directive) => {
    const { config } = inFront(`location /thumbs/ { ${directive}; } ${NAMED}`)
    expect(config.dialects).toMatchObject([{ prefix: '/thumbs/' }])
  })

  test('a rewrite under a condition is one of two ways', () => {
    const { config } = inFront(`location /t/ {
      if ($arg_x) { rewrite ^/t/(.*)$ /other/$1 last; } proxy_pass http://127.0.0.1:81; }`)
    expect(config.dialects).toMatchObject([{ prefix: '/t/' }])
  })

  test('of two steps, the first is named', () => {
    const { config, notes } = inFront(`location /t/ { proxy_pass http://127.0.0.1:81; }
      location /thumbs/ { rewrite ^/thumbs/(.*)$ /t/$1 last; } location /x/ { proxy_pass http://10.0.0.9:99/t/; }
      } server { listen 82; location /y/ { rewrite ^/y/(.*)$ /t/$1 last; }`)
    expect(notes.join(' ')).not.toMatch(/\/[xy]\//)
    const inside = migrate(`server { location /a/ { rewrite ^/a/(.*)$ /old/$1 last; }
      location /old/ { rewrite ^/old/(.*)$ /t/$1 last; } location ${T} { ${SHOWS} } }`)
    expect(inside.config.dialects).toMatchObject([{ prefix: '/old/' }])
    expect(inside.notes).toContainEqual(
      expect.stringMatching(/^location \/a\/: .*location \/old\/ could not/),
    )
    expect(config.dialects).toMatchObject([{ prefix: '/t/' }])
    expect(notes).toContainEqual(
      expect.stringMatching(/^location \/thumbs\/: .*location \/t\/ could not be followed/),
    )
    expect(inFront('location /t/ { proxy_pass http://127.0.0.1:81; }').notes.join(' ')).not.toContain(
      'followed',
    )
  })

  test('in the same server too, and the signature in front is that of its URLs', () => {
    const { config, notes } = inFront(`location /t/ { secure_link $arg_k; secure_link_md5 "$uri s";
      if ($secure_link = "") { return 404; } try_files $uri @r; } location @r { proxy_pass http://127.0.0.1:81; }`)
    expect(config.dialects).toMatchObject([{ prefix: '/t/', secret: 's', arg: 'k' }])
    expect(notes.join(' ')).not.toContain('try_files')
    const inside =
      migrate(`server { location /old/ { if (!-f $request_filename) { rewrite ^/old/(.*)$ /t/$1 last; } }
      location ${T} { ${SHOWS} } }`)
    expect(inside.config.dialects).toMatchObject([{ prefix: '/old/' }])
  })

  test('a @name of another server is another', () => {
    const { config } = migrate(
      `server { location /thumbs/ { try_files $uri @r; } } server { ${NAMED} } ${behind}`,
    )
    expect(config.dialects).toMatchObject([{ prefix: '/t/' }])
  })

  test('proxy_pass may turn URLs', () => {
    const turned = 'location ~ ^/i/(\\d+)/(\\d+)/(.*)$ { proxy_pass http://127.0.0.1:81/t/$1x$2/$3; }'
    expect(inFront(turned).config.dialects).toMatchObject([
      { prefix: '/i/', form: '{width}/{height}/{path}' },
    ])
  })

  test.each([
    'location /small/ { rewrite ^/small/(.+)$ /t/100x100/$1 break; proxy_pass http://127.0.0.1:81; }',
    'location ~ ^/small/(.+)$ { proxy_pass http://127.0.0.1:81/t/100x100/$1; }',
    'location ~ ^/small/(.+)$ { proxy_pass http://127.0.0.1:81/t/$arg_s/$1?x=1; }',
    'location ~ ^/small/(.+)$ { proxy_pass http://127.0.0.1:81/t/?f=$1; }',
  ])('what cannot be followed is named: %s', (text) => {
    expect(inFront(text).notes).toContainEqual(
      expect.stringMatching(
        /^location .*\/small\/.*: how its URLs \/small\/… become .* could not be followed/,
      ),
    )
  })

  test('what one resizer cannot show and another can is followed', () => {
    const { config, notes } =
      migrate(`server { listen 80; location ~ ^/c/(.+)$ { proxy_pass http://127.0.0.1:81/t/crop/$1; } }
      server { listen 127.0.0.1:81; location ${T} { ${SHOWS} }
        location ~ ^/t/crop/(\\d+)x(\\d+)/(.+)$ { alias /srv/$3; image_filter crop $1 $2; } }`)
    expect(config.dialects.map(({ prefix }) => prefix)).toContain('/c/')
    expect(notes.join(' ')).not.toContain('could not be followed')
  })

  test('what try_files ends with is looked for in the same server', () => {
    const within = (files: string) =>
      migrate(`server { location ~ ^/c/(.*)$ { try_files ${files}; } location ${T} { ${SHOWS} } }`)
    expect(within('$uri /t/$1').config.dialects).toMatchObject([{ prefix: '/c/' }])
    expect(within('$uri /t/1x1/none.jpg').notes).toContainEqual(
      expect.stringContaining('could not be followed'),
    )
    for (const files of ['$uri /index.php?$args', '/t/$1 =404', '$uri /none.jpg', '$uri =404'])
      expect([files, within(files).notes.join(' ')]).toEqual([files, expect.not.stringContaining('followed')])
  })

  test('what stays as it is is not', () => {
    const { notes } = inFront('location /t/100x100/ { proxy_pass http://127.0.0.1:81; }')
    expect(notes.join(' ')).not.toContain('could not be followed')
  })
})

describe('locations that nginx asks before one that resizes are named,', () => {
  const P = 'location /t/ { alias /srv/; image_filter resize 300 $arg_h; }'
  const R = `location ${T} { ${SHOWS} }`
  const takers = (text: string): readonly string[] =>
    migrate(`server { ${text} }`).notes.flatMap((note) => /^(.*): nginx asks it before/.exec(note)?.[1] ?? [])

  test.each([
    [`${R} location ^~ /t/300x200/ { root /x; }`, '^~ /t/300x200/'],
    [`${R} location ^~ /t { root /x; }`, '^~ /t'],
    [`${R} location = /t/300x200/a.jpg { root /x; }`, '= /t/300x200/a.jpg'],
    [`location ~ ^/t/\\d+x\\d+/media/ { return 403; } ${R}`, '~ ^/t/\\d+x\\d+/media/'],
    [`location ~* \\.(?:jpe?g|gif)$ { root /x; } ${R}`, '~* \\.(?:jpe?g|gif)$'],
    [`location ~ \\.png$ { root /x; } ${R}`, '~ \\.png$'],
    [`${P} location /t/media/ { root /x; }`, '/t/media/'],
    [`${P} location /t/raw/ { root /x; image_filter off; }`, '/t/raw/'],
    [`${P} location ~* \\.(gif|jpg)$ { root /x; }`, '~* \\.(gif|jpg)$'],
    [`${P} location ~ ^/t/x/(.*)$ { root /x; }`, '~ ^/t/x/(.*)$'],
    [`${P} location /t/big/ { alias /srv/; image_filter resize $http_w 600; }`, '/t/big/'],
  ])('%s', (text, taker) => {
    expect(takers(text)).toEqual([`location ${taker}`])
  })

  test.each([
    `${R} location ~ \\.png$ { root /x; }`,
    `${R} location ~ ^/t/\\d+x\\d+/media/ { return 403; }`,
    `${R} location /t/300x200/ { root /x; }`,
    `${R} location ^~ /u/ { root /x; } location = /u { root /x; } location / { root /x; }`,
    `location ~ \\.php$ { root /x; } location ~ \\.(css|js)$ { root /x; } ${R}`,
    `location ~ ^/api/(.*)$ { root /x; } ${R}`,
    `location ~ ^/t/internal/(.*)$ { internal; root /x; } ${R}`,
    `${P} location /tt/ { root /x; } location ~ \\.php$ { root /x; }`,
    `${P} location /t/x/ { rewrite ^/t/x/(.*)$ /t/$1 last; }`,
    'root /srv; location ~ \\.(jpg|png)$ { image_filter resize $arg_w $arg_h; } location = / { root /x; }',
    `${P.replace('/t/', '^~ /t/')} location ~* \\.(gif|jpg)$ { root /x; }`,
    `${R} } server { location ^~ /t/ { root /x; }`,
  ])('and no others: %s', (text) => {
    expect(takers(text)).toEqual([])
  })
})

test('a second place of try_files is named', () => {
  const note = (files: string): readonly string[] =>
    migrate(
      `server { root /srv; location ${T} { try_files ${files}; image_filter resize $1 $2; } }`,
    ).notes.filter((each) => each.includes(': try_files '))
  expect(note('/a/$3 /b/$3 =404')).toEqual([
    expect.stringContaining(': try_files /b/$3 is not carried over.'),
  ])
  expect(note('/a/$3 /b/$3')).toEqual([expect.stringContaining(': try_files /b/$3 is not carried over.')])
  expect(note('/a/$3 =404')).toEqual([])
  expect(note('$uri /b/$3 =404')).toEqual([])
  expect(note('/a/$3 $uri =404')).toEqual([])
})
