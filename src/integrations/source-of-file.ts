import { relative, sep } from 'node:path'
import type { Config } from '../config/config.ts'
import { parseSourceKey, type SourceKey } from '../core/source-key.ts'

/** The source of a file, given its absolute path; undefined where it lies in no source folder. */
export const sourceOfFile = (file: string, { sources }: Pick<Config, 'sources'>): SourceKey | undefined => {
  for (const { name, place } of sources) {
    if (place.kind !== 'folder') continue
    const way = relative(place.path, file).split(sep).join('/')
    const key = way.startsWith('../')
      ? undefined
      : parseSourceKey(name === undefined ? way : `${name}/${way}`)
    if (key !== undefined) return key
  }
  return undefined
}
