import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Copies, findCopies } from '../core/resized-copy.ts'
import { findPictures, listPictures, type PictureFolder, type SearchOptions } from './init/find-pictures.ts'
import { FRAMEWORKS } from './init/frameworks.ts'
import { openProjectFiles, type ProjectFiles } from './init/project-files.ts'
import type { SiteFolder } from './init/site-folders.ts'

/** What `init` has found in a project folder. */
export interface Survey {
  /** Relative, with "/"; "." for the project itself. Where nothing was found, the proposed folder. */
  readonly source: string
  readonly output: string
  /**
   * The folder of the ledger, chosen so that the site does not publish it; undefined where the output is not
   * published.
   */
  readonly state?: string
  /** The path of `output` on the site. */
  readonly baseUrl: string
  readonly pictures: number
  /** Other folders with pictures, the fullest first. */
  readonly others: readonly CountedFolder[]
  /** Numbers of pictures that cannot be read, by ending. */
  readonly leftOut: ReadonlyMap<string, number>
  readonly exclude?: readonly string[]
  /** Smaller copies among the pictures, which `exclude` leaves out. */
  readonly copies: readonly Copies[]
  readonly site: SiteFolder
  readonly framework?: string
  /** What the user must do so that the site has the results. */
  readonly note?: string | undefined
  /** Whether anybody can ask for everything in the project folder, also for `.env`. */
  readonly isServedWhole: boolean
}

/** Finds the pictures of a project, and how its framework serves static files. */
export const surveyFolder = async (root: string): Promise<Survey> => {
  const project = openProjectFiles(root)
  const framework = FRAMEWORKS.find(({ isUsed }) => isUsed(project))
  const shown = framework?.site(project) ?? guessSite(project)
  const search = { builds: framework?.builds ?? [], shown: shown.folder }
  const { found, leftOut } = await findSource(root, project, { ...search, usual: framework?.originals })
  const source = found === undefined ? 'photos' : found.chosen.path || '.'
  const site = nearestSite(shown, source, project)
  const { isServedWhole = false } = framework ?? {}
  const isRootServed = isServedWhole && (site.folder === '' || !project.has(`${site.folder}/index.html`))
  const note = framework?.note?.(site)
  const { output, baseUrl } = proposeOutput(root, source, site)
  const copies = findCopies(
    found === undefined ? [] : source === '.' ? found.chosen.own : listPictures(found.chosen),
  )
  const exclude = [...(source === '.' ? ['*/**'] : []), ...copies.map((each) => each.exclude)]
  return {
    source,
    output,
    baseUrl,
    pictures: found === undefined ? 0 : source === '.' ? found.chosen.own.length : found.chosen.pictures,
    others: found?.others ?? [],
    leftOut,
    site,
    isServedWhole: isRootServed,
    // If pictures lie beside everything else, only these are taken; the ledger goes into the output, because it must
    // not lie in the source.
    ...(exclude.length > 0 && { exclude }),
    ...(source !== '.' && !isRootServed && { state: '.imgsizes' }),
    copies,
    ...(framework && { framework: framework.name }),
    note,
  }
}

