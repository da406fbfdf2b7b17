import { readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Command, CommandContext } from '../../src/cli/command.ts'
import { command as buildCommand } from '../../src/cli/commands/build.ts'
import { command as initCommand } from '../../src/cli/commands/init.ts'
import { createFlags } from '../../src/cli/flags.ts'
import { chooseStyle } from '../../src/cli/terminal-style.ts'
import { words } from '../support/words.ts'
import { makeFolder, run, writePicture, writeText } from './support.ts'

/** How a project looks before imgsizes, and how its framework shows files as they are. */
interface Layout {
  readonly name: string
  readonly pictures: readonly string[]
  /** Logos, copies and other people's pictures, which are no reason to take a folder. */
  readonly besides?: readonly string[]
  readonly files: Readonly<Record<string, string>>
  readonly source: string
  /** What the framework serves, and under which path. */
  readonly shows: readonly [folder: string, path: string]
  readonly state?: false
}

const packages = (...names: readonly string[]): Record<string, string> => ({
  'package.json': JSON.stringify({ dependencies: Object.fromEntries(names.map((name) => [name, '^9'])) }),
})

const LAYOUTS: readonly Layout[] = [
  {
    name: 'Astro, pictures beside their posts',
    pictures: ['src/content/blog/a/hero.jpg', 'src/content/blog/b/hero.jpg', 'src/content/blog/b/two.jpg'],
    besides: words(`
      src/assets/logo.svg public/favicon.svg dist/_astro/hero.jpg dist/a.jpg dist/b.jpg dist/c.jpg
    `),
    files: { ...packages('astro'), 'astro.config.mjs': 'export default {}' },
    source: 'src/content/blog',
    shows: ['public', '/'],
  },
  {
    name: 'Astro under a base',
    pictures: ['src/assets/a.jpg'],
    files: {
      ...packages('astro'),
      'astro.config.mjs': "export default { site: 'https://x', base: '/docs' }",
    },
    source: 'src/assets',
    shows: ['public', '/docs/'],
  },
  {
    name: 'Eleventy that copies public/',
    pictures: ['src/img/a.jpg', 'src/img/b.jpg'],
    besides: ['_site/img/a.jpg', '_site/img/b.jpg', '_site/img/c.jpg'],
    files: {
      ...packages('@11ty/eleventy'),
      'eleventy.config.js': 'export default (config) => { config.addPassthroughCopy({ "./public/": "/" }) }',
    },
    source: 'src/img',
    shows: ['public', '/'],
  },
  {
    name: 'Eleventy that shows src/img under /img/, where results of img/a.jpg would need a folder of that name',
    pictures: ['src/img/a.jpg', 'src/img/b.jpg'],
    files: { ...packages('@11ty/eleventy') },
    source: 'src/img',
    shows: ['', '/'],
  },
  {
    name: 'Vite, its template',
    pictures: ['src/assets/hero.jpg', 'src/assets/photos/a.jpg', 'src/assets/photos/b.jpg'],
    besides: ['src/assets/vite.svg', 'src/assets/typescript.svg', 'src/assets/icon.png', 'public/vite.svg'],
    files: packages('vite'),
    source: 'src/assets',
    shows: ['public', '/'],
  },
  {
    name: 'Vite with more logos than photographs',
    pictures: ['photos/a.jpg', 'photos/b.jpg'],
    besides: words('src/assets/1.svg src/assets/2.svg src/assets/3.svg src/assets/4.png src/assets/5.png'),
    files: { ...packages('vite'), 'vite.config.ts': "export default { base: '/app/', publicDir: 'static' }" },
    source: 'photos',
    shows: ['static', '/app/'],
  },
  {
    name: 'SvelteKit',
    pictures: ['src/lib/images/a.jpg', 'src/lib/images/b.jpg'],
    besides: ['static/favicon.png'],
    files: { ...packages('@sveltejs/kit', 'vite'), 'svelte.config.js': 'export default {}' },
    source: 'src/lib/images',
    shows: ['static', '/'],
  },
  {
    name: 'Hugo, page bundles',
    pictures: ['content/posts/one/a.jpg', 'content/posts/two/b.jpg', 'content/about/me.jpg'],
    besides: words(`
      static/logo.svg public/posts/one/a.jpg public/posts/two/b.jpg public/x.jpg public/y.jpg
    `),
    files: { 'hugo.toml': "baseURL = 'https://example.org/'\ntitle = 'x'" },
    source: 'content',
    shows: ['static', '/'],
  },
  {
    name: 'Hugo of old, below a path',
    pictures: ['static/images/a.jpg', 'static/images/b.jpg'],
    files: {
      'config.yaml': 'baseURL: "https://example.org/blog/"',
      'layouts/index.html': '',
      'archetypes/x.md': '',
    },
    source: 'static/images',
    shows: ['static', '/blog/'],
  },
  {
    name: 'Jekyll',
    pictures: ['assets/images/a.jpg', 'assets/images/b.jpg'],
    besides: ['_site/assets/images/a.jpg', '_site/assets/images/b.jpg', '_site/c.jpg'],
    files: {
      '_config.yml': 'title: x\nbaseurl: "/repo" # of GitHub',
      '_posts/2024-01-01-x.md': '',
      Gemfile: 'gem "jekyll"',
    },
    source: 'assets/images',
    shows: ['', '/repo/'],
  },
  {
    name: 'WordPress',
    pictures: ['wp-content/uploads/2024/01/a.jpg', 'wp-content/uploads/2024/02/b.jpg'],
    besides: words(`
      wp-content/themes/x/1.jpg wp-content/themes/x/2.jpg wp-content/themes/x/3.jpg wp-admin/a.jpg
    `),
    files: { 'wp-config.php': '', '.gitignore': '/wp-content/uploads/\n' },
    source: 'wp-content/uploads',
    shows: ['', '/'],
    state: false,
  },
  {
    name: 'Laravel',
    pictures: ['storage/app/public/products/a.jpg', 'storage/app/public/b.jpg'],
    besides: words(`
      public/logo.png vendor/x/y.jpg public/build/a.jpg public/build/b.jpg public/build/c.jpg
    `),
    files: {
      artisan: '',
      'composer.json': '{ "require": { "laravel/framework": "^12" } }',
      ...packages('vite'),
    },
    source: 'storage/app/public',
    shows: ['public', '/'],
  },
  {
    name: 'Phoenix',
    pictures: ['priv/static/images/a.jpg', 'priv/static/images/b.jpg'],
    besides: ['deps/phoenix/priv/a.jpg', 'deps/phoenix/priv/b.jpg', 'deps/phoenix/priv/c.jpg'],
    files: {
      'mix.exs': 'defp deps do [ {:phoenix, "~> 1.8"} ] end',
      'lib/shop_web.ex': 'def static_paths, do: ~w(assets fonts images favicon.ico robots.txt)',
    },
    source: 'priv/static/images',
    shows: ['priv/static', '/'],
  },
  {
    name: 'Hexo',
    pictures: ['source/images/a.jpg', 'source/images/b.jpg'],
    besides: words('public/images/a.jpg public/images/b.jpg public/images/c.jpg themes/x/source/logo.svg'),
    files: { ...packages('hexo'), '_config.yml': 'url: https://x.org\nroot: /blog/\n' },
    source: 'source/images',
    shows: ['source', '/blog/'],
  },
  {
    name: 'MkDocs',
    pictures: ['docs/images/a.jpg', 'docs/images/b.jpg'],
    files: { 'mkdocs.yml': 'site_name: x', 'docs/index.md': '' },
    source: 'docs/images',
    shows: ['docs', '/'],
  },
  {
    name: 'MkDocs below a path',
    pictures: ['docs/images/a.jpg', 'docs/images/b.jpg'],
    files: { 'mkdocs.yml': 'site_name: x\nsite_url: https://example.org/manual/', 'docs/index.md': '' },
    source: 'docs/images',
    shows: ['docs', '/manual/'],
  },
  {
    name: 'Sphinx',
    pictures: ['docs/source/img/a.jpg'],
    besides: ['docs/build/html/_images/a.jpg'],
    files: { 'docs/source/conf.py': "html_theme = 'furo'", 'docs/source/index.rst': '' },
    source: 'docs/source/img',
    shows: ['docs/source/_static', '/_static/'],
  },
  {
    name: 'Pelican',
    pictures: ['content/images/a.jpg'],
    besides: ['output/images/a.jpg'],
    files: { 'pelicanconf.py': "PATH = 'content'", 'content/a.md': '' },
    source: 'content/images',
    shows: ['content/images', '/images/'],
  },
  {
    name: 'Docusaurus',
    pictures: ['static/img/a.jpg', 'static/img/b.jpg'],
    besides: ['static/img/logo.svg', 'build/img/a.jpg', 'build/img/b.jpg', 'build/img/c.jpg'],
    files: {
      ...packages('@docusaurus/core'),
      'docusaurus.config.ts': "export default { url: 'https://x', baseUrl: '/p/' }",
    },
    source: 'static/img',
    shows: ['static', '/p/'],
  },
  {
    name: 'Next.js',
    pictures: ['public/photos/a.jpg', 'public/photos/b.jpg'],
    besides: ['app/icon.svg', 'public/next.svg', '.next/static/a.jpg', 'out/a.jpg', 'out/b.jpg', 'out/c.jpg'],
    files: { ...packages('next'), 'next.config.ts': "export default { basePath: '/shop' }" },
    source: 'public/photos',
    shows: ['public', '/shop/'],
  },
  {
    name: 'Nuxt',
    pictures: ['assets/images/a.jpg', 'assets/images/b.jpg'],
    besides: ['public/favicon.ico', '.output/public/a.jpg'],
    files: { ...packages('nuxt'), 'nuxt.config.ts': "export default { app: { baseURL: '/n/' } }" },
    source: 'assets/images',
    shows: ['public', '/n/'],
  },
  {
    name: 'Gatsby',
    pictures: ['src/images/a.jpg', 'src/images/b.jpg'],
    besides: ['public/static/1.jpg', 'public/static/2.jpg', 'public/static/3.jpg', 'src/images/icon.png'],
    files: packages('gatsby', 'react'),
    source: 'src/images',
    shows: ['static', '/'],
  },
  {
    name: 'React Router',
    pictures: ['app/images/a.jpg', 'app/images/b.jpg'],
    files: { ...packages('@react-router/dev', 'vite'), 'vite.config.ts': 'export default {}' },
    source: 'app/images',
    shows: ['public', '/'],
  },
  {
    name: 'Angular',
    pictures: ['public/photos/a.jpg'],
    besides: ['dist/x/browser/a.jpg', 'dist/x/browser/b.jpg'],
    files: {
      ...packages('@angular/core'),
      'angular.json': '{ "assets": [{ "glob": "**/*", "input": "public" }] }',
    },
    source: 'public/photos',
    shows: ['public', '/'],
  },
  {
    name: 'Angular of old',
    pictures: ['src/assets/photos/a.jpg'],
    files: {
      ...packages('@angular/core'),
      'angular.json': '{ "assets": ["src/favicon.ico", "src/assets"] }',
    },
    source: 'src/assets/photos',
    shows: ['src/assets', '/assets/'],
  },
  {
    name: 'Create React App',
    pictures: ['src/assets/a.jpg', 'src/assets/b.jpg'],
    besides: words(`
      src/logo.svg build/static/media/a.jpg build/static/media/b.jpg build/static/media/c.jpg
    `),
    files: packages('react-scripts'),
    source: 'src/assets',
    shows: ['public', '/'],
  },
  {
    name: 'VitePress in docs/',
    pictures: ['docs/images/a.jpg', 'docs/images/b.jpg'],
    besides: ['docs/public/logo.svg'],
    files: { ...packages('vitepress'), 'docs/.vitepress/config.mts': "export default { base: '/v/' }" },
    source: 'docs/images',
    shows: ['docs/public', '/v/'],
  },
  {
    name: 'Vite in a folder of a larger project',
    pictures: ['apps/shop/public/photos/a.jpg', 'apps/shop/public/photos/b.jpg'],
    files: packages('vite'),
    source: 'apps/shop/public/photos',
    shows: ['apps/shop/public', '/'],
  },
  {
    name: 'Rails',
    pictures: ['app/assets/images/a.jpg', 'app/assets/images/b.jpg'],
    besides: ['public/assets/a-123.jpg', 'public/assets/b-123.jpg', 'public/assets/c.jpg', 'tmp/x.jpg'],
    files: { Gemfile: "source 'x'\ngem 'rails', '~> 8.0'", ...packages('vite') },
    source: 'app/assets/images',
    shows: ['public', '/'],
  },
  {
    name: 'Django',
    pictures: ['media/photos/a.jpg', 'media/photos/b.jpg'],
    besides: ['venv/lib/x.jpg', 'venv/lib/y.jpg', 'venv/lib/z.jpg', 'staticfiles/a.jpg'],
    files: {
      'manage.py': '',
      'site/settings.py': "STATIC_URL = 'static/'\nMEDIA_URL = '/media/'",
      '.gitignore': 'media/\n',
    },
    source: 'media/photos',
    shows: ['static', '/static/'],
  },
  {
    name: 'Flask',
    pictures: ['static/uploads/a.jpg'],
    files: { 'requirements.txt': 'Flask==3.1\n', 'app.py': '' },
    source: 'static/uploads',
    shows: ['static', '/static/'],
  },
  {
    name: 'Symfony',
    pictures: ['assets/images/a.jpg', 'assets/images/b.jpg'],
    files: { 'composer.json': '{ "require": { "symfony/framework-bundle": "7.*" } }' },
    source: 'assets/images',
    shows: ['public', '/'],
  },
  {
    name: 'Spring Boot',
    pictures: ['src/main/resources/static/photos/a.jpg'],
    besides: ['target/classes/static/photos/a.jpg', 'target/classes/b.jpg'],
    files: { 'pom.xml': '<artifactId>spring-boot-starter-web</artifactId>' },
    source: 'src/main/resources/static/photos',
    shows: ['src/main/resources/static', '/'],
  },
  {
    name: 'ASP.NET',
    pictures: ['wwwroot/images/a.jpg'],
    files: { 'Shop.csproj': '<Project/>' },
    source: 'wwwroot/images',
    shows: ['wwwroot', '/'],
  },
  {
    name: 'Parcel',
    pictures: ['src/photos/a.jpg'],
    besides: ['dist/a.1f3a.jpg'],
    files: { 'package.json': '{ "devDependencies": { "parcel": "^2" } }', 'src/index.html': '' },
    source: 'src/photos',
    shows: ['static', '/'],
  },
  {
    name: 'webpack',
    pictures: ['src/photos/a.jpg'],
    besides: ['dist/1f3a.jpg'],
    files: { 'package.json': '{ "devDependencies": { "webpack": "^5" } }', 'public/index.html': '' },
    source: 'src/photos',
    shows: ['public', '/'],
  },
  {
    name: 'Zola',
    pictures: ['content/posts/a/1.jpg', 'content/posts/b/2.jpg'],
    files: { 'config.toml': 'base_url = "https://example.org"\n', 'templates/index.html': '' },
    source: 'content/posts',
    shows: ['static', '/'],
  },
  {
    name: 'plain HTML at the root',
    pictures: ['photos/a.jpg', 'photos/b.jpg'],
    files: { 'index.html': '<img src="/photos/a.jpg">' },
    source: 'photos',
    shows: ['', '/'],
    state: false,
  },
  {
    name: 'plain HTML with its pictures beside it',
    pictures: ['a.jpg', 'b.jpg'],
    besides: ['node_modules/x/a.jpg'],
    files: { 'index.html': '<img src="a.jpg">' },
    source: '.',
    shows: ['', '/'],
    state: false,
  },
  {
    name: 'plain HTML in htdocs/',
    pictures: ['originals/2024/a.jpg', 'originals/2023/b.jpg'],
    files: { 'htdocs/index.html': '' },
    source: 'originals',
    shows: ['htdocs', '/'],
  },
  {
    name: 'uploads that git ignores, and nothing else',
    pictures: ['data/uploads/a.jpg'],
    besides: ['tests/fixtures/a.jpg', 'tests/fixtures/b.jpg'],
    files: { '.gitignore': 'data\n', 'server.js': '' },
    source: 'data/uploads',
    shows: ['public', '/'],
  },
]

