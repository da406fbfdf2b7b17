import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Command, CommandContext } from '../../src/cli/command.ts'
import { command as buildCommand } from '../../src/cli/commands/build.ts'
import { command as initCommand } from '../../src/cli/commands/init.ts'
import { createFlags } from '../../src/cli/flags.ts'
import { serveFolder } from '../support/browser.ts'
import { words } from '../support/words.ts'
import { makeFolder, run, SILENT, writePicture, writeText } from './support.ts'

/** How a project looks before imgsizes, and how its framework shows files as they are. */
interface Layout {
  readonly name: string
  readonly source: string
  readonly pictures: readonly string[]
  /** What the framework serves, and under which path. */
  readonly shows: readonly [folder: string, path: string]
  /** Logos, copies and other people's pictures, which are no reason to take a folder. */
  readonly besides: readonly string[]
  readonly files: Readonly<Record<string, string>>
  readonly hasState: boolean
}

/** A row: name | source | its pictures | folder and path that the framework shows | what lies besides. */
const layout = (row: string, files: Layout['files'], { hasState = true } = {}): Layout => {
  const [name = '', source = '', pictures = '', shows = '', besides = ''] = row.split(' | ')
  const [folder = '', path = ''] = shows.split(' ')
  const below = (picture: string): string => (source === '.' ? picture : `${source}/${picture}`)
  return {
    name,
    source,
    pictures: words(pictures).map(below),
    shows: [folder, path],
    besides: words(besides),
    files,
    hasState,
  }
}

const packages = (...names: readonly string[]): Record<string, string> => ({
  'package.json': JSON.stringify({ dependencies: Object.fromEntries(names.map((name) => [name, '^9'])) }),
})