/** The path of an output on the site; undefined where it lies outside of what the site shows. */
export const toSitePath = (output: string, { folder, path }: SiteFolder): string | undefined => {
  const inner = output.replace(/^\.\//, '').replace(/\/$/, '')
  if (folder !== '' && !inner.startsWith(`${folder}/`)) return undefined
  return /^(?:\.\.|\/|[a-z0-9]+:)/i.test(inner)
    ? undefined
    : `${path}${folder === '' ? inner : inner.slice(folder.length + 1)}/`
}

interface Found {
  readonly chosen: PictureFolder
  readonly others: readonly CountedFolder[]
}

/** First only what certainly belongs to the project; then also what git ignores; then what tests use. */
const LAXER: readonly Pick<SearchOptions, 'withIgnored' | 'withTests'>[] = [
  { withIgnored: false, withTests: false },
  { withIgnored: true, withTests: false },
  { withIgnored: true, withTests: true },
]

const findSource = async (
  root: string,
  project: ProjectFiles,
  {
    usual = [],
    ...search
  }: Pick<SearchOptions, 'builds' | 'shown'> & { usual?: readonly string[] | undefined },
): Promise<{ readonly found: Found | undefined; readonly leftOut: ReadonlyMap<string, number> }> => {
  const there = usual.filter((path) => project.has(path))
  if (there.length > 0) {
    const { top, leftOut } = await findPictures(root, project, {
      ...search,
      withIgnored: true,
      withTests: true,
    })
    const chosen = there.map((path) => find(top, path)).find((folder) => (folder?.photographs ?? 0) > 0)
    if (chosen !== undefined) return { found: { chosen, others: [] }, leftOut }
  }
  let fallback: Found | undefined
  let leftOut: ReadonlyMap<string, number> = new Map()
  for (const options of LAXER) {
    const searched = await findPictures(root, project, { ...search, ...options })
    if (leftOut.size === 0) leftOut = searched.leftOut
    const found = chooseFolder(searched.top)
    if (searched.top.photographs > 0) return { found, leftOut }
    fallback ??= found
  }
  return { found: fallback, leftOut }
}

const find = (top: PictureFolder, path: string): PictureFolder | undefined =>
  path.split('/').reduce<PictureFolder | undefined>((folder, name) => folder?.folders.get(name), top)

const guessSite = ({ has }: ProjectFiles): SiteFolder => ({
  folder: !has('public') && has('static') ? 'static' : 'public',
  path: '/',
})

/** Where the usual folder is missing, but the pictures lie in one of its name, it is that one: `docs/public`. */
const nearestSite = (site: SiteFolder, source: string, { has }: ProjectFiles): SiteFolder => {
  const at = `/${source}/`.indexOf(`/${site.folder}/`)
  if (site.folder === '' || at < 0 || has(site.folder)) return site
  return { ...site, folder: source.slice(0, at + site.folder.length) }
}

/**
 * A new folder below what the site serves, so that results are not mixed with existing pictures. It must not have the
 * name of a folder of originals, which may be published under that name: many sites show `src/img` as `/img/cat.jpg`, a
 * file, where the results of that picture would need a folder.
 */
const proposeOutput = (
  root: string,
  source: string,
  { folder, path }: SiteFolder,
): Pick<Survey, 'output' | 'baseUrl'> => {
  const taken = (name: string): boolean => {
    const output = folder === '' ? name : `${folder}/${name}`
    return source.split('/').includes(name) || existsSync(join(root, output))
  }
  const name = ['img', 'sizes', 'imgsizes'].find((each) => !taken(each)) ?? 'imgsizes-output'
  return { output: folder === '' ? name : `${folder}/${name}`, baseUrl: `${path}${name}/` }
}

/** A folder of pictures, for people. */
interface CountedFolder {
  readonly folder: string
  readonly pictures: number
}

/**
 * Names of folders that usually hold pictures. They may have folders for a year or a post; then the outer one is
 * meant.
 */
const USUAL =
  /^(?:images?|imgs?|photos?|photographs|pictures|pics|galler(?:y|ies)|media|uploads?|assets|contents?|posts?|blog|articles|files|static|public|originals|products)$/i

/**
 * The folder with most photographs, or, if there are none, with most pictures; and the other folders with pictures, the
 * fullest first. It goes down from the project into the one folder that holds all of them, or more than half of those
 * that are not together in a folder with a usual name.
 */
const chooseFolder = (
  top: PictureFolder,
): { readonly chosen: PictureFolder; readonly others: readonly CountedFolder[] } | undefined => {
  const countOf: Count = top.photographs > 0 ? ({ photographs }) => photographs : ({ pictures }) => pictures
  if (countOf(top) === 0) return undefined
  const { chosen, aside } = descend(top, countOf)
  const others = aside
    .map((folder) => descend(folder, countOf).chosen)
    .map((folder) => ({ folder: folder.path, pictures: folder.pictures }))
    .sort((a, b) => b.pictures - a.pictures)
  return { chosen, others }
}

type Count = (folder: PictureFolder) => number

const descend = (
  top: PictureFolder,
  countOf: Count,
): { readonly chosen: PictureFolder; readonly aside: readonly PictureFolder[] } => {
  const way: PictureFolder[] = [top]
  const aside: PictureFolder[] = []
  for (let here = top; ; ) {
    const filled = [...here.folders.values()].filter((folder) => countOf(folder) > 0)
    const [best, ...rest] = filled.sort((a, b) => countOf(b) - countOf(a))
    if (best === undefined) break
    const holdsAll = countOf(best) === countOf(here)
    const isGone = !isUsual(here) && countOf(best) * 2 > countOf(here)
    if (!holdsAll && !isGone && here.path !== '') break
    // Pictures beside the folders of a project belong to it if they outnumber those of each folder.
    if (here.path === '' && countOf(best) < countOwn(here, filled, countOf)) break
    aside.push(...rest)
    way.push(best)
    here = best
  }
  const last = way.at(-1) ?? top
  return { chosen: way.findLast((folder, index) => index > 0 && isUsual(folder)) ?? last, aside }
}

const countOwn = (here: PictureFolder, filled: readonly PictureFolder[], countOf: Count): number =>
  countOf(here) - filled.reduce((sum, folder) => sum + countOf(folder), 0)

const isUsual = ({ path }: PictureFolder): boolean => USUAL.test(path.slice(path.lastIndexOf('/') + 1))
