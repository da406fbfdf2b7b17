import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'
import manifest from '../package.json' with { type: 'json' }

/** What `npm pack` puts into the package, of `dist/` as it is compiled. */

const SIGNING = `
import { createImages } from 'imgsizes'
const images = createImages({ secret: 'correct-horse-battery-staple', sizes: { content: { width: 640 } } })
console.log(images.url('photos/cat.jpg', 'content', { format: 'webp' }))
`

const root = resolve(import.meta.dirname, '..')

describe('the package', () => {
  const [{ files, size, unpackedSize }]: readonly [
    { files: readonly { path: string }[]; size: number; unpackedSize: number },
  ] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8' }),
  )
  const paths = files.map(({ path }) => path)

  it('holds what its faces name, and neither sources nor maps that lead to them', () => {
    const named = Object.values(manifest.exports).flatMap((face) =>
      typeof face === 'string' ? [face] : [face.types, face.default],
    )
    for (const path of [
      ...named,
      manifest.bin.imgsizes,
      ...Object.values(manifest.imports),
      './dist/config.schema.json',
    ])
      expect(paths).toContain(path.replace(/^\.\//, ''))
    expect(paths.filter((path) => /\.map$|^(?:src|test|demo)\/|^dist\/bench\//.test(path))).toEqual([])
    const mapped = paths.filter(
      (path) => path.endsWith('.js') && readFileSync(join(root, path), 'utf8').includes('sourceMappingURL'),
    )
    expect(mapped).toEqual([])
  })

  it('holds the licenses of the packages whose code it holds', () => {
    expect(paths).toContain('dist/licenses.txt')
    const licenses = readFileSync(join(root, 'dist/licenses.txt'), 'utf8')
    const code = paths
      .filter((path) => /\.c?js$/.test(path))
      // A long line of the bundles may end within a string.
      .map((path) => readFileSync(join(root, path), 'utf8').replaceAll('\\\n', ''))
    const isLoaded = (name: string): boolean =>
      code.some((text) => new RegExp(`(?:from|import|\\()\\s*["']${name}["'/]`).test(text))
    const held = Object.keys(manifest.dependencies).filter((name) => !isLoaded(name))
    expect(held).toEqual(expect.arrayContaining(['zod', 'yargs']))
    for (const name of [...held, 'sharp', '@img/colour', 'preact'])
      expect(licenses, `a license of ${name}`).toMatch(new RegExp(`^${name} \\d`, 'm'))
  })

  it('signs URLs where esbuild makes one ES module of it and a page, which then has no path of ours', async () => {
    const { outputFiles } = await build({
      stdin: { contents: SIGNING, resolveDir: root },
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire('/');" },
    })
    const signed = execFileSync(process.execPath, ['--input-type=module'], {
      input: outputFiles[0]?.text ?? '',
      encoding: 'utf8',
    })
    expect(signed).toBe('/photos/cat.jpg/640w.q80.F5qBZZuh0iN5uWNN.webp\n')
  })

  it('holds the types that its faces lead to, and no others', () => {
    const seen = new Set<string>()
    const follow = (path: string): void => {
      if (seen.has(path)) return
      seen.add(path)
      const text = readFileSync(join(root, path), 'utf8')
      for (const [, target = ''] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)\.[jt]s['"]/g))
        follow(`${join(dirname(path), target)}.d.ts`)
    }
    for (const face of Object.values(manifest.exports))
      if (typeof face !== 'string') follow(face.types.replace(/^\.\//, ''))
    expect(paths.filter((path) => path.endsWith('.d.ts')).sort()).toEqual([...seen].sort())
  })

  it('holds the pages that messages name, and an error says where', () => {
    const code = paths
      .filter((path) => /^dist\/.*\.c?js$/.test(path))
      .map((path) => readFileSync(join(root, path), 'utf8'))
    const named = code.flatMap((text) => text.match(/docs\/[\w/-]+\.md/g) ?? [])
    expect(named).toContain('docs/reference/problems.md')
    for (const page of new Set(named)) expect(paths).toContain(page)
    const { stderr } = spawnSync(process.execPath, [join(root, manifest.bin.imgsizes), 'plan'], {
      cwd: tmpdir(),
      encoding: 'utf8',
      env: { NO_COLOR: '1' },
    })
    const [, page = '', anchor] = /More: (.*)#(.*)/.exec(stderr) ?? []
    expect(readFileSync(resolve(tmpdir(), page), 'utf8')).toContain(anchor)
  })

  it('is as small as docs/reference/library.md says: 0.75 MB to fetch, 2.7 MB on disk', () => {
    expect(readFileSync(join(root, 'docs/reference/library.md'), 'utf8')).toContain('0.75 MB to fetch')
    expect(size).toBeLessThan(750_000)
    expect(unpackedSize).toBeLessThan(2_700_000)
  })

  it('holds the page of the studio, as light as docs/guides/studio.md says: 28 kB, packed', () => {
    expect(readFileSync(join(root, 'docs/guides/studio.md'), 'utf8')).toContain('28 kB, packed')
    const page = ['dist/studio/studio.js', 'dist/studio/studio.css']
    expect(paths.filter((path) => path.startsWith('dist/studio/')).sort()).toEqual(page.toSorted())
    const packed = page.map((path) => gzipSync(readFileSync(join(root, path))).length)
    expect(packed.reduce((sum, bytes) => sum + bytes)).toBeLessThan(28_500)
    for (const path of page)
      expect(readFileSync(join(root, path), 'utf8')).not.toMatch(/https?:\/\/(?!www\.w3\.org)/)
  })

  it('asks for the hosts of its plugins only where they are', () => {
    const hosts = Object.keys(manifest.peerDependencies)
    expect(hosts).toEqual(['@11ty/eleventy', 'vite'])
    for (const [name, meta] of Object.entries(manifest.peerDependenciesMeta)) {
      expect(hosts).toContain(name)
      expect(meta).toEqual({ optional: true })
    }
  })
})

it.each(Object.keys(manifest.exports).filter((face) => !face.endsWith('.json')))(
  '%s listens to no signal and no message of the process that loads it',
  (face) => {
    const script = `
      const [before, name] = [process.eventNames(), ${JSON.stringify(join('imgsizes', face))}]
      await import(name)
      console.log(JSON.stringify(process.eventNames().filter((event) => !before.includes(event))))`
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root })
    // Node's own: it tells these about a warning.
    const own = ['newListener', 'removeListener', 'warning']
    expect(JSON.parse(String(said)).filter((event: string) => !own.includes(event))).toEqual([])
  },
)
