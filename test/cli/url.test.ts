import { createHmac } from 'node:crypto'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { paintLetters } from '../support/paint.ts'
import { makeProject, run, SECRET, writeConfig, writeText } from './support.ts'

const URLS = 'https://img.example.com/'

describe('url', () => {
  test('signs what the contract says, for a source that need not exist', async () => {
    const cwd = await makeProject([])
    const { code, stdout } = await run(
      ['url', 'photos/cat.jpg', '--transform', '640w.q80', '--format', 'webp'],
      { cwd },
    )
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${URLS}photos/cat.jpg/640w.q80.F5qBZZuh0iN5uWNN.webp\n`,
    })
  })

  test('prints one URL a line: the sizes that match the source, or the one that is named', async () => {
    const cwd = await makeProject([])
    const lines = async (...args: string[]) =>
      (await run(['url', ...args], { cwd })).stdout.trim().split('\n')
    expect(await lines('été/ça & là.jpg')).toHaveLength(4)
    expect((await lines('été/ça & là.jpg'))[0]).toMatch(
      /\/%C3%A9t%C3%A9\/%C3%A7a%20%26%20l%C3%A0\.jpg\/16w\.q80\./,
    )
    expect(await lines('a.jpg', '--size', 'card')).toHaveLength(2)
    expect(await lines('cards/a.jpg', '--format', 'original')).toHaveLength(3)
  })

  test('says why no build makes what it prints', async () => {
    const cwd = await makeProject(['a.jpg', 'cards/b.jpg', 'old/c.jpg'], {
      include: ['**/*.jpg'],
      exclude: ['old/**'],
    })
    const note = async (...args: string[]) => (await run(['url', ...args], { cwd })).stderr
    expect(await note('a.jpg')).toBe('')
    expect(await note('cards/b.jpg', '--size', 'card')).toBe('')
    expect(await note('a.jpg', '--size', 'card')).toMatch(/`match` of the size card leaves a\.jpg out/)
    expect(await note('cards/.b.jpg')).toMatch(/has no cards\/\.b\.jpg/)
    await writeConfig(cwd, { serve: { allow: 'configured' } })
    expect(await note('a.jpg', '--size', 'card')).toMatch(/and serve answers 404/)
    await writeConfig(cwd, { include: ['**/*.jpg'], exclude: ['old/**'] })
    await writeText(join(cwd, 'photos/a.heic'), '')
    expect(await note('a.heic')).toMatch(/`include` leaves a\.heic out/)
    expect(await note('old/.c.jpg')).toMatch(/is excluded by the configuration/)
  })

  test('takes what follows -- for a source, whatever it begins with', async () => {
    const cwd = await makeProject([])
    const { code, stdout } = await run(['url', '--format', 'webp', '--size', 'card', '--', '-x.jpg'], { cwd })
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`${URLS}-x.jpg/20x20.`) })
  })

  test('gives true sizes as JSON where the source is there, and null where not', async () => {
    const cwd = await makeProject(['a.jpg'])
    const [found, missing] = await Promise.all([
      run(['url', 'a.jpg', '--json', '--format', 'webp'], { cwd }),
      run(['url', 'gone.jpg', '--json', '--verbose', '--transform', '100w.q80', '--format', 'webp'], { cwd }),
    ])
    const rows = JSON.parse(found.stdout)
    expect(rows.map(({ width, height }: Record<string, unknown>) => [width, height])).toEqual([
      [16, 12],
      [32, 24],
    ])
    expect(Object.keys(rows[0])).toEqual(['source', 'size', 'format', 'width', 'height', 'key', 'url'])
    expect(JSON.parse(missing.stdout)).toMatchObject([{ size: null, width: null, height: null }])
    expect(missing.stderr).toContain('does not exist')
  })

  test('with versions on, holds the version of the bytes, so the source must be there', async () => {
    const cwd = await makeProject(['a.jpg'], { versions: true })
    const [found, missing] = await Promise.all([
      run(['url', 'a.jpg', '--size', 'small'], { cwd }),
      run(['url', 'gone.jpg'], { cwd }),
    ])
    expect(found.stdout).toMatch(/\/a\.jpg\/16w\.q80\.v-[0-9a-f]{10}\./)
    expect(missing.code).toBe(1)
    expect(missing.stderr).toContain('gone.jpg does not exist')
  })

  test('notes on stderr that a folder has no such source, and which may be meant', async () => {
    const cwd = await makeProject(['Dune.jpg', 'trips/aurora.jpg'], { exclude: ['drafts/**'] })
    const ask = (source: string, ...flags: string[]) =>
      run(['url', source, '--transform', '64w.q80', '--format', 'webp', ...flags], { cwd })
    const cases: readonly (readonly [source: string, says: RegExp])[] = [
      ['Dune.jpg', /^$/],
      ['trips/aurora.jpg', /^$/],
      [
        'photos/Dune.jpg',
        /^note: The source folder photos has no photos\/Dune\.jpg: .*404.* Did you mean Dune\.jpg\?\n$/,
      ],
      ['dunes.jpg', /Did you mean Dune\.jpg\?/],
      ['aurora.jpg', /Did you mean trips\/aurora\.jpg\?/],
      ['photos/new/sea.jpg', /Did you mean new\/sea\.jpg\?/],
      ['sea.jpg', /has no sea\.jpg: serve answers 404 for these URLs until it is there\.\n$/],
      ['drafts/sea.jpg', /drafts\/sea\.jpg is excluded by the configuration/],
    ]
    for (const [source, says] of cases) {
      const { code, stdout, stderr } = await ask(source)
      expect([source, code, stdout]).toEqual([source, 0, expect.stringMatching(/^https:\S+\.webp\n$/)])
      expect(stderr, source).toMatch(says)
    }
    expect((await ask('sea.jpg', '--quiet')).stderr).toBe('')
    expect((await ask('sea.jpg', '--source', './nowhere')).stderr).toMatch(
      /source folder nowhere cannot be read: .*502/,
    )
    // Neither a bucket nor a server is asked.
    expect((await ask('sea.jpg', '--source', 'https://127.0.0.1:9/')).stderr).toBe('')
    expect((await ask('sea.jpg', '--source', 's3://nowhere?endpoint=http://127.0.0.1:9')).stderr).toBe('')
  })

  test('notes which of several sources there is, by name', async () => {
    const cwd = await makeProject(['a.jpg'], { source: { blog: './photos', shop: 'https://127.0.0.1:9/' } })
    const noteOf = async (source: string) =>
      (await run(['url', source, '--transform', '64w.q80'], { cwd })).stderr
    expect(await noteOf('blog/a.jpg')).toBe('')
    expect(await noteOf('shop/b.jpg')).toBe('')
    expect(await noteOf('blog/b.jpg')).toMatch(/The source folder photos has no b\.jpg/)
    expect(await noteOf('blog/photos/a.jpg')).toContain('Did you mean blog/a.jpg?')
  })

  test('prints the <picture>, and without its size where the source is not there', async () => {
    const cwd = await makeProject(['a.jpg'])
    const html = (source: string) => run(['url', source, '--size', 'small', '--html'], { cwd })
    const [found, missing] = await Promise.all([html('a.jpg'), html('gone.jpg')])
    expect(found.stdout).toMatch(
      /^<picture>\n<source type="image\/webp" srcset="\S+\.webp 16w, \S+\.webp 32w" sizes="auto, \(max-width: 32px\) 100vw, 32px">\n<img src="\S+\.jpg" srcset="[^"]+" sizes="[^"]+" width="32" height="24" alt="" loading="lazy" decoding="async">\n<\/picture>\n$/,
    )
    expect(missing.stdout).toContain('gone.jpg/16w.q80.')
    expect(missing.stdout).not.toMatch(/ (?:width|height)="/)
  })

  test('prints a <picture> whose formats are the smallest first, once they are built', async () => {
    const cwd = await makeProject([], {
      formats: ['avif', 'webp', 'original'],
      encoders: {},
      sizes: { own: { full: true } },
    })
    await mkdir(join(cwd, 'photos'), { recursive: true })
    await paintLetters().png().toFile(join(cwd, 'photos/page.png'))
    const types = async (): Promise<readonly string[]> => {
      const { stdout } = await run(['url', 'page.png', '--html'], { cwd })
      return [...stdout.matchAll(/type="([^"]+)"/g)].map(([, type = '']) => type)
    }
    expect(await types()).toEqual(['image/avif', 'image/webp'])
    await run(['build', '--quiet'], { cwd })
    const sizeOf = async (ending: string): Promise<number> => {
      const names = await readdir(join(cwd, 'out/page.png'))
      const name = names.find((each) => each.endsWith(ending)) ?? ''
      return (await stat(join(cwd, 'out/page.png', name))).size
    }
    const [avif, webp, png] = await Promise.all(['.avif', '.webp', '.png'].map(sizeOf))
    expect(webp).toBeLessThan(Math.min(avif ?? 0, png ?? 0))
    expect(await types()).toEqual(['image/webp', ...((avif ?? 0) < (png ?? 0) ? ['image/avif'] : [])])
  })

  test('prints one <picture> per size, narrowed as asked', async () => {
    const cwd = await makeProject(['cards/a.jpg'])
    const { stdout } = await run(['url', 'cards/a.jpg', '--html', '--format', 'original'], { cwd })
    expect(stdout).toContain('<!-- small -->\n<picture>')
    expect(stdout).toContain('<!-- card -->\n<picture>')
    expect(stdout).not.toContain('.webp')
    const one = await run(['url', 'cards/a.jpg', '--html', '--transform', '8w.q80'], { cwd })
    expect(one.stdout).toContain('width="8" height="6"')
  })

  describe('--expires', () => {
    const expiring = { serve: { expiring: true } }
    const secondsOf = (url: string): number => Number(new URL(url).searchParams.get('expires'))
    /** The token of the contract. */
    const isSigned = (url: string): boolean => {
      const { pathname, searchParams } = new URL(url)
      const text = `expires\n${searchParams.get('expires')}\n${decodeURIComponent(pathname.slice(1))}`
      const token = createHmac('sha256', SECRET).update(text).digest('base64url').slice(0, 22)
      return url.endsWith(`&token=${token}`)
    }

    test('prints links that end: after a while or at a date, plain, as JSON and as HTML', async () => {
      const cwd = await makeProject(['ça & là.jpg'], expiring)
      const url = (...args: string[]) => run(['url', 'ça & là.jpg', '--size', 'small', ...args], { cwd })
      const before = Math.floor(Date.now() / 1000)
      const [soon, later, json, html] = await Promise.all([
        url('--expires', '1h'),
        url('--expires', '2091-12-31T18:00:00+02:00', '--format', 'auto'),
        url('--expires', '2091-12-31', '--json'),
        url('--expires', '7d', '--html'),
      ])
      const after = Math.floor(Date.now() / 1000)
      const lines = soon.stdout.trim().split('\n')
      expect(soon.stderr).toBe('')
      expect(lines).toHaveLength(4)
      expect(secondsOf(lines[0] ?? '') - before - 3600).toBeGreaterThanOrEqual(0)
      expect(secondsOf(lines[0] ?? '') - after - 3600).toBeLessThanOrEqual(0)
      const autos = later.stdout.trim().split('\n')
      expect(autos.map(secondsOf)).toEqual(Array(2).fill(Date.UTC(2091, 11, 31, 16) / 1000))
      expect(autos.every((text) => new URL(text).pathname.endsWith('.auto'))).toBe(true)
      const rows = JSON.parse(json.stdout) as { key: string; url: string }[]
      expect(rows.map((row) => secondsOf(row.url))).toEqual(Array(4).fill(Date.UTC(2091, 11, 31) / 1000))
      expect(rows.filter((row) => row.key.includes('?'))).toEqual([])
      const inPage = [...html.stdout.matchAll(/https:[^ ",]+/g)].map(([text]) =>
        text.replaceAll('&amp;', '&'),
      )
      expect(inPage.length).toBeGreaterThanOrEqual(5)
      expect(
        [...lines, ...autos, ...rows.map((row) => row.url), ...inPage].filter((each) => !isSigned(each)),
      ).toEqual([])
    })

    test('is refused where serve would heed no end, and asked for where it does', async () => {
      const [plain, cwd] = await Promise.all([makeProject([]), makeProject([], expiring)])
      const args = ['url', 'a.jpg', '--transform', '64w.q80']
      const refused = await run([...args, '--expires', '1h'], { cwd: plain })
      expect([refused.code, refused.stdout]).toEqual([2, ''])
      expect(refused.stderr).toContain('serve: { expiring: true }')
      const bare = await run(args, { cwd })
      expect([bare.code, bare.stdout.includes('?')]).toEqual([0, false])
      expect(bare.stderr).toContain('--expires')
    })

    test('says what is wrong with an end', async () => {
      const cwd = await makeProject([], expiring)
      for (const [end, says] of [
        ['soon', /"soon"; allowed: a duration/],
        ['2091-02-31', /"2091-02-31"; allowed/],
        ['2091-01-01T10:00', /allowed/],
        ['2001-01-01', /still to come/],
        ['0s', /still to come/],
        ['9000000d', /before 10000/],
      ] as const) {
        const { code, stderr } = await run(['url', 'a.jpg', '--transform', '64w.q80', '--expires', end], {
          cwd,
        })
        expect([end, code]).toEqual([end, 2])
        expect(stderr).toMatch(says)
      }
    })
  })
})