const LAYOUTS: readonly Layout[] = [
  layout(
    'results of an earlier configuration, more than there are originals | photos | a.jpg | public / | public/pictures/a.jpg/640w.q80.F5qBZZuh0iN5uWNN.webp public/pictures/a.jpg/640w.q80.F5qBZZuh0iN5uWNN.jpg public/pictures/a.jpg/300x200.cover.attention.q75.F7gjf_aXtMauRx-i.jpg',
    {},
  ),
  layout(
    'Astro, pictures beside their posts | src/content/blog | a/hero.jpg b/hero.jpg b/two.jpg | public / | src/assets/logo.svg public/favicon.svg dist/_astro/hero.jpg dist/a.jpg dist/b.jpg dist/c.jpg',
    { ...packages('astro'), 'astro.config.mjs': 'export default {}' },
  ),
  layout('Astro under a base | src/assets | a.jpg | public /docs/', {
    ...packages('astro'),
    'astro.config.mjs': "export default { site: 'https://x', base: '/docs' }",
  }),
  layout(
    'Eleventy that copies public/ | src/img | a.jpg b.jpg | public / | _site/img/a.jpg _site/img/b.jpg _site/img/c.jpg',
    {
      ...packages('@11ty/eleventy'),
      'eleventy.config.js': 'export default (config) => { config.addPassthroughCopy({ "./public/": "/" }) }',
    },
  ),
  layout(
    'Eleventy that shows src/img under /img/, where results of img/a.jpg would need a folder of that name | src/img | a.jpg b.jpg | . /',
    { ...packages('@11ty/eleventy') },
  ),
  layout(
    'Vite, its template | src/assets | hero.jpg photos/a.jpg photos/b.jpg | public / | src/assets/vite.svg src/assets/typescript.svg src/assets/icon.png public/vite.svg',
    packages('vite'),
  ),
  layout(
    'Vite with more logos than photographs | photos | a.jpg b.jpg | static /app/ | src/assets/1.svg src/assets/2.svg src/assets/3.svg src/assets/4.png src/assets/5.png',
    { ...packages('vite'), 'vite.config.ts': "export default { base: '/app/', publicDir: 'static' }" },
  ),
  layout('SvelteKit | src/lib/images | a.jpg b.jpg | static / | static/favicon.png', {
    ...packages('@sveltejs/kit', 'vite'),
    'svelte.config.js': 'export default {}',
  }),
  layout(
    'Hugo, page bundles | content | posts/one/a.jpg posts/two/b.jpg about/me.jpg | static / | static/logo.svg public/posts/one/a.jpg public/posts/two/b.jpg public/x.jpg public/y.jpg',
    { 'hugo.toml': "baseURL = 'https://example.org/'\ntitle = 'x'" },
  ),
  layout('Hugo of old, below a path | static/images | a.jpg b.jpg | static /blog/', {
    'config.yaml': 'baseURL: "https://example.org/blog/"',
    'layouts/index.html': '',
    'archetypes/x.md': '',
  }),
  layout(
    'Jekyll | assets/images | a.jpg b.jpg | . /repo/ | _site/assets/images/a.jpg _site/assets/images/b.jpg _site/c.jpg',
    {
      '_config.yml': 'title: x\nbaseurl: "/repo" # of GitHub',
      '_posts/2024-01-01-x.md': '',
      Gemfile: 'gem "jekyll"',
    },
  ),
  layout(
    'WordPress | wp-content/uploads | 2024/01/a.jpg 2024/02/b.jpg | . / | wp-content/themes/x/1.jpg wp-content/themes/x/2.jpg wp-content/themes/x/3.jpg wp-admin/a.jpg',
    { 'wp-config.php': '', '.gitignore': '/wp-content/uploads/\n' },
    { hasState: false },
  ),
  layout(
    'Laravel | storage/app/public | products/a.jpg b.jpg | public / | public/logo.png vendor/x/y.jpg public/build/a.jpg public/build/b.jpg public/build/c.jpg',
    {
      artisan: '',
      'composer.json': '{ "require": { "laravel/framework": "^12" } }',
      ...packages('vite'),
    },
  ),
  layout(
    'Phoenix | priv/static/images | a.jpg b.jpg | priv/static / | deps/phoenix/priv/a.jpg deps/phoenix/priv/b.jpg deps/phoenix/priv/c.jpg',
    {
      'mix.exs': 'defp deps do [ {:phoenix, "~> 1.8"} ] end',
      'lib/shop_web.ex': 'def static_paths, do: ~w(assets fonts images favicon.ico robots.txt)',
    },
  ),
  layout(
    'Hexo | source/images | a.jpg b.jpg | source /blog/ | public/images/a.jpg public/images/b.jpg public/images/c.jpg themes/x/source/logo.svg',
    { ...packages('hexo'), '_config.yml': 'url: https://x.org\nroot: /blog/\n' },
  ),
  layout('MkDocs | docs/images | a.jpg b.jpg | docs /', {
    'mkdocs.yml': 'site_name: x',
    'docs/index.md': '',
  }),
  layout('MkDocs below a path | docs/images | a.jpg b.jpg | docs /manual/', {
    'mkdocs.yml': 'site_name: x\nsite_url: https://example.org/manual/',
    'docs/index.md': '',
  }),
  layout('Sphinx | docs/source/img | a.jpg | docs/source/_static /_static/ | docs/build/html/_images/a.jpg', {
    'docs/source/conf.py': "html_theme = 'furo'",
    'docs/source/index.rst': '',
  }),
  layout('Zensical | docs/images | a.jpg | docs /manual/ | site/images/a.jpg site/images/b.jpg', {
    'zensical.toml':
      '[project]\nsite_name = "x"\nsite_url = "https://example.org/manual/"\n# docs_dir = "docs"\n',
    'docs/index.md': '',
  }),
  layout(
    'Nikola | images | a.jpg | files /blog/ | output/images/a.jpg output/images/a.thumbnail.jpg cache/b.jpg galleries/c.jpg galleries/d.jpg',
    {
      'conf.py':
        '# !! This is the configuration of Nikola. !! #\n# sphinx\nSITE_URL = "https://example.org/blog/"\n',
    },
  ),
  layout(
    'mdBook | src/images | a.jpg b.jpg | src /guide/ | book/images/a.jpg book/images/b.jpg book/images/c.jpg',
    {
      'book.toml': '[book]\ntitle = "x"\n[output.html]\nsite-url = "/guide/"\n',
    },
  ),
  layout('mdBook in another folder | text/pics | a.jpg b.jpg | text /', {
    'book.toml': '[book]\nsrc = "text"\n',
  }),
  layout('Lektor | content | blog/a.jpg about/b.jpg | assets /', { 'x.lektorproject': '[project]' }),
  layout('Quarto | images | a.jpg b.jpg | . / | _site/images/a.jpg _site/images/b.jpg _site/images/c.jpg', {
    '_quarto.yml': 'project:\n  type: website\n',
  }),
  layout(
    'Antora | docs/modules/ROOT/images | a.jpg b.jpg | supplemental-ui /_/ | build/site/x/_images/a.jpg build/site/x/_images/b.jpg build/site/x/_images/c.jpg',
    { 'antora-playbook.yml': 'site:\n  title: x\nui:\n  bundle:\n    url: ./ui.zip\n' },
  ),
  layout('Antora with a supplement, under a path | docs/images | a.jpg | ui /docs/_/', {
    'antora-playbook.yml':
      'site:\n  title: x\n  url: https://x/docs\nui:\n  bundle:\n    url: ./ui.zip\n  supplemental_files: ./ui/\n',
  }),
  layout('Pelican | content/images | a.jpg | content/images /images/ | output/images/a.jpg', {
    'pelicanconf.py': "PATH = 'content'",
    'content/a.md': '',
  }),
  layout(
    'Docusaurus | static/img | a.jpg b.jpg | static /p/ | static/img/logo.svg build/img/a.jpg build/img/b.jpg build/img/c.jpg',
    {
      ...packages('@docusaurus/core'),
      'docusaurus.config.ts': "export default { url: 'https://x', baseUrl: '/p/' }",
    },
  ),
  layout(
    'Next.js | public/photos | a.jpg b.jpg | public /shop/ | app/icon.svg public/next.svg .next/static/a.jpg out/a.jpg out/b.jpg out/c.jpg',
    { ...packages('next'), 'next.config.ts': "export default { basePath: '/shop' }" },
  ),
  layout('Nuxt | assets/images | a.jpg b.jpg | public /n/ | public/favicon.ico .output/public/a.jpg', {
    ...packages('nuxt'),
    'nuxt.config.ts': "export default { app: { baseURL: '/n/' } }",
  }),
  layout(
    'Gatsby | src/images | a.jpg b.jpg | static / | public/static/1.jpg public/static/2.jpg public/static/3.jpg src/images/icon.png',
    packages('gatsby', 'react'),
  ),
  layout('React Router | app/images | a.jpg b.jpg | public /', {
    ...packages('@react-router/dev', 'vite'),
    'vite.config.ts': 'export default {}',
  }),
  layout('Angular | public/photos | a.jpg | public / | dist/x/browser/a.jpg dist/x/browser/b.jpg', {
    ...packages('@angular/core'),
    'angular.json': '{ "assets": [{ "glob": "**/*", "input": "public" }] }',
  }),
  layout('Angular of old | src/assets/photos | a.jpg | src/assets /assets/', {
    ...packages('@angular/core'),
    'angular.json': '{ "assets": ["src/favicon.ico", "src/assets"] }',
  }),
  layout(
    'Create React App | src/assets | a.jpg b.jpg | public / | src/logo.svg build/static/media/a.jpg build/static/media/b.jpg build/static/media/c.jpg',
    packages('react-scripts'),
  ),
  layout(
    'VuePress, whose public folder is hidden | docs/.vuepress/public/photos | a.jpg b.jpg | docs/.vuepress/public / | docs/c.jpg docs/.vuepress/dist/a.jpg docs/.vuepress/dist/b.jpg docs/.vuepress/dist/c.jpg',
    { ...packages('vuepress'), 'docs/.vuepress/config.js': 'export default {}' },
  ),
  layout('VitePress in docs/ | docs/images | a.jpg b.jpg | docs/public /v/ | docs/public/logo.svg', {
    ...packages('vitepress'),
    'docs/.vitepress/config.mts': "export default { base: '/v/' }",
  }),
  layout(
    'Vite in a folder of a larger project | apps/shop/public/photos | a.jpg b.jpg | apps/shop/public /',
    packages('vite'),
  ),
  layout(
    'Rails | app/assets/images | a.jpg b.jpg | public / | public/assets/a-123.jpg public/assets/b-123.jpg public/assets/c.jpg tmp/x.jpg',
    { Gemfile: "source 'x'\ngem 'rails', '~> 8.0'", ...packages('vite') },
  ),
  layout(
    'Django | media/photos | a.jpg b.jpg | static /static/ | venv/lib/x.jpg venv/lib/y.jpg venv/lib/z.jpg staticfiles/a.jpg',
    {
      'manage.py': '',
      'site/settings.py': "STATIC_URL = 'static/'\nMEDIA_URL = '/media/'",
      '.gitignore': 'media/\n',
    },
  ),
  layout('Flask | static/uploads | a.jpg | static /static/', {
    'requirements.txt': 'Flask==3.1\n',
    'app.py': '',
  }),
  layout('Symfony | assets/images | a.jpg b.jpg | public /', {
    'composer.json': '{ "require": { "symfony/framework-bundle": "7.*" } }',
  }),
  layout(
    'Spring Boot | src/main/resources/static/photos | a.jpg | src/main/resources/static / | target/classes/static/photos/a.jpg target/classes/b.jpg',
    { 'pom.xml': '<artifactId>spring-boot-starter-web</artifactId>' },
  ),
  layout('ASP.NET | wwwroot/images | a.jpg | wwwroot /', { 'Shop.csproj': '<Project/>' }),
  layout('Parcel | src/photos | a.jpg | static / | dist/a.1f3a.jpg', {
    'package.json': '{ "devDependencies": { "parcel": "^2" } }',
    'src/index.html': '',
  }),
  layout('webpack | src/photos | a.jpg | public / | dist/1f3a.jpg', {
    'package.json': '{ "devDependencies": { "webpack": "^5" } }',
    'public/index.html': '',
  }),
  layout('Zola | content/posts | a/1.jpg b/2.jpg | static /', {
    'config.toml': 'base_url = "https://example.org"\n',
    'templates/index.html': '',
  }),
  layout(
    'plain HTML at the root | photos | a.jpg b.jpg | . /',
    { 'index.html': '<img src="/photos/a.jpg">' },
    { hasState: false },
  ),
  layout(
    'plain HTML with its pictures beside it | . | a.jpg b.jpg | . / | node_modules/x/a.jpg',
    { 'index.html': '<img src="a.jpg">' },
    { hasState: false },
  ),
  layout('plain HTML in htdocs/ | originals | 2024/a.jpg 2023/b.jpg | htdocs /', { 'htdocs/index.html': '' }),
  layout(
    'uploads that git ignores, and nothing else | data/uploads | a.jpg | public / | tests/fixtures/a.jpg tests/fixtures/b.jpg',
    { '.gitignore': 'data\n', 'server.js': '' },
  ),
]

