import { join } from 'node:path'
import fastGlob from 'fast-glob'
import { findLeftOutKind, LEFT_OUT_ENDINGS } from '../../app/batch/left-out.ts'
import type { ProjectFiles } from './project-files.ts'

/** A folder, with the pictures in it and below it. */
export interface PictureFolder {
  /** Relative to the project, with "/"; "" for the project itself. */
  readonly path: string
  /** Photographs, scans and large drawings, but no logos and icons. */
  photographs: number
  pictures: number
  /** Names of photographs and other pictures directly in the folder. */
  readonly own: string[]
  readonly folders: Map<string, PictureFolder>
}

const MOST_LOOKED_AT = 20_000
const PICTURES = `**/*.{jpg,jpeg,jpe,jfif,png,webp,avif,gif,tif,tiff,svg,${LEFT_OUT_ENDINGS.join(',')}}`
const PHOTOGRAPH = /\.(?:jpe?g|jpe|jfif|webp|avif|tiff?)$/i
/** A smaller PNG or GIF is probably a logo or an icon. */
const DRAWN_BYTES = 60_000

/** The end of a key: results of an earlier configuration are no originals. */
const RESULT =
  /(?:^|\/)(?:full|\d+[wh]|\d+x\d+)(?:\.[a-z0-9-]+)*\.[A-Za-z0-9_-]{16}\.(?:avif|webp|jpg|png|gif|svg)$/

/** Folders of others' code. */
const FOREIGN = ['node_modules', 'bower_components', 'vendor', '__pycache__', 'venv', 'site-packages', 'Pods']
const BUILT = ['dist', 'build', '_site', 'target', 'coverage', 'tmp', 'storybook-static']
const TESTS = 'test tests spec __tests__ fixtures __fixtures__ __screenshots__ cypress e2e'.split(' ')

/** Which folders are searched. */
export interface SearchOptions {
  /** Folders that a framework writes; they are skipped. */
  readonly builds: readonly string[]
  /** The folder that the site shows: it is searched even where it is hidden, as `.vuepress/public`. */
  readonly shown?: string
  /** Whether to search what git ignores: uploads are often ignored. */
  readonly withIgnored: boolean
  readonly withTests: boolean
}

/** Counts the pictures of a project by folder; of a hundred thousand, it looks at the first twenty thousand. */
export const findPictures = async (
  root: string,
  project: ProjectFiles,
  { builds, shown = '', withIgnored, withTests }: SearchOptions,
): Promise<{ readonly top: PictureFolder; readonly leftOut: ReadonlyMap<string, number> }> => {
  const leftOut = new Map<string, number>()
  const skipped = [...FOREIGN, ...BUILT, ...(withTests ? [] : TESTS)].map((name) => `**/${name}/**`)
  const ignored = withIgnored ? [] : toGlobs(project.text('.gitignore'))
  const top = newFolder('')
  const files = fastGlob.stream([PICTURES, ...(/(?:^|\/)\./.test(shown) ? [`${shown}/${PICTURES}`] : [])], {
    cwd: root,
    ignore: [...skipped, ...builds.map((path) => `${path}/**`), ...ignored],
    followSymbolicLinks: false,
    caseSensitiveMatch: false,
    suppressErrors: true,
    stats: true,
  })
  let looked = 0
  for await (const found of files) {
    // With `stats` it yields objects, although its types for streams do not say so.
    const { path, stats } = found as unknown as fastGlob.Entry
    if (RESULT.test(path)) continue
    const kind = findLeftOutKind(path)
    if (kind !== undefined) {
      leftOut.set(kind, (leftOut.get(kind) ?? 0) + 1)
      continue
    }
    add(
      top,
      path.split('/'),
      PHOTOGRAPH.test(path) || (!/\.svg$/i.test(path) && (stats?.size ?? 0) >= DRAWN_BYTES),
    )
    if (++looked >= MOST_LOOKED_AT) break
  }
  return { top, leftOut }
}

const newFolder = (path: string): PictureFolder => ({
  path,
  photographs: 0,
  pictures: 0,
  own: [],
  folders: new Map(),
})

const add = (folder: PictureFolder, names: readonly string[], isPhotograph: boolean): void => {
  folder.pictures++
  if (isPhotograph) folder.photographs++
  const [name = '', ...below] = names
  if (below.length === 0) {
    folder.own.push(name)
    return
  }
  const next = folder.folders.get(name) ?? newFolder(join(folder.path, name).replaceAll('\\', '/'))
  folder.folders.set(name, next)
  add(next, below, isPhotograph)
}

/** The pictures in and below a folder, by their paths in it. */
export const listPictures = ({ own, folders }: PictureFolder, path = ''): readonly string[] => [
  ...own.map((name) => path + name),
  ...[...folders].flatMap(([name, folder]) => listPictures(folder, `${path}${name}/`)),
]

/** Lines of .gitignore as globs; lines with "!" are not supported here. */
const toGlobs = (text: string): readonly string[] =>
  text.split(/\r?\n/).flatMap((line) => {
    const name = line.trim().replace(/\/$/, '')
    if (name === '' || /^[#!]/.test(name)) return []
    return name.includes('/') ? [`${name.replace(/^\//, '')}/**`] : [`**/${name}/**`]
  })
