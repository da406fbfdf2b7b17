import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { migrateImgproxy } from '../../src/migrate/from-imgproxy.ts'
import { migrateNginx } from '../../src/migrate/from-nginx.ts'
import { parseNginx } from '../../src/migrate/nginx-blocks.ts'
import { expectCpuWithin } from '../support/cpu.ts'
import { makeFolder, run } from './support.ts'

/** What is read is somebody else's, and may be written to do harm. */

const T =
  'location ~ ^/t/(\\d+)x(\\d+)/(.+)$ { secure_link $arg_k; secure_link_md5 "$uri s"; alias /srv/$3; image_filter resize $1 $2; }'

const write = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const cwd = await makeFolder()
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(cwd, name, '..'), { recursive: true })
    writeFileSync(join(cwd, name), text)
  }
  return cwd
}

/** What is not bounded takes years, and the test its time. */
const migrate = (cwd: string, ...args: readonly string[]) => run(['migrate', ...args], { cwd })

describe('includes', () => {
  test('of a file in itself, directly or by another, end there and are told', async () => {
    const cwd = await write({
      'nginx.conf': `include nginx.conf; include ./nginx.conf; include a.conf; server { ${T} }`,
      'a.conf': 'include b.conf; include b.conf;',
      'b.conf': 'include a.conf; include nginx.conf; include b.conf;',
    })
    const { code, stdout, stderr } = await migrate(cwd, 'nginx.conf')
    expect([code, stdout.match(/prefix: "\/t\/"/g)?.length]).toEqual([0, 1])
    expect(stderr.match(/nginx\.conf: it includes itself/g)?.length).toBeGreaterThan(1)
  })

  test('may bring a file twice, where it is not in itself', async () => {
    const cwd = await write({
      'nginx.conf': 'server { listen 80; include t.conf; } server { listen 443; include t.conf; }',
      't.conf': T,
    })
    const { code, stderr } = await migrate(cwd, 'nginx.conf')
    expect([code, stderr.includes('includes itself')]).toEqual([0, false])
  })

  test('are so many at most', async () => {
    const levels = Object.fromEntries(
      Array.from({ length: 14 }, (_, i) => [`${i}.conf`, `include ${i + 1}.conf; include ${i + 1}.conf;`]),
    )
    const cwd = await write({ ...levels, 'nginx.conf': 'include 0.conf;', '14.conf': 'gzip on;' })
    const { code, stderr } = await migrate(cwd, 'nginx.conf')
    expect([code, stderr]).toEqual([1, expect.stringContaining('includes more than 5000 files')])
  })

  test('are found as nginx finds them: a star within one name, no other pattern', async () => {
    const cwd = await write({
      'nginx.conf': 'include conf.d/*.conf; include **/deep.conf; include {a,b}.conf;',
      'conf.d/t.conf': `server { ${T} }`,
      'conf.d/deeper/deep.conf': T.replace('/t/', '/deep/'),
      'a.conf': T.replace('/t/', '/a/'),
    })
    const { stdout } = await migrate(cwd, 'nginx.conf')
    expect(stdout.match(/prefix: "[^"]*"/g)).toEqual(['prefix: "/t/"'])
  })
})

describe('only regular files are read:', () => {
  const NO_FILES = ['a pipe', '/dev/zero', 'a folder'] as const

  const make = async (what: (typeof NO_FILES)[number], name: string, cwd: string): Promise<void> => {
    const path = join(cwd, name)
    if (what === 'a pipe') execFileSync('mkfifo', [path])
    else if (what === 'a folder') mkdirSync(path)
    else execFileSync('ln', ['-s', what, path])
  }

  test('one that does not exist is told as that', async () => {
    const { code, stderr } = await migrate(await write({}), 'nginx.conf')
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: \/.*nginx\.conf does not exist\n/)])
  })

  test.each(NO_FILES)('%s is told, as configuration, include, environment and presets', async (what) => {
    const cwd = await write({
      'nginx.conf': `include odd; server { ${T} }`,
      '.env': 'IMGPROXY_KEY=aa\nIMGPROXY_SALT=bb\nIMGPROXY_PRESETS_PATH=odd\n',
    })
    await make(what, 'odd', cwd)
    for (const args of [['odd'], ['--imgproxy-env', 'odd']]) {
      const { code, stderr } = await migrate(cwd, ...args)
      expect([code, stderr]).toEqual([1, expect.stringMatching(/odd (?:is no regular file|cannot be read)/)])
    }
    const { code, stdout, stderr } = await migrate(cwd, 'nginx.conf')
    expect([code, stderr, stdout]).toEqual([
      0,
      expect.stringMatching(/include .*odd: .*not carried over/),
      expect.stringContaining('"/t/"'),
    ])
    const presets = await migrate(cwd, '--imgproxy-env', '.env')
    expect([presets.code, presets.stderr]).toEqual([0, expect.stringContaining('IMGPROXY_PRESETS_PATH')])
  })

  test('one that is too long is refused', async () => {
    const cwd = await write({
      'nginx.conf': '#'.repeat(4 * 1024 * 1024 + 1),
      '.env': '#'.repeat(1024 * 1024 + 1),
    })
    for (const args of [['nginx.conf'], ['--imgproxy-env', '.env']]) {
      const { code, stderr } = await migrate(cwd, ...args)
      expect([code, stderr]).toEqual([1, expect.stringContaining('is longer than')])
    }
  })
})