/** Runs a command as the program does, but in this process: what it prints, and its exit code. */
const runHere = async (command: Command, flags: Readonly<Record<string, unknown>>, cwd: string) => {
  const printed: string[] = []
  const say = (text: string): void => void printed.push(text)
  const context: CommandContext = {
    terminal: { ...SILENT, print: say, report: say, log: say },
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

const makeLayout = async ({ pictures, besides, files }: Layout): Promise<string> => {
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
    const inSource = [...layout.pictures, ...layout.besides].filter(
      (name) => layout.source === '.' || name.startsWith(`${layout.source}/`),
    )
    const pictures = layout.source === '.' ? layout.pictures.length : inSource.length
    expect(JSON.parse(init.text)).toMatchObject({ source: layout.source, pictures })
    expect('state' in JSON.parse(init.text)).toBe(layout.hasState)

    const built = await runHere(buildCommand, { size: 'card', format: 'webp', quiet: false }, cwd)
    expect(built, built.text).toMatchObject({ code: 0 })
    const [, url = ''] = /^URL +(\S+)$/m.exec(built.text) ?? []
    expect(url.startsWith(path), url).toBe(true)
    // Where a site shows src/img as /img/, that is no place for folders that are named like its pictures.
    expect(layout.source.split('/')).not.toContain(JSON.parse(init.text).baseUrl.split('/').at(-2))
    const file = join(cwd, folder, decodeURI(url.slice(path.length)))
    expect((await stat(file)).size).toBeGreaterThan(20)
    // What is known of results is no part of what the site shows, where there is any other place.
    if (layout.hasState) expect(file.startsWith(join(cwd, '.imgsizes'))).toBe(false)
  })
})

