import { describe, expect, test } from 'vitest'
import { makeProject, run } from './support.ts'

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
    expect(missing.stderr).toContain('not there')
  })

  test('with versions on, holds the version of the bytes, so the source must be there', async () => {
    const cwd = await makeProject(['a.jpg'], { versions: true })
    const [found, missing] = await Promise.all([
      run(['url', 'a.jpg', '--size', 'small'], { cwd }),
      run(['url', 'gone.jpg'], { cwd }),
    ])
    expect(found.stdout).toMatch(/\/a\.jpg\/16w\.q80\.v-[0-9a-f]{10}\./)
    expect(missing.code).toBe(1)
    expect(missing.stderr).toContain('gone.jpg is not there')
  })

  test('prints the <picture>, and without its size where the source is not there', async () => {
    const cwd = await makeProject(['a.jpg'])
    const html = (source: string) => run(['url', source, '--size', 'small', '--html'], { cwd })
    const [found, missing] = await Promise.all([html('a.jpg'), html('gone.jpg')])
    expect(found.stdout).toMatch(
      /^<picture>\n<source type="image\/webp" srcset="\S+\.webp 16w, \S+\.webp 32w" sizes="\(max-width: 32px\) 100vw, 32px" width="32" height="24">\n<img src="\S+\.jpg" srcset="[^"]+" sizes="[^"]+" width="32" height="24" alt="" loading="lazy" decoding="async">\n<\/picture>\n$/,
    )
    expect(missing.stdout).toContain('gone.jpg/16w.q80.')
    expect(missing.stdout).not.toMatch(/ (?:width|height)="/)
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
})
