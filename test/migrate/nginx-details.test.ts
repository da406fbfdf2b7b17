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
