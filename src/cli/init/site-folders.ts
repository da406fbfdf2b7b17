import type { ProjectFiles } from './project-files.ts'

/** A folder whose files a site publishes unchanged. */
export interface SiteFolder {
  /** Relative to the project; "" for the project itself. */
  readonly folder: string
  /** The path of the folder on the site, with "/" at both ends. */
  readonly path: string
}

/** A folder that is always the same one, and its path on the site. */
export const at =
  (folder: string, path = '/') =>
  (): SiteFolder => ({ folder, path })

/** Whether package.json names one of these packages. */
export const dependsOn =
  (...names: readonly string[]) =>
  (project: ProjectFiles): boolean =>
    names.some((name) => project.dependency(name) !== undefined)

/** The site's path in a configuration, where it is a plain text: `base: '/docs/'`. */
export const baseOf = (text: string, option: RegExp): string => {
  const [, found = ''] = new RegExp(`${option.source}\\s*[:=]\\s*["'\`]([^"'\`$]*)["'\`]`).exec(text) ?? []
  const path = URL.canParse(found) ? new URL(found).pathname : found
  const inner = path.replace(/^[./]+|\/+$/g, '')
  return inner === '' || /[^\w/.~-]/.test(inner) ? '/' : `/${inner}/`
}

/** The folder that an option names, where it is a plain text. */
export const folderOf = (text: string, option: RegExp, usual: string): string => {
  const [, found = usual] = new RegExp(`${option.source}\\s*[:=]\\s*["'\`]([\\w./-]+)["'\`]`).exec(text) ?? []
  return found.replace(/^\.\/|\/$/g, '')
}

/** Whether the Gemfile names a gem. */
export const gem =
  (name: string) =>
  (project: ProjectFiles): boolean =>
    new RegExp(`^\\s*gem\\s+["']${name}["']`, 'm').test(project.text('Gemfile'))

/** The text of Hugo's configuration; "" where there is none. */
export const hugoConfig = (project: ProjectFiles): string =>
  ['hugo', 'config']
    .flatMap((name) => ['toml', 'yaml', 'yml', 'json'].map((ending) => project.text(`${name}.${ending}`)))
    .find((text) => text !== '') ?? ''

/** `docs/` for a site whose settings lie in `docs/.vitepress/`; "" for the project itself. */
const documentsOf = (project: ProjectFiles, settings: string): string =>
  ['', 'docs', 'documentation', 'src', 'site', 'website'].find((folder) =>
    project.has(join(folder, settings)),
  ) ?? ''

/** Parts of a path, joined by "/"; empty ones are left out. */
export const join = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join('/')

/** The first folder that exists, else the first one. */
export const firstOf = (project: ProjectFiles, folders: readonly [string, ...string[]]): string =>
  folders.find(project.has) ?? folders[0]

/** A site whose configuration may name its folder of static files, and its path by `base`. */
export const publicDir =
  (config: string, option = /publicDir/, usual = 'public') =>
  (project: ProjectFiles): SiteFolder => {
    const text = project.config(config)
    return { folder: folderOf(text, option, usual), path: baseOf(text, /\bbase/) }
  }

/** A site whose path is set by an option of its configuration. */
export const basedOn =
  (folder: string, config: string, option: RegExp) =>
  (project: ProjectFiles): SiteFolder => ({ folder, path: baseOf(project.config(config), option) })

/** A site whose settings lie in a folder of its documents: `docs/.vitepress/`. */
export const documents =
  (settings: string, toPublic: (folder: string) => string) =>
  (project: ProjectFiles): SiteFolder => {
    const folder = documentsOf(project, settings)
    const text = project.config(join(folder, settings, 'config'))
    return { folder: toPublic(folder), path: baseOf(text, /\bbase/) }
  }

/** Angular copies what its `assets` name: a folder with a glob, or the folder itself under its own name. */
export const angularAssets = (project: ProjectFiles): SiteFolder => {
  const text = project.text('angular.json')
  const path = baseOf(text, /"baseHref"/)
  const [, input] = /"input"\s*:\s*"([\w./-]+)"/.exec(text) ?? []
  if (input !== undefined) return { folder: input.replace(/\/$/, ''), path }
  return text.includes('"src/assets"')
    ? { folder: 'src/assets', path: `${path}assets/` }
    : { folder: 'public', path }
}

/** Antora copies what supplements its interface to `_` of the site. */
export const antoraSupplement = (project: ProjectFiles): SiteFolder => {
  const text = project.text('antora-playbook.yml')
  const named = yamlText(text, '[ ]+supplemental_files').replace(/^\.\/|\/$/g, '')
  return {
    folder: named || 'supplemental-ui',
    path: `${yamlPath(text, 'site:(?:\\r?\\n[ ].*)*?\\r?\\n[ ]+url')}_/`,
  }
}

/** Phoenix serves those parts of priv/static that `static_paths` names, by default also `images`. */
export const phoenixStatic = (project: ProjectFiles): SiteFolder => {
  const web = project.names('lib').find((name) => name.endsWith('_web.ex'))
  const [, list = 'images'] =
    /static_paths,?\s*do:\s*~w\(([^)]*)\)/.exec(project.text(`lib/${web ?? ''}`)) ?? []
  const folders = list.split(/\s+/).filter((name) => !name.includes('.'))
  const folder = folders.includes('images') ? 'images' : (folders[0] ?? 'images')
  return { folder: `priv/static/${folder}`, path: `/${folder}/` }
}

/** Django serves STATICFILES_DIRS under STATIC_URL: usually `static/` of the project, or of one of its apps. */
export const djangoStatic = (project: ProjectFiles): SiteFolder => {
  const settings = project
    .names('')
    .flatMap((folder) => [`${folder}/settings.py`, `${folder}/settings/base.py`])
    .find(project.has)
  const path = baseOf(project.text(settings ?? ''), /STATIC_URL/)
  const app = project.names('').find((folder) => project.has(`${folder}/static`))
  const folder = project.has('static') || app === undefined ? 'static' : `${app}/static`
  return { folder, path: path === '/' ? '/static/' : path }
}

/** The folder of a Sphinx documentation's settings; undefined where there are none. */
export const sphinxFolder = (project: ProjectFiles): string | undefined =>
  ['', 'docs', 'doc', 'source', 'docs/source', 'doc/source'].find((folder) =>
    /\bhtml_theme\b|sphinx/i.test(project.text(join(folder, 'conf.py'))),
  )

/** The project itself comes first. */
const DOCUMENT_ROOTS = ['', ...'public public_html htdocs www html site web wwwroot docs src'.split(' ')]

/** The folder of a site that is only files; undefined where there is no index page. */
export const plainRoot = (project: ProjectFiles): string | undefined =>
  DOCUMENT_ROOTS.find(
    (folder) => project.has(join(folder, 'index.html')) || project.has(join(folder, 'index.htm')),
  )

/** The text of a top-level key of a YAML file; "" where it is missing. Good enough for one line. */
export const yamlText = (text: string, key: string): string => {
  const [, found = ''] = new RegExp(`^${key}:[ \\t]*["']?([^"'#\\r\\n]*)`, 'm').exec(text) ?? []
  return found.trim()
}

/** The path on the site that such a key tells, with "/" at both ends. */
export const yamlPath = (text: string, key: string): string => baseOf(`x: "${yamlText(text, key)}"`, /x/)