describe('the time that is taken', () => {
  const many = (text: string, count: number): string =>
    Array.from({ length: count }, (_, i) => text.replaceAll('%', String(i))).join('\n')
  const numbered = T.replace('^/t/', '^/t%/')

  test.each<[string, string, RegExp | number]>([
    ['${ without end', '${'.repeat(200_000), /nested more than/],
    ['{ without end', 'a{'.repeat(200_000), /nested more than/],
    ['}', '}'.repeat(200_000), 0],
    ['one quote too many', `${'" '.repeat(200_001)}`, 0],
    ['quotes that are escaped', '"\\" '.repeat(100_000), 0],
    ['backslashes', '\\'.repeat(400_001), 0],
    ['a word', 'a'.repeat(400_000), 0],
    ['a variable that is itself a thousand times', `server { set $a "${'$a'.repeat(1_000)}"; ${T} }`, 1],
    [
      'variables that double',
      `server { ${many('set $v% "$w%$w%"; set $w% "$v%$v%";', 100)} location ~ ^/$v1/ { image_filter resize 1 2; } }`,
      0,
    ],
    ['digits that are no time', `server { ${T.replace('alias', `expires ${'1'.repeat(60)}!; alias`)} }`, 1],
    ['a pattern that takes for ever', `server { ${many(T.replace('.+', '(?:(?:.*)*)*%x'), 100)} }`, 0],
    ['brackets', `server { location ~ ^/t/${'('.repeat(4_000)} { image_filter resize $1 $2; } }`, 0],
    [
      'a rewrite of brackets',
      `server { ${T.replace('alias /srv/$3', `rewrite ${'(.*'.repeat(1_300)} /a/$1 break`)} }`,
      1,
    ],
    [
      'a condition of many words',
      `server { if (${'$a '.repeat(20_000)}) { ${many('set $b% $arg_a;', 20_000)} } ${T} }`,
      1,
    ],
    [
      'groups',
      `server { ${many(`location ~ ^/t%/${'(a)b'.repeat(1_000)}(.+)$ { alias /x/$2; image_filter resize $1 -; }`, 1_000)} }`,
      0,
    ],
    ['locations', `server { ${many(numbered, 1_500)} }`, 1_500],
    [
      'locations below rules',
      `server { ${many('deny 10.0.0.%; if ($a%) { return 403; } add_header A% b;', 1_000)}${many(numbered, 1_000)} }`,
      1_000,
    ],
    [
      'locations of one form behind deeper ones',
      `server { ${many('location ~ ^/q%/(.*)$ { proxy_pass http://127.0.0.1:80/t/b%/$1; }', 2_000)}${many(T.replace(/secure_link.*"; /, ''), 2_000)} }`,
      1,
    ],
    [
      'locations behind others',
      `server { ${many('location /q%/ { proxy_pass http://127.0.0.1:80/t%/; }', 1_000)}${many(numbered, 1_000)} }`,
      1_000,
    ],
  ])('is bounded for %s', async (_, text, expected) => {
    const outcome = (): unknown => {
      try {
        return migrateNginx(parseNginx(text)).config.dialects.length
      } catch (error) {
        return error instanceof Error ? error.message : error
      }
    }
    await expectCpuWithin(10, () => {
      const found = outcome()
      if (typeof expected === 'number') expect(found).toBe(expected)
      else expect(found).toMatch(expected)
    })
  })

  test.each([
    ' ',
    '- ',
    'export ',
    'IMGPROXY_TTL= ',
    'IMGPROXY_TTL=\\',
    'IMGPROXY_TTL="',
    'IMGPROXY_PATH_PREFIX=/',
    '{ name : "IMGPROXY_TTL", value : ',
    '- name: IMGPROXY_TTL\nvalue: ',
  ])('is bounded for an environment of %j', async (text) => {
    await expectCpuWithin(5, () => {
      const last = text.at(-1) ?? ''
      for (const long of [text.repeat(50_000), text + last.repeat(200_000)])
        expect(migrateImgproxy(`${long}x`).config.dialects).toHaveLength(1)
    })
  })
})