/** Runs a command as the program does, but in this process: what it prints, and its exit code. */
const runHere = async (command: Command, flags: Readonly<Record<string, unknown>>, cwd: string) => {
  const printed: string[] = []
  const say = (text: string): void => void printed.push(text)
  const plain = chooseStyle({}, false)
  const context: CommandContext = {
    terminal: {
      print: say,
      report: say,
      log: say,
      style: plain,
      logStyle: plain,
      width: 80,
      canRedraw: false,
      canAsk: false,
      confirm: async () => false,
      findFailure: async () => undefined,
      divert: () => () => {},
    },
    serve: () => Promise.reject(new Error('nobody serves here')),
    watch: () => Promise.reject(new Error('nobody watches here')),
    studio: () => Promise.reject(new Error('nobody looks here')),
    programVersion: '0.0.0',
    leave: () => {
      throw new Error('told to leave')
    },
    cwd,
    host: { cpus: 1, memoryBytes: 4e9 },
    env: {},
    now: Date.now,
    newId: () => crypto.randomUUID(),
  }
  return { code: await command.run(createFlags(flags), context), text: printed.join('\n') }
}

const makeLayout = async ({ pictures, besides = [], files }: Layout): Promise<string> => {
  const cwd = await makeFolder()
  for (const [name, text] of Object.entries(files)) await writeText(join(cwd, name), text)
  for (const name of [...pictures, ...besides])
    if (/\.(?:svg|ico)$/.test(name))
      await writeText(join(cwd, name), '<svg xmlns="http://www.w3.org/2000/svg"/>')
    else await writePicture(join(cwd, name), 40, 30)
  return cwd
}

