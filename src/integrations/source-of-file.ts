import { relative, sep } from 'node:path'
import { type Config, folderOf, keyPrefixOf } from '../config/config.ts'
import { parseSourceKey, type SourceKey } from '../core/source-key.ts'

/** The source of a file, given its absolute path; undefined where it lies in no source folder. */
export const sourceOfFile = (file: string, { sources }: Pick<Config, 'sources'>): SourceKey | undefined => {
  for (const source of sources) {
    const folder = folderOf(source.place)
    const way = folder === undefined ? '../' : relative(folder, file).split(sep).join('/')
    const key = way.startsWith('../') ? undefined : parseSourceKey(keyPrefixOf(source) + way)
    if (key !== undefined) return key
  }
  return undefined
}