describe('a plain site', () => {
  it('answers 200 to the URL that build prints, and says that the secret lies in what is served', async () => {
    const cwd = await makeFolder()
    await writeText(join(cwd, 'index.html'), '<img src="/photos/a.jpg" alt="">')
    await writePicture(join(cwd, 'photos/a.jpg'), 100, 75)
    const init = await run(['init'], { cwd })
    expect(init.stdout).toContain('The site: plain HTML, which shows what is in this folder under /.')
    expect(init.stdout).toMatch(/This folder is what the site serves: .*\.env/)
    const { stdout } = await run(['build'], { cwd })
    expect(stdout).toContain("files  img: shown under /img/ where this folder is the site's root")
    const host = await serveFolder(cwd)
    onTestFinished(host.close)
    const statusOf = async (path: string) => (await fetch(new URL(path, host.origin))).status
    const [, url = ''] = /^URL +(\S+)$/m.exec(stdout) ?? []
    expect(await statusOf(url)).toBe(200)
    await run(['html', '.'], { cwd })
    const page = await readFile(join(cwd, 'index.html'), 'utf8')
    for (const [, found = ''] of page.matchAll(/(?:srcset|src)="([^" ]+)/g))
      expect([found, await statusOf(found)]).toEqual([found, 200])
  })
})