describe('init, build, and the URL that it prints', () => {
  it.each(LAYOUTS)('$name: pictures of $source, shown by the site', async (layout) => {
    const cwd = await makeLayout(layout)
    const init = await runHere(initCommand, { json: true }, cwd)
    const [folder, path] = layout.shows
    const inSource = [...layout.pictures, ...(layout.besides ?? [])].filter(
      (name) => layout.source === '.' || name.startsWith(`${layout.source}/`),
    )
    const pictures = layout.source === '.' ? layout.pictures.length : inSource.length
    expect(JSON.parse(init.text)).toMatchObject({ source: layout.source, pictures })
    expect('state' in JSON.parse(init.text)).toBe(layout.state !== false)

    const built = await runHere(buildCommand, { size: 'card', format: 'webp', quiet: false }, cwd)
    expect(built, built.text).toMatchObject({ code: 0 })
    const [, url = ''] = /^URL +(\S+)$/m.exec(built.text) ?? []
    expect(url.startsWith(path), url).toBe(true)
    // Where a site shows src/img as /img/, that is no place for folders that are named like its pictures.
    expect(layout.source.split('/')).not.toContain(JSON.parse(init.text).baseUrl.split('/').at(-2))
    const file = join(cwd, folder, decodeURI(url.slice(path.length)))
    expect((await stat(file)).size).toBeGreaterThan(20)
    // What is known of results is no part of what the site shows, where there is any other place.
    if (layout.state !== false) expect(file.startsWith(join(cwd, '.imgsizes'))).toBe(false)
  })
})

