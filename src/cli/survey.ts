import { access } from 'node:fs/promises'
import { join } from 'node:path'
import fastGlob from 'fast-glob'

/** What `init` has found in a project folder. */
export interface Survey {
  /** Relative, with "/"; where nothing was found, the folder that is proposed. */
  readonly source: string
  readonly output: string
  /** The path of `output` on the site. */
  readonly baseUrl: string
  /** In `source`. */
  readonly pictures: number
  /** In the project's folder itself, not below. */
  readonly picturesHere: number
  /** Folders with pictures that were not taken, the fullest first. */
  readonly others: readonly { readonly folder: string; readonly pictures: number }[]
}

/** Where originals usually lie. Of equally full ones the first counts: the nearest to the pictures. */
const USUAL_FOLDERS = [
  'src/assets/images',
  'src/assets/photos',
  'src/assets',
  'src/images',
  'app/assets/images',
  'assets/images',
  'assets/photos',
  'assets',
  'public/images',
  'public/photos',
  'public/uploads',
  'public/assets',
  'static/images',
  'static/photos',
  'static/uploads',
  'photos',
  'images',
  'pictures',
  'img',
  'uploads',
  'media',
  'content',
  'static',
  'public',
] as const

/** Folders that a site serves as they are, so that results in them need nothing else. */
const WEB_ROOTS = ['public', 'static'] as const

const MOST_LOOKED_AT = 20_000

const PICTURES = '*.{jpg,jpeg,png,webp,avif,gif,tif,tiff,svg}'

const GLOB_OPTIONS = {
  ignore: ['**/node_modules/**'],
  followSymbolicLinks: false,
  caseSensitiveMatch: false,
  suppressErrors: true,
}

/** Looks for pictures in the usual folders of `cwd`; a folder of thousands is counted no further. */
export const surveyFolder = async (cwd: string): Promise<Survey> => {
  const counts = await countPictures(cwd)
  const ranked = USUAL_FOLDERS.map((folder) => ({ folder, pictures: counts.get(folder) ?? 0 }))
    .filter(({ pictures }) => pictures > 0)
    .sort((a, b) => b.pictures - a.pictures)
  const [best] = ranked
  const source = best?.folder ?? 'photos'
  return {
    source,
    pictures: best?.pictures ?? 0,
    picturesHere: (await fastGlob(PICTURES, { ...GLOB_OPTIONS, cwd })).length,
    others: ranked.slice(1).filter(({ folder }) => !isNested(folder, source)),
    ...(await proposeOutput(cwd, source)),
  }
}

const isNested = (a: string, b: string): boolean => a.startsWith(`${b}/`) || b.startsWith(`${a}/`)

/** Pictures below each usual folder, those of folders in it included. */
const countPictures = async (cwd: string): Promise<ReadonlyMap<string, number>> => {
  const counts = new Map<string, number>()
  const files = fastGlob.stream(
    USUAL_FOLDERS.map((folder) => `${folder}/**/${PICTURES}`),
    { ...GLOB_OPTIONS, cwd },
  )
  let looked = 0
  for await (const file of files) {
    for (const folder of USUAL_FOLDERS)
      if (String(file).startsWith(`${folder}/`)) counts.set(folder, (counts.get(folder) ?? 0) + 1)
    if (++looked >= MOST_LOOKED_AT) break
  }
  return counts
}

/** A new folder below what the site serves, so that no picture of today gets results for neighbours. */
const proposeOutput = async (cwd: string, source: string): Promise<Pick<Survey, 'output' | 'baseUrl'>> => {
  const roots = await Promise.all(
    WEB_ROOTS.map(async (root) => ((await exists(join(cwd, root))) ? [root] : [])),
  )
  const root = roots.flat()[0] ?? 'public'
  for (const name of ['img', 'sizes', 'imgsizes']) {
    const output = `${root}/${name}`
    const isFree = output !== source && !source.startsWith(`${output}/`) && !(await exists(join(cwd, output)))
    if (isFree) return { output, baseUrl: `/${name}/` }
  }
  return { output: 'imgsizes-output', baseUrl: '/img/' }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
