import type { ProjectFiles } from './project-files.ts'
import {
  angularAssets,
  antoraSupplement,
  at,
  basedOn,
  baseOf,
  dependsOn,
  djangoStatic,
  documents,
  firstOf,
  folderOf,
  gem,
  hugoConfig,
  join,
  phoenixStatic,
  plainRoot,
  publicDir,
  type SiteFolder,
  sphinxFolder,
  yamlPath,
  yamlText,
} from './site-folders.ts'

/** How a kind of project is recognised, and how it serves static files. */
export interface Framework {
  readonly name: string
  isUsed(project: ProjectFiles): boolean
  site(project: ProjectFiles): SiteFolder
  /** Folders that it writes: their pictures are copies. */
  readonly builds?: readonly string[]
  /** Where its originals are, before any other place. */
  readonly originals?: readonly string[]
  /** The project folder is the site: everything in it can be asked for. */
  readonly isServedWhole?: true
  /** What the user must do so that the site serves the folder; undefined where nothing. */
  note?(site: SiteFolder): string | undefined
}

/** The first one that is used counts: frameworks that serve a site come before those that only bundle its scripts. */
export const FRAMEWORKS: readonly Framework[] = [
  {
    name: 'WordPress',
    isUsed: (project) => project.has('wp-content') || project.has('wp-config.php'),
    site: at('wp-content', '/wp-content/'),
    isServedWhole: true,
    builds: ['wp-admin', 'wp-includes', 'wp-content/cache', 'wp-content/plugins', 'wp-content/upgrade'],
    originals: ['wp-content/uploads'],
  },
  {
    name: 'Laravel',
    isUsed: (project) =>
      project.has('artisan') || project.text('composer.json').includes('"laravel/framework"'),
    site: at('public'),
    builds: ['public/build', 'public/storage', 'bootstrap/cache', 'storage/framework'],
    originals: ['storage/app/public'],
  },
  {
    name: 'Symfony',
    isUsed: (project) => project.text('composer.json').includes('"symfony/framework-bundle"'),
    site: at('public'),
    builds: ['public/build', 'public/bundles', 'var'],
  },
  {
    name: 'Drupal',
    isUsed: (project) => /"drupal\/(?:core|core-recommended)"/.test(project.text('composer.json')),
    site: (project) => ({ folder: firstOf(project, ['web', 'docroot']), path: '/' }),
    builds: ['web/core', 'docroot/core', 'web/modules/contrib', 'web/themes/contrib'],
    originals: ['web/sites/default/files', 'docroot/sites/default/files'],
  },
  {
    name: 'Rails',
    isUsed: (project) => gem('rails')(project) || project.has('config/application.rb'),
    site: at('public'),
    builds: ['public/assets', 'public/packs', 'public/vite', 'tmp', 'log'],
  },
  {
    name: 'Phoenix',
    isUsed: (project) => /\{\s*:phoenix\s*,/.test(project.text('mix.exs')),
    site: phoenixStatic,
    builds: ['priv/static/assets', '_build', 'deps'],
  },
  {
    name: 'Django',
    isUsed: (project) => project.has('manage.py'),
    site: djangoStatic,
    builds: ['staticfiles', 'static_root'],
  },
  {
    name: 'Flask',
    isUsed: (project) =>
      ['requirements.txt', 'pyproject.toml', 'Pipfile'].some((file) => /\bflask\b/i.test(project.text(file))),
    site: (project) => ({ folder: firstOf(project, ['static', 'app/static']), path: '/static/' }),
  },
  {
    name: 'Spring Boot',
    isUsed: (project) =>
      ['pom.xml', 'build.gradle', 'build.gradle.kts'].some((file) =>
        project.text(file).includes('spring-boot'),
      ),
    site: at('src/main/resources/static'),
    builds: ['target', 'build'],
  },
  {
    name: 'ASP.NET',
    isUsed: (project) =>
      project.has('wwwroot') || project.names('').some((name) => /\.(?:cs|fs|vb)proj$/.test(name)),
    site: at('wwwroot'),
    builds: ['bin', 'obj'],
  },
  {
    name: 'Next.js',
    isUsed: (project) => dependsOn('next')(project) || project.config('next.config') !== '',
    site: basedOn('public', 'next.config', /basePath/),
    builds: ['.next', 'out'],
  },
  {
    name: 'Nuxt',
    isUsed: dependsOn('nuxt', 'nuxt3', 'nuxt-edge'),
    site: (project) => {
      const isOld = /^\D*2\./.test(project.dependency('nuxt') ?? '')
      const path = baseOf(project.config('nuxt.config'), isOld ? /\bbase/ : /baseURL/)
      const text = project.config('nuxt.config')
      const within = folderOf(text, /srcDir/, '')
      return { folder: isOld ? join(within, 'static') : folderOf(text, /public/, 'public'), path }
    },
    builds: ['.nuxt', '.output', 'dist'],
  },
  { name: 'Astro', isUsed: dependsOn('astro'), site: publicDir('astro.config'), builds: ['dist'] },
  {
    name: 'SvelteKit',
    isUsed: dependsOn('@sveltejs/kit'),
    site: publicDir('svelte.config', /assets/, 'static'),
    builds: ['build', '.svelte-kit'],
  },
  { name: 'Gatsby', isUsed: dependsOn('gatsby'), site: at('static'), builds: ['public', '.cache'] },
  {
    name: 'Docusaurus',
    isUsed: dependsOn('@docusaurus/core'),
    site: basedOn('static', 'docusaurus.config', /baseUrl/),
    builds: ['build', '.docusaurus'],
  },
  {
    name: 'VitePress',
    isUsed: dependsOn('vitepress'),
    site: documents('.vitepress', (folder) => join(folder, 'public')),
  },
  {
    name: 'VuePress',
    isUsed: dependsOn('vuepress'),
    site: documents('.vuepress', (folder) => join(folder, '.vuepress/public')),
  },
  { name: 'Gridsome', isUsed: dependsOn('gridsome'), site: at('static'), builds: ['dist'] },
  {
    name: 'React Router',
    isUsed: dependsOn('@remix-run/react', '@remix-run/node', '@react-router/dev'),
    site: basedOn('public', 'vite.config', /\bbase/),
    builds: ['build', 'public/build'],
  },
  { name: 'Angular', isUsed: dependsOn('@angular/core'), site: angularAssets, builds: ['dist', '.angular'] },
  { name: 'Create React App', isUsed: dependsOn('react-scripts'), site: at('public'), builds: ['build'] },
  {
    name: 'Vue CLI',
    isUsed: dependsOn('@vue/cli-service'),
    site: basedOn('public', 'vue.config', /publicPath/),
    builds: ['dist'],
  },
  { name: 'Ember', isUsed: dependsOn('ember-cli', 'ember-source'), site: at('public'), builds: ['dist'] },
  {
    name: 'Qwik',
    isUsed: dependsOn('@builder.io/qwik-city', '@qwik.dev/router'),
    site: publicDir('vite.config'),
    builds: ['dist', 'server'],
  },
  {
    name: 'SolidStart',
    isUsed: dependsOn('@solidjs/start'),
    site: at('public'),
    builds: ['.output', '.vinxi'],
  },
  {
    name: 'Hexo',
    isUsed: dependsOn('hexo'),
    site: (project) => ({ folder: 'source', path: yamlPath(project.text('_config.yml'), 'root') }),
    builds: ['public'],
  },
  {
    name: 'Eleventy',
    isUsed: (project) =>
      dependsOn('@11ty/eleventy')(project) ||
      project.has('.eleventy.js') ||
      project.config('eleventy.config') !== '',
    site: (project) => {
      const text = project.config('eleventy.config') + project.text('.eleventy.js')
      const copied =
        /addPassthroughCopy\(\s*\{\s*["'`](?:\.\/)?([\w/-]+?)\/?["'`]\s*:\s*["'`](?:\.?\/)?["'`]/.exec(
          text,
        )?.[1]
      return { folder: copied ?? '', path: baseOf(text, /pathPrefix/) }
    },
    builds: ['_site'],
    note: ({ folder }) =>
      folder === ''
        ? 'use the plugin `imgsizes/eleventy`, which copies the results into the site'
        : undefined,
  },
  { name: 'Vite', isUsed: dependsOn('vite'), site: publicDir('vite.config'), builds: ['dist'] },
  {
    name: 'Parcel',
    isUsed: dependsOn('parcel', 'parcel-bundler'),
    site: at('static'),
    builds: ['dist', '.parcel-cache'],
    note: () => 'let parcel-reporter-static-files-copy copy static/ into what Parcel writes',
  },
  {
    name: 'webpack',
    isUsed: dependsOn('webpack'),
    site: (project) => ({ folder: firstOf(project, ['public', 'static']), path: '/' }),
    builds: ['dist', 'build'],
    note: ({ folder }) => `let copy-webpack-plugin copy ${folder}/ into what webpack writes`,
  },
  {
    name: 'Hugo',
    isUsed: (project) =>
      project.names('').some((name) => /^hugo\.(?:toml|ya?ml|json)$/.test(name)) ||
      (/\bbaseURL\b/i.test(hugoConfig(project)) && ['archetypes', 'layouts', 'themes'].some(project.has)),
    site: (project) => ({
      folder: folderOf(hugoConfig(project), /staticDir/i, 'static'),
      path: baseOf(hugoConfig(project), /baseURL"?/i),
    }),
    builds: ['public', 'resources'],
  },
  {
    name: 'Zola',
    isUsed: (project) => /^base_url\s*=/m.test(project.text('config.toml')),
    site: (project) => ({ folder: 'static', path: baseOf(project.text('config.toml'), /base_url/) }),
    builds: ['public'],
  },
  { name: 'Middleman', isUsed: gem('middleman'), site: at('source'), builds: ['build'] },
  { name: 'Bridgetown', isUsed: gem('bridgetown'), site: at('src'), builds: ['output'] },
  {
    name: 'Jekyll',
    isUsed: (project) =>
      gem('jekyll')(project) ||
      gem('github-pages')(project) ||
      (project.has('_config.yml') && ['_layouts', '_posts', '_includes'].some(project.has)),
    site: (project) => ({ folder: '', path: yamlPath(project.text('_config.yml'), 'baseurl') }),
    builds: ['_site'],
  },
  {
    name: 'MkDocs',
    isUsed: (project) => project.has('mkdocs.yml'),
    site: (project) => {
      const text = project.text('mkdocs.yml')
      return { folder: yamlText(text, 'docs_dir') || 'docs', path: yamlPath(text, 'site_url') }
    },
    builds: ['site'],
  },
  {
    name: 'Zensical',
    isUsed: (project) => project.has('zensical.toml'),
    site: (project) => {
      const text = project.text('zensical.toml')
      return { folder: folderOf(text, /docs_dir/, 'docs'), path: baseOf(text, /site_url/) }
    },
    builds: ['site'],
  },
  {
    name: 'mdBook',
    isUsed: (project) => project.has('book.toml'),
    site: (project) => {
      const text = project.text('book.toml')
      return { folder: folderOf(text, /\nsrc/, 'src'), path: baseOf(text, /site-url/) }
    },
    builds: ['book'],
  },
  {
    name: 'Lektor',
    isUsed: (project) => project.names('').some((name) => name.endsWith('.lektorproject')),
    site: at('assets'),
  },
  {
    name: 'Quarto',
    isUsed: (project) => project.has('_quarto.yml'),
    site: at('.'),
    builds: ['_site', '_book'],
    note: () => 'name the folder of results in resources, below project in _quarto.yml',
  },
  {
    name: 'Nikola',
    isUsed: (project) => project.text('conf.py').includes('Nikola'),
    site: (project) => ({ folder: 'files', path: baseOf(project.text('conf.py'), /\nSITE_URL/) }),
    builds: ['output', 'cache'],
    originals: ['images'],
    note: () =>
      "write IMAGE_FOLDERS = {} and FILES_FOLDERS = {'files': '', 'images': 'images'} in conf.py: else Nikola shows smaller copies of its own",
  },
  {
    name: 'Antora',
    isUsed: (project) => project.has('antora-playbook.yml'),
    site: antoraSupplement,
    builds: ['build'],
    note: ({ folder }) => `name ${folder} in supplemental_files, below ui in antora-playbook.yml`,
  },
  {
    name: 'Sphinx',
    isUsed: (project) => sphinxFolder(project) !== undefined,
    site: (project) => ({ folder: join(sphinxFolder(project) ?? '', '_static'), path: '/_static/' }),
    builds: ['build', '_build', 'docs/build', 'docs/_build', 'doc/_build'],
  },
  {
    name: 'Pelican',
    isUsed: (project) => project.has('pelicanconf.py'),
    site: at('content/images', '/images/'),
    builds: ['output'],
  },
  {
    name: 'plain HTML',
    isUsed: (project) => plainRoot(project) !== undefined,
    site: (project) => ({ folder: plainRoot(project) ?? '', path: '/' }),
    isServedWhole: true,
  },
]
