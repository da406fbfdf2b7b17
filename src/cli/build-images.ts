import { extname, resolve } from 'node:path'
import type { Options } from 'yargs'
import { type ImageWriter, openImageWriter } from '../app/images.ts'
import type { Project } from '../wire/project.ts'
import { openTextFile } from '../wire/text-file.ts'
import { SWITCH, VALUE } from './common-flags.ts'
import type { Flags } from './flags.ts'
import type { Scope } from './scope.ts'
import { UsageError } from './usage-error.ts'

/** Where `build` writes what pages need. */
export interface ImagesFlags {
  readonly imagesFile: string | undefined
  readonly typesFile: string | undefined
  readonly isSplit: boolean
}

const GROUP = 'For pages:'

export const IMAGES_OPTIONS: Readonly<Record<string, Options>> = {
  images: {
    ...VALUE,
    group: GROUP,
    describe: 'Write images.json: sizes, placeholders and signatures of every source',
  },
  split: { ...SWITCH, group: GROUP, describe: 'One images.json per top folder: images.<folder>.json' },
  types: { ...VALUE, group: GROUP, describe: 'Write images.d.ts: the names of sources and sizes' },
}

export const readImagesFlags = (flags: Flags): ImagesFlags => {
  const given = {
    imagesFile: flags.text('images'),
    typesFile: flags.text('types'),
    isSplit: flags.isSet('split'),
  }
  if (given.isSplit && given.imagesFile === undefined) throw new UsageError('--split is for --images')
  return given
}

/** Files that list every source are not written by a run that sees only some; a shard writes its share. */
export const checkImagesScope = (
  { imagesFile, typesFile }: ImagesFlags,
  { selection }: Scope,
  hasOnly: boolean,
): void => {
  const flag = imagesFile !== undefined ? '--images' : typesFile !== undefined ? '--types' : undefined
  if (flag === undefined || (!hasOnly && selection.keys === undefined)) return
  throw new UsageError(`${flag} lists every source: it does not go with --only, --sources-from or --plan`)
}

/** Undefined where nothing is to be written. */
export const openBuildImages = async (
  { imagesFile, typesFile, isSplit }: ImagesFlags,
  { config, keyring }: Project,
  { cwd, newId }: { readonly cwd: string; readonly newId: () => string },
): Promise<ImageWriter | undefined> => {
  if (imagesFile === undefined && typesFile === undefined) return undefined
  return openImageWriter({
    config,
    keyring,
    isSplit,
    files: {
      ...(imagesFile !== undefined && {
        openImages: (folder) => openTextFile(nameOfPart(resolve(cwd, imagesFile), folder), newId()),
      }),
      ...(typesFile !== undefined && { openTypes: () => openTextFile(resolve(cwd, typesFile), newId()) }),
    },
  })
}

/** `images.json` for sources in no folder, `images.blog.json` for those in `blog`. */
const nameOfPart = (file: string, folder: string): string => {
  const ending = extname(file)
  return folder === '' ? file : `${file.slice(0, file.length - ending.length)}.${folder}${ending}`
}
