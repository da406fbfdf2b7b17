import type { PictureFolder } from './find-pictures.ts'

/** A folder of pictures, for people. */
export interface CountedFolder {
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
export const chooseFolder = (
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
