import { extname, resolve } from 'node:path'
import type { Options } from 'yargs'
import { type FactsListener, openImageWriter, type TextSink } from '../app/site/images.ts'
import type { Project } from '../wire/project.ts'
import { openTextFile } from '../wire/text-file.ts'
import { formatWritten } from './build-files.ts'
import { switchFlag, valueFlag } from './common-flags.ts'
import { type Flags, UsageError } from './flags.ts'
import { formatCount } from './format-numbers.ts'
import { readFileFlag } from './line-file.ts'
import type { Scope } from './scope.ts'

/** Where `build` writes what pages need. */
export interface ImagesFlags {
  readonly imagesFile: string | undefined
  readonly typesFile: string | undefined
  readonly isSplit: boolean
}

const GROUP = 'For pages:'

/** The flags about files for pages. */
export const IMAGES_OPTIONS: Readonly<Record<string, Options>> = {
  images: valueFlag(
    GROUP,
    'File, such as images.json, for sizes, placeholders and signatures of every source',
  ),
  split: switchFlag(GROUP, 'One images.json per top folder: images.<folder>.json'),
  types: valueFlag(
    GROUP,
    'File, such as images.d.ts, for names of sources and sizes, and imports of the Vite plugin',
  ),
}

/** Reads these flags. */
export const readImagesFlags = (flags: Flags): ImagesFlags => {
  const given = {
    imagesFile: readFileFlag(flags, 'images'),
    typesFile: readFileFlag(flags, 'types'),
    isSplit: flags.isSet('split'),
  }
  if (given.isSplit && given.imagesFile === undefined) throw new UsageError('--split is for --images')
  return given
}

/** Files that list every source cannot be written by a run that sees only some; but a shard writes its share. */
export const checkImagesScope = (
  { imagesFile, typesFile }: ImagesFlags,
  { selection }: Scope,
  hasOnly: boolean,
): void => {
  const flag = imagesFile !== undefined ? '--images' : typesFile !== undefined ? '--types' : undefined
  if (flag === undefined || (!hasOnly && selection.keys === undefined)) return
  throw new UsageError(`${flag} lists every source: it does not go with --only, --sources-from or --plan`)
}

/** images.json and images.d.ts while they are written. */
interface BuildImages extends FactsListener {
  /** Ends well: the files are put into place. Returns a line about each file. */
  finish(): Promise<readonly string[]>
  /** Ends without writing; does nothing after {@link finish}. */
  discard(): Promise<void>
}

/** Undefined where no file is asked for. */
export const openBuildImages = async (
  { imagesFile, typesFile, isSplit }: ImagesFlags,
  { config, keyring }: Project,
  { cwd, newId }: { readonly cwd: string; readonly newId: () => string },
): Promise<BuildImages | undefined> => {
  if (imagesFile === undefined && typesFile === undefined) return undefined
  const sizes = new Map<string, number>()
  const unchanged = new Set<string>()
  const open = async (name: string): Promise<TextSink> => {
    const sink = await openTextFile(resolve(cwd, name), newId())
    return {
      ...sink,
      write: (text) => {
        sizes.set(name, (sizes.get(name) ?? 0) + Buffer.byteLength(text))
        return sink.write(text)
      },
      commit: async () => {
        const isNew = await sink.commit()
        if (!isNew) unchanged.add(name)
        return isNew
      },
    }
  }
  const writer = await openImageWriter({
    config,
    keyring,
    isSplit,
    files: {
      ...(imagesFile !== undefined && { openImages: (folder) => open(nameOfPart(imagesFile, folder)) }),
      ...(typesFile !== undefined && { openTypes: () => open(typesFile) }),
    },
  })
  let pictures = 0
  return {
    ...writer,
    settle: (source, facts) => {
      if (facts !== undefined) pictures++
      writer.settle(source, facts)
    },
    finish: async () => {
      await writer.finish()
      return sayFiles(sizes, unchanged, { pictures, typesFile })
    },
  }
}

/** One line for all parts of a split images.json: together they hold every picture. */
const sayFiles = (
  sizes: ReadonlyMap<string, number>,
  unchanged: ReadonlySet<string>,
  { pictures, typesFile }: { readonly pictures: number; readonly typesFile: string | undefined },
): readonly string[] => {
  const parts = [...sizes].filter(([name]) => name !== typesFile && !unchanged.has(name))
  const same = unchanged.size === 0 ? [] : [`as it was: ${[...unchanged].join(', ')}`]
  const [first] = parts
  const more = parts.length > 1 ? ` and ${formatCount(parts.length - 1, 'more file')}` : ''
  const bytes = parts.reduce((sum, [, size]) => sum + size, 0)
  const content = formatCount(pictures, 'picture')
  const types = typesFile === undefined || unchanged.has(typesFile) ? undefined : sizes.get(typesFile)
  return [
    ...same,
    ...(first === undefined ? [] : [formatWritten(`${first[0]}${more}`, content, bytes)]),
    ...(typesFile === undefined || types === undefined ? [] : [formatWritten(typesFile, content, types)]),
  ]
}

/** `images.json` for sources in no folder, `images.blog.json` for those in `blog`. */
const nameOfPart = (file: string, folder: string): string => {
  const ending = extname(file)
  return folder === '' ? file : `${file.slice(0, file.length - ending.length)}.${folder}${ending}`
}
