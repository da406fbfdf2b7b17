import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { folderOf } from '../config/describe-place.ts'

/** Source folders that do not exist. What is stored is served all the same, but most often this is a mistake. */
export const listMissingFolders = ({ sources }: Pick<Config, 'sources'>): readonly string[] =>
  sources.flatMap(({ place }) => folderOf(place) ?? []).filter((folder) => !existsSync(folder))