describe('a plain site', () => {
  it('answers 200 to the URL that build prints, and says that the secret lies in what is served', async () => {
    const cwd = await makeFolder()
    await writeText(join(cwd, 'index.html'), '<img src="/photos/a.jpg" alt="">')
    await writePicture(join(cwd, 'photos/a.jpg'), 400, 300)
    const init = await run(['init'], { cwd })
    expect(init.stdout).toContain('The site: plain HTML, which shows what is in this folder under /.')
    expect(init.stdout).toMatch(/This folder is what the site serves: .*\.env/)
    const { stdout } = await run(['build'], { cwd })
    expect(stdout).toContain("files  img: shown under /img/ where this folder is the site's root")
    const server = createServer(async ({ url = '' }, response) => {
      const bytes = await readFile(join(cwd, decodeURI(url))).catch(() => undefined)
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const [, url = ''] = /^URL +(\S+)$/m.exec(stdout) ?? []
    expect((await fetch(`http://127.0.0.1:${port}${url}`)).status).toBe(200)
    await run(['html', '.'], { cwd })
    const page = await readFile(join(cwd, 'index.html'), 'utf8')
    for (const [, found = ''] of page.matchAll(/(?:srcset|src)="([^" ]+)/g))
      expect([found, (await fetch(`http://127.0.0.1:${port}${found}`)).status]).toEqual([found, 200])
  })
})
